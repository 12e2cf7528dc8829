/**
 * What a measurement gets: where it may write, how long it runs, and where it hands over what has to be stopped.
 */
export interface BenchContext {
  /** An empty folder of its own. */
  readonly dataDir: string;
  readonly rounds: number;
  /** P4 only: new bookings a second. */
  readonly perSecond: number;
  /** P9 only: how many there are in the larger database. */
  readonly bookings: number;
  readonly say: (line: string) => void;
  /** Called in the opposite order at the end, whatever happened. */
  readonly closing: (() => Promise<void>)[];
}
