/**
 * Business time inside activities: the engine's, so that it follows skipped time in tests and rehearsals.
 * Invariant: no activity reads `Date.now()` or SQL `now()` for anything that a rule depends on.
 */
import { Context } from '@temporalio/activity';

const startedAt = new WeakMap<Context, number>();

/** When this attempt was scheduled by the engine plus how long it has run, epoch ms. */
export function engineNow(): number {
  const context = Context.current();
  const started = startedAt.get(context) ?? performance.now();
  startedAt.set(context, started);
  return Math.round(context.info.currentAttemptScheduledTimestampMs + (performance.now() - started));
}
