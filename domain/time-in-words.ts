/** A time as texts for people say it, in the reader's zone with the zone named. */
import type { LocalTime } from './wall-clock';

const WORDS = new Intl.DateTimeFormat('en-US', {
  weekday: 'short',
  month: 'short',
  day: 'numeric',
  year: 'numeric',
  // Only the words are the runtime's. It is given the wall time as if that were UTC, because its zone data may be older than ours.
  hour: 'numeric',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** "Tue, Nov 24, 2026, 10:00 AM MST" */
export function timeInWords(local: LocalTime): string {
  const wall = Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute);
  return `${WORDS.format(wall)} ${local.abbreviation}`;
}
