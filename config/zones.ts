/**
 * Zone arithmetic for the whole application.
 */
import { DateTime } from 'luxon';
import type { WallClock } from '../domain/wall-clock';

export const wallClock: WallClock = {
  plusDays: (atMs, zone, days) => {
    const at = DateTime.fromMillis(atMs, { zone });
    return (at.isValid ? at : DateTime.fromMillis(atMs, { zone: 'UTC' })).plus({ days }).toMillis();
  },
};
