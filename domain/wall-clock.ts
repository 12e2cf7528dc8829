/**
 * Wall-clock arithmetic as rules need it. `config/zones.ts` provides it, with zone data that comes with the application.
 * Invariant: rules never do zone arithmetic themselves, and workflow code never sees this: it gets instants.
 */
export interface WallClock {
  /**
   * The instant whose wall time in `zone` is that of `atMs`, `days` calendar days later (negative: earlier).
   * A wall time that a zone skips is moved later by the length of the gap; one that comes twice means the first.
   * An unknown zone counts as UTC.
   */
  plusDays(atMs: number, zone: string, days: number): number;
}

/** What calendar and clock show at an instant in a zone. */
export interface LocalTime {
  /** The zone that this is about: the one asked for, or `UTC` in place of an unknown one. */
  readonly zone: string;
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Wall time minus UTC, ms: negative west of Greenwich. */
  readonly offsetMs: number;
  /** How people there call it: "MST", "CEST", or "GMT+5:45" where they have no letters for it. */
  readonly abbreviation: string;
}

/** What texts for people need on top: times as the reader's clock shows them. */
export interface LocalClock {
  /** An unknown zone counts as UTC. */
  localTime(atMs: number, zone: string): LocalTime;
}

/** The calendar's date there: 'YYYY-MM-DD'. */
export function localDate(clock: LocalClock, atMs: number, zone: string): string {
  const { year, month, day } = clock.localTime(atMs, zone);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** Instants by what clocks there show. */
export interface WallTimes {
  /** The instant of a wall time, given as if it were UTC. One that is skipped moves later by the gap, of one that comes twice the first counts. */
  instantAtWall(wallMs: number, zone: string): number;
}
