/**
 * The lane that tells the source what was decided here: one write at a time, again later while the source does not answer.
 * Invariant: it runs only when `record` says that something is left to tell, and it waits on a timer of its own, never on the loop.
 */
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { OpenTask } from '../activities/open-task';
import type { Recorded } from '../activities/record';
import type { SourceWriteAsked } from '../activities/source-asked';
import type { WriteSourceResult } from '../activities/write-source';
import { minuteOf } from '../domain/words';
import { SOURCE_ATTEMPTS, writeSource } from './activity-options';

/** Between two rounds of attempts; doubled up to an hour. A new decision does not wait for it. */
const FIRST_WAIT_MS = 5 * 60_000;
const LONGEST_WAIT_MS = 60 * 60_000;

type SourceWord = 'telling' | 'waiting' | 'told' | 'refused';

export class SourceLane {
  /** What a reader sees; null: nothing that was decided here has to be told. */
  word: SourceWord | null = null;
  private asked: SourceWriteAsked | null = null;
  /** The cause that needs no more work, whatever a record that began before says. */
  private handledCause: string | null = null;
  private running: Promise<void> | null = null;
  private waitMs = FIRST_WAIT_MS;
  private readonly scope = new CancellationScope();

  constructor(
    private readonly bookingId: string,
    private readonly on: {
      taskOpened: (task: OpenTask) => void;
      /** Nothing is asked about the source any more; the rows are withdrawn already. */
      nothingAsked: () => void;
      settled: () => void;
    },
  ) {}

  /** Takes over what was recorded, and starts when there is something left to tell. */
  update({ sourceWrite }: Recorded): void {
    const asked = sourceWrite ?? null;
    if (asked?.cause !== this.asked?.cause) this.waitMs = FIRST_WAIT_MS;
    this.asked = asked;
    if (asked === null) this.word = null;
    else if (asked.state !== 'open') this.word = asked.state;
    if (this.isOpen() && this.running === null) this.start();
  }

  /** Something is left to tell, now or later. */
  get unfinished(): boolean {
    return this.running !== null;
  }

  /** Cancels what runs and waits until no attempt is left: two runs must never write at once. */
  async stop(): Promise<void> {
    this.scope.cancel();
    await CancellationScope.nonCancellable(() => this.running ?? Promise.resolve());
  }

  private isOpen(): boolean {
    return this.asked?.state === 'open' && this.asked.cause !== this.handledCause;
  }

  private start(): void {
    this.running = this.scope
      .run(() => this.run())
      .catch((error: unknown) => {
        // A canceled attempt may end as timed out, when its worker was killed. The next run finds in the database what is left.
        if (!this.scope.consideredCancelled) throw error;
      })
      .finally(() => {
        this.running = null;
        // Recorded while the last round was ending.
        if (this.isOpen() && !this.scope.consideredCancelled) this.start();
        this.on.settled();
      });
  }

  private async run(): Promise<void> {
    for (let asked = this.asked; asked !== null && this.isOpen(); asked = this.asked) {
      this.word = 'telling';
      const untilMs = this.take(asked.cause, await this.tell(asked));
      if (untilMs === null) continue;
      this.word = 'waiting';
      this.on.settled();
      await this.rest(asked.cause, untilMs);
    }
  }

  private async tell({ notBeforeMs }: SourceWriteAsked): Promise<WriteSourceResult> {
    if (notBeforeMs !== null && notBeforeMs > Date.now()) return { kind: 'too_early', untilMs: notBeforeMs };
    try {
      return await writeSource.executeWithOptions({ summary: 'Tell the source what was decided here' }, [
        { bookingId: this.bookingId, maximumAttempts: SOURCE_ATTEMPTS },
      ]);
    } catch (error) {
      if (isCancellation(error) || this.scope.consideredCancelled) throw error;
      // The last attempt could not even say that it waits: its worker was killed, or the database is away.
      return { kind: 'waiting', reason: 'unavailable', retryAfterMs: null };
    }
  }

  /** Returns until when to wait before the next round, or null. */
  private take(cause: string, result: WriteSourceResult): number | null {
    if (result.kind === 'too_early') return result.untilMs;
    if (result.kind === 'waiting') {
      const waitMs = Math.max(this.waitMs, result.retryAfterMs ?? 0);
      this.waitMs = Math.min(2 * this.waitMs, LONGEST_WAIT_MS);
      return Date.now() + waitMs;
    }
    this.handledCause = cause;
    if (this.asked !== null) this.word = result.kind;
    if (result.kind === 'refused') this.on.taskOpened(result.task);
    else this.on.nothingAsked();
    return null;
  }

  private async rest(cause: string, untilMs: number): Promise<void> {
    const isOther = (): boolean => !this.isOpen() || this.asked?.cause !== cause;
    const summary = `Tell the source again, ${minuteOf(untilMs)}`;
    await condition(isOther, Math.max(1, untilMs - Date.now()), { summary });
  }
}
