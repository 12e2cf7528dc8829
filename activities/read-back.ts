/**
 * readBack: compares the appointments of all open and recent bookings with a CRM, and looks for new ones, for webhooks that were lost.
 * Invariant: it only tells. What differs from the ledger is looked at by the booking's own lane, like a webhook: an echo changes nothing there.
 */
import { listLedgerAppointments, readBackAtMs, saveReadBack, type NightPosition } from '../db/crm-night';
import { isSameSlot, isSameStatus, type AppointmentState } from '../domain/field-owners';
import { CrmError, type AppointmentSnapshot, type CrmErrorClass } from '../integrations/ports';
import { CALL_DEADLINE_MS } from './crm-context';
import { writtenState } from './crm-read-back';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { hearLost } from './hear-lost';
import { heartbeating } from './heartbeating';
import { retryLater } from './sync-outcome';

export type ReadBackResult =
  /** `heard`: appointments that people made there, of which nobody had told; absent: none. */
  | { readonly kind: 'compared'; readonly looked: number; readonly told: number; readonly heard?: number }
  /** A worker has just started; the last comparison is not a night old. */
  | { readonly kind: 'recent' }
  | { readonly kind: 'not_mapped' }
  /** It refuses our credentials: the connection's own trouble, which its task tells. */
  | { readonly kind: 'refused'; readonly reason: CrmErrorClass };

const PAGE = 100;
const HOUR_MS = 3_600_000;
const RECENT_MS = 20 * HOUR_MS;
/** A mark may be corrected for some days after the booking was settled. */
const CLOSED_WITHIN_MS = 7 * 24 * HOUR_MS;
const PASSES: readonly CrmErrorClass[] = ['rate_limited', 'unavailable', 'unknown_outcome'];

export function createReadBack(deps: ActivityDeps) {
  return async function readBack({ connection }: { readonly connection: string }): Promise<ReadBackResult> {
    if (!deps.settings.mapping[connection]) return { kind: 'not_mapped' };
    const startedAtMs = engineNow();
    const lastMs = await readBackAtMs(deps.pool, connection);
    if (lastMs !== null && startedAtMs - lastMs < RECENT_MS) return { kind: 'recent' };
    try {
      const { looked, told, heard } = await heartbeating(async () => ({
        ...(await compareAll(deps, connection, startedAtMs)),
        heard: await hearLost(deps, { connection, lastMs, nowMs: startedAtMs }),
      }));
      await saveReadBack(deps.pool, { connection, looked, told, nowMs: startedAtMs });
      if (told > 0) deps.log.warn({ connection, looked, told }, 'a CRM held changes that no webhook had told of');
      if (heard > 0) deps.log.warn({ connection, heard }, 'a CRM held appointments that no webhook had told of');
      return { kind: 'compared', looked, told, ...(heard > 0 && { heard }) };
    } catch (error) {
      if (!(error instanceof CrmError)) throw error;
      if (PASSES.includes(error.errorClass)) throw retryLater(error.errorClass, error.retryAfterMs ?? undefined);
      deps.log.warn({ connection, errorClass: error.errorClass }, 'the CRM could not be read back');
      return { kind: 'refused', reason: error.errorClass };
    }
  };
}

async function compareAll(
  deps: ActivityDeps,
  connection: string,
  nowMs: number,
): Promise<{ looked: number; told: number }> {
  const crm = deps.crm(connection);
  const closedAfterMs = nowMs - CLOSED_WITHIN_MS;
  let after: NightPosition | null = null;
  let [looked, told] = [0, 0];
  for (;;) {
    const page = await listLedgerAppointments(deps.pool, { connection, closedAfterMs, after, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) return { looked, told };
    const asked = page.map(({ crmId, slotStartMs }) => ({ id: crmId, startMs: slotStartMs }));
    const operationKey = `${connection}/read-back/${last.bookingId}`;
    const signal = AbortSignal.timeout(PAGE * CALL_DEADLINE_MS);
    const shown = await crm.readAppointments(asked, { operationKey, signal });
    const differing = page.filter(({ crmId, written }) => differs(writtenState(written), shown.get(crmId) ?? null));
    for (const { bookingId } of differing) await deps.signals.wake({ bookingId, reason: 'crm_changed', connection });
    [looked, told] = [looked + page.length, told + differing.length];
    after = last;
  }
}

/** Null: of `agreed`, nothing is known to compare with; of `shown`, the record is gone. */
function differs(agreed: AppointmentState | null, shown: AppointmentSnapshot | null): boolean {
  if (agreed === null) return false;
  if (shown === null || shown.archived) return true;
  const state = { status: shown.status ?? agreed.status, startMs: shown.startMs ?? agreed.startMs, endMs: shown.endMs };
  return !isSameStatus(agreed, state) || !isSameSlot(agreed, state);
}
