/**
 * Probing a CRM connection that is down, and waking what waits for it.
 * Invariant: one prober per connection (its workflow calls these), and a wake-up never loses a booking that parks meanwhile.
 */
import { Context } from '@temporalio/activity';
import { listParked, saveHealth } from '../db/crm-ledger';
import { CrmError } from '../integrations/ports';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';

export type ProbeResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export function createProbeConnection(deps: ActivityDeps) {
  return async function probeConnection(input: { connection: string }): Promise<ProbeResult> {
    const { connection } = input;
    try {
      const signal = AbortSignal.timeout(10_000);
      await deps.crm(connection).probe({ operationKey: `${connection}/probe`, signal });
    } catch (error) {
      // Anything but a classified failure is ours: it is thrown and retried by the engine.
      if (!(error instanceof CrmError)) throw error;
      await saveHealth(deps.pool, { connection, state: 'down', reason: error.errorClass, nowMs: engineNow() });
      return { ok: false, reason: error.errorClass };
    }
    await saveHealth(deps.pool, { connection, state: 'up', reason: null, nowMs: engineNow() });
    return { ok: true };
  };
}

const PAGE = 100;

/** Wakes every parked booking. A booking that parks after its page was read has sent its own `parked` signal. Returns how many. */
export function createWakeParked(deps: ActivityDeps) {
  return async function wakeParked(input: { connection: string }): Promise<number> {
    const { connection } = input;
    let woken = 0;
    for (let after = ''; ;) {
      const page = await listParked(deps.pool, connection, after, PAGE);
      for (const bookingId of page) await deps.signals.wake({ bookingId, reason: 'crm_back', connection });
      woken += page.length;
      Context.current().heartbeat(woken);
      if (page.length < PAGE) break;
      after = page.at(-1)!;
    }
    deps.log.info({ connection, woken }, 'connection is back, parked bookings woken');
    return woken;
  };
}
