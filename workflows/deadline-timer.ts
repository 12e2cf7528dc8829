/**
 * The one timer of a booking. Invariant: at most one is pending, and it is replaced only when the instant changes.
 */
import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

export class DeadlineTimer {
  private armedForMs: number | null = null;
  private scope: CancellationScope | null = null;
  /** The instant passed since the last `arm`. */
  fired = false;

  /** `null` disarms. `summary` is what the Web UI shows on the timer. */
  arm(deadline: { readonly atMs: number; readonly summary: string } | null): void {
    if (deadline?.atMs === this.armedForMs) return;
    this.scope?.cancel();
    this.scope = null;
    this.armedForMs = deadline?.atMs ?? null;
    this.fired = false;
    if (deadline === null) return;
    const scope = new CancellationScope();
    this.scope = scope;
    scope
      .run(() => sleep(Math.max(1, deadline.atMs - Date.now()), { summary: deadline.summary }))
      .then(() => {
        this.fired = true;
        this.armedForMs = null;
      })
      .catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      });
  }
}
