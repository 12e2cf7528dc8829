/**
 * What becomes of a webhook on its way: lost, doubled, held back.
 * Invariant: every webhook draws the same number of chances, so one setting does not shift the fates of another.
 */
import type { Chances } from './random';
import type { CalcomSettings } from './settings';

export interface Fate {
  readonly isLost: boolean;
  /** Sent so often: 1 or 2. */
  readonly copies: number;
  /** Held back until so many later ones are out; 0: not at all. */
  readonly behind: number;
}

const MOST_BEHIND = 3;

export function drawFate(chances: Chances, settings: CalcomSettings): Fate {
  const [loss, duplicate, reorder, distance] = [chances.next(), chances.next(), chances.next(), chances.next()];
  return {
    isLost: loss < settings.loss,
    copies: duplicate < settings.duplicate ? 2 : 1,
    behind: reorder < settings.reorder ? 1 + Math.floor(distance * MOST_BEHIND) : 0,
  };
}
