/**
 * Appointments that people made in a CRM and of which no webhook told: found by the night's comparison, then on the way of the webhook.
 * Invariant: it only tells. Whether one is booked is judged where it always is; what the ledger or an earlier look knows is left alone.
 */
import { hearAppointments } from '../db/crm-appointments';
import { bookingsOfRecords, recordKey } from '../db/crm-changes';
import { CALL_DEADLINE_MS } from './crm-context';
import type { ActivityDeps } from './deps';

/** Clocks differ, and what was made just before the last comparison may not have been in the CRM's search yet. */
const OVERLAP_MS = 3_600_000;

/** Returns how many nobody knew. Nothing is looked for before the first comparison: what was made before is nobody's request. */
export async function hearLost(
  deps: ActivityDeps,
  of: { readonly connection: string; readonly lastMs: number | null; readonly nowMs: number },
): Promise<number> {
  const { connection, lastMs, nowMs } = of;
  const settings = deps.settings.connections[connection]?.bookFromCrm ?? null;
  if (settings === null || lastMs === null) return 0;
  const span = {
    madeSinceMs: lastMs - OVERLAP_MS,
    beginsAfterMs: nowMs,
    calendarIds: Object.keys(settings.byCalendar),
  };
  let heard = 0;
  for (let cursor: string | null = null; ;) {
    const call = {
      operationKey: `${connection}/hear-lost/${cursor ?? 'first'}`,
      signal: AbortSignal.timeout((1 + span.calendarIds.length) * CALL_DEADLINE_MS),
    };
    const page = await deps.crm(connection).listNewAppointments({ ...span, cursor }, call);
    const records = page.ids.map((crmId) => ({ type: 'appointment', crmId }) as const);
    const known = await bookingsOfRecords(deps.pool, connection, records);
    const strangers = records.filter((record) => !known.has(recordKey(record))).map(({ crmId }) => crmId);
    const lost = await hearAppointments(deps.pool, { connection, crmIds: strangers, nowMs });
    for (const crmId of lost) await deps.signals.crmAppointment({ connection, crmId });
    heard += lost.length;
    if (page.next === null) return heard;
    cursor = page.next;
  }
}
