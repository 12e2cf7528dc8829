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
