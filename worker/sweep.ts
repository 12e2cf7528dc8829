/**
 * The sweep: every open booking, and every appointment of a CRM that is to be booked, has a running workflow, even after the whole
 * Temporal database was lost; a CRM that is up has no booking that waits for it; and a new release of the zone data moves what was
 * planned by the old one.
 * Invariant: it only wakes. A booking that is woken for nothing records the same picture again and goes on waiting.
 */
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import type { Log } from '../activities/deps';
import { listOpenBookings } from '../db/bookings';
import { forgottenAppointments } from '../db/crm-appointments';
import { connectionsLeftParked } from '../db/crm-ledger';
import { acquireLease, releaseLease } from '../db/leases';
import { isNewZoneData, saveZoneData } from '../db/zone-data';
import { bookingWorkflowId } from '../workflows/contract';
import type { BookingSignals } from './workflow-signals';

export interface SweepDeps {
  readonly pool: Pool;
  readonly client: Client;
  readonly signals: BookingSignals;
  readonly crmConnections: readonly string[];
  /** The release that comes with the application. */
  readonly zoneData: string;
  readonly log: Log;
  readonly holder: string;
}

const PAGE = 500;
/** Renewed at every page, so a sweeper that was killed holds up the next one for a minute at most. */
const LEASE_MS = 60_000;
const EVERY_MS = 10 * 60_000;
const WHILE_ANOTHER_SWEEPS_MS = 15_000;
const AFTER_TROUBLE_MS = 5_000;
const FORGOTTEN_AFTER_MS = 30 * 60_000;

/** Sweeps at once, then every ten minutes; one process at a time. */
export function startSweep(deps: SweepDeps): { stop(): void } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const turn = async (): Promise<void> => {
    let nextMs = EVERY_MS;
    try {
      if ((await sweep(deps)) === null) nextMs = WHILE_ANOTHER_SWEEPS_MS;
    } catch (error) {
      nextMs = AFTER_TROUBLE_MS;
      deps.log.warn({ error: error instanceof Error ? error.name : 'unknown' }, 'sweep waits and tries again');
    }
    if (!stopped) timer = setTimeout(() => void turn(), nextMs);
  };
  void turn();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Returns how many bookings were woken; null when another process is sweeping. */
export async function sweep(deps: SweepDeps): Promise<number | null> {
  const request = { name: 'sweep', holder: deps.holder, ttlMs: LEASE_MS };
  const lease = await acquireLease(deps.pool, request);
  if (!lease) return null;
  try {
    await Promise.all(deps.crmConnections.map((connection) => deps.signals.ensureConnection(connection)));
    const sinceMs = Date.now() - FORGOTTEN_AFTER_MS;
    for (const one of await forgottenAppointments(deps.pool, { sinceMs, limit: PAGE }))
      await deps.signals.crmAppointment(one);
    for (const connection of await connectionsLeftParked(deps.pool, sinceMs))
      await deps.signals.probeNow({ connection, role: 'crm' });
    const isNewZone = await isNewZoneData(deps.pool, deps.zoneData);
    const running = isNewZone ? new Set<string>() : await runningBookings(deps.client);
    let woken = 0;
    for (let after = ''; ;) {
      const page = await listOpenBookings(deps.pool, after, PAGE);
      const missing = page.filter((id) => !running.has(bookingWorkflowId(id)));
      for (const bookingId of missing)
        await deps.signals.wake({ bookingId, reason: isNewZone ? 'zone_data' : 'sweep' });
      woken += missing.length;
      if (page.length < PAGE) break;
      after = page.at(-1)!;
      await acquireLease(deps.pool, request);
    }
    if (isNewZone) await saveZoneData(deps.pool, deps.zoneData);
    const why = isNewZone
      ? 'open bookings are planned by new zone data'
      : 'bookings without a running workflow were woken';
    if (woken > 0) deps.log.info({ woken, zoneData: deps.zoneData }, why);
    return woken;
  } finally {
    await releaseLease(deps.pool, { ...request, fence: lease.fence });
  }
}

async function runningBookings(client: Client): Promise<Set<string>> {
  const ids = new Set<string>();
  const query = `WorkflowType = 'booking' AND ExecutionStatus = 'Running'`;
  for await (const execution of client.workflow.list({ query, pageSize: 1000 })) ids.add(execution.workflowId);
  return ids;
}
