/**
 * Probing a connection that is down, and waking what waits for it.
 * Invariant: one prober per connection (its workflow calls these), and a wake-up never loses a booking that parks meanwhile.
 */
import { Context } from '@temporalio/activity';
import { readHealth, saveHealth, type ConnectionHealth } from '../db/connection-health';
import { listParked, oneParkedFor } from '../db/crm-ledger';
import { CrmError, SourceError } from '../integrations/ports';
import { connectionDown, connectionUp, personAsked, restOf, roleOf } from './connection-trouble';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import type { OpenTask } from './open-task';

export interface ProbeInput {
  readonly connection: string;
  /** A person asks: also before the instant until which the connection is left alone. */
  readonly atOnce?: boolean;
}

export type ProbeResult =
  /** `withdrawn`: workflows of the tasks that it has answered. */
  | { readonly ok: true; readonly withdrawn?: readonly string[] }
  /** `task`: what a person is asked. `untilMs`: nothing is sent before. */
  | { readonly ok: false; readonly reason: string; readonly task?: OpenTask; readonly untilMs?: number };

const TIME_LIMIT_MS = 10_000;
const A_MINUTE_MS = 60_000;

export function createProbeConnection(deps: ActivityDeps) {
  return async function probeConnection({ connection, atOnce = false }: ProbeInput): Promise<ProbeResult> {
    const health = await readHealth(deps.pool, connection);
    const { untilMs, reason } = health;
    if (!atOnce && untilMs !== null && untilMs > engineNow()) {
      return { ok: false, reason: reason ?? 'unavailable', untilMs };
    }
    const trouble = await troubleOf(deps, connection);
    if (trouble === null) return answered(deps, connection, health);
    const task = await connectionDown(deps, { connection, ...trouble });
    const { reason: why, untilMs: restUntil } = trouble;
    return { ok: false, reason: why, ...(task && { task }), ...(restUntil !== null && { untilMs: restUntil }) };
  };
}

interface Trouble {
  /** The class of the failure. */
  readonly reason: string;
  readonly untilMs: number | null;
}

/** Null: it answers. Anything but a classified failure is ours: it is thrown and retried by the engine. */
async function troubleOf(deps: ActivityDeps, connection: string): Promise<Trouble | null> {
  try {
    if (roleOf(deps.settings, connection) === 'source') await askSource(deps, connection);
    else {
      const signal = AbortSignal.timeout(TIME_LIMIT_MS);
      await deps.crm(connection).probe({ operationKey: `${connection}/probe`, signal });
    }
    return null;
  } catch (error) {
    if (error instanceof SourceError) return { reason: error.errorClass, untilMs: null };
    if (!(error instanceof CrmError)) throw error;
    const reason = error.daily === null ? error.errorClass : 'daily_limit';
    return { reason, untilMs: restOf(deps, connection, error) };
  }
}

/** A read of so little that it costs nothing: it proves that the credentials are accepted. */
async function askSource(deps: ActivityDeps, connection: string): Promise<void> {
  const toMs = engineNow();
  await deps.sourceApi(connection)?.listChanged({ fromMs: toMs - A_MINUTE_MS, toMs });
}

/**
 * A probe needs hardly any right, so an answer does not prove that a missing one was granted: one of the bookings that missed it
 * goes first. Its failure is noted as any other, and the next probe that finds the connection up has its success.
 */
async function answered(deps: ActivityDeps, connection: string, health: ConnectionHealth): Promise<ProbeResult> {
  const reason = 'scope_missing';
  const missedIt =
    health.state === 'down' && health.reason === reason ? await oneParkedFor(deps.pool, connection, reason) : null;
  if (missedIt === null) return { ok: true, withdrawn: await connectionUp(deps, connection) };
  const task = await personAsked(deps, { connection, reason });
  await saveHealth(deps.pool, { connection, state: 'up', reason: null, untilMs: null, nowMs: engineNow() });
  await deps.signals.wake({ bookingId: missedIt, reason: 'crm_back', connection });
  return { ok: false, reason, task };
}

const PAGE = 100;
/** About what it takes to write one booking anew. */
const CALLS_PER_BOOKING = 7;
/** Well below the time after which an attempt without a heartbeat counts as lost. */
const LONGEST_PAUSE_MS = 30_000;

interface Progress {
  readonly woken: number;
  readonly after: string;
}

/**
 * Wakes every parked booking, no more of them a second than may be written; an attempt after a lost one goes on where that was.
 * Stops when the connection is down again: who parks then has sent a `parked` signal, and so is followed by another probe.
 * Returns how many were woken.
 */
export function createWakeParked(deps: ActivityDeps) {
  return async function wakeParked({ connection }: { connection: string }): Promise<number> {
    const activity = Context.current();
    const { requestsPerSecond } = deps.settings.connections[connection] ?? {};
    const pauseMs =
      requestsPerSecond === undefined ? 0 : Math.min((1_000 * CALLS_PER_BOOKING) / requestsPerSecond, LONGEST_PAUSE_MS);
    const before = activity.info.heartbeatDetails as Progress | undefined;
    let { woken, after } = before ?? { woken: 0, after: '' };
    for (;;) {
      const page = await listParked(deps.pool, connection, after, PAGE);
      for (const bookingId of page) {
        if (woken > 0) await activity.sleep(pauseMs);
        const { state } = await readHealth(deps.pool, connection);
        if (state === 'down') {
          deps.log.info({ connection, woken }, 'connection is down again, the others go on waiting');
          return woken;
        }
        await deps.signals.wake({ bookingId, reason: 'crm_back', connection });
        [woken, after] = [woken + 1, bookingId];
        activity.heartbeat({ woken, after } satisfies Progress);
      }
      if (page.length < PAGE) break;
    }
    deps.log.info({ connection, woken }, 'connection is back, parked bookings woken');
    return woken;
  };
}
