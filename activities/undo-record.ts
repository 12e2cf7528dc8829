/**
 * undoRecord: takes our writes of one CRM record back, where it still holds what we wrote; listUndo: which records wait.
 * Invariant: read, compared, then written, under the lease of the person whose booking wrote it; what somebody changed since is asked about.
 */
import { randomUUID } from 'node:crypto';
import { readBooking, type BookingRow } from '../db/bookings';
import { acquireLease, releaseLease } from '../db/leases';
import { withTransaction } from '../db/pool';
import {
  isWritten,
  listPlanned,
  readPlanned,
  recordUndone,
  settleUndoItem,
  type PlannedDeal,
  type PlannedUndo,
  type UndoKey,
  type UndoState,
} from '../db/undo';
import { assertNever } from '../domain/assert-never';
import { judgeUndo, undoSubject } from '../domain/undo';
import { CrmError, type Crm, type CrmCall, type CrmErrorClass } from '../integrations/ports';
import { CALL_DEADLINE_MS, personLeaseName } from './crm-context';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { askPerson } from './open-task';
import { retryLater } from './sync-outcome';
import { undoFields } from './undo-fields';

const PAGE = 100;

export function createListUndo(deps: Pick<ActivityDeps, 'pool'>) {
  return ({ undoId }: { readonly undoId: string }) => listPlanned(deps.pool, undoId, PAGE);
}

export function createUndoRecord(deps: ActivityDeps) {
  return async function undoRecord(key: UndoKey): Promise<UndoState> {
    const item = await readPlanned(deps.pool, key);
    if (item === null) return 'planned';
    const { connection, bookingId } = item;
    const booking = await readBooking(deps.pool, bookingId);
    if (!booking?.picture || booking.mergedInto !== null)
      return settle(deps, key, 'left', 'its booking became another one');
    const name = personLeaseName({ connection, bookingId, personId: booking.picture.personId });
    const request = { name, holder: `undo/${randomUUID()}`, ttlMs: 4 * CALL_DEADLINE_MS };
    const lease = await acquireLease(deps.pool, request);
    if (!lease) throw retryLater('another write for the same person is under way', 3_000);
    try {
      if (!(await isWritten(deps.pool, item))) {
        // The decision itself is news of the booking.
        if (item.plan.decided) throw retryLater('its newest version is being written', 5_000);
        return await settle(deps, key, 'left', 'its newest version is not written yet; try again when it is');
      }
      return await undo(deps, { key, item, booking });
    } catch (error) {
      if (!(error instanceof CrmError)) throw error;
      if (PASSES.includes(error.errorClass)) throw retryLater(error.errorClass, error.retryAfterMs ?? undefined);
      return await settle(deps, key, 'left', `the CRM refused it (${error.errorClass})`);
    } finally {
      await releaseLease(deps.pool, { ...request, fence: lease.fence });
    }
  };
}

const PASSES: readonly CrmErrorClass[] = ['rate_limited', 'unavailable', 'unknown_outcome'];

async function undo(
  deps: ActivityDeps,
  of: { readonly key: UndoKey; readonly item: PlannedUndo; readonly booking: BookingRow },
): Promise<UndoState> {
  const { item, key } = of;
  const { connection, plan } = item;
  const crm = deps.crm(connection);
  const call = (action: string) => ({
    operationKey: `${connection}/${item.bookingId}/undo/${action}`,
    signal: AbortSignal.timeout(CALL_DEADLINE_MS),
  });
  if (plan.kind === 'revert') return undoDeal(deps, { ...of, item: { ...item, plan }, crm, call });
  const end = await undoFields(deps, { ...of, item: { ...item, plan }, crm, call });
  switch (end.kind) {
    case 'left':
      return settle(deps, key, 'left', end.why);
    case 'conflict':
      await ask(deps, of, { fields: end.held });
      return settle(deps, key, 'conflict', `${CHANGED}: ${end.held.join(', ')}`);
    case 'reverted':
      return end.kind;
    default:
      return assertNever(end);
  }
}

const CHANGED = 'a person changed it since';

async function undoDeal(
  deps: ActivityDeps,
  of: {
    readonly key: UndoKey;
    readonly item: PlannedDeal;
    readonly booking: BookingRow;
    readonly crm: Crm;
    readonly call: (action: string) => CrmCall;
  },
): Promise<UndoState> {
  const { key, item, crm, call } = of;
  const { crmId, plan } = item;
  const shown = await crm.readOpportunity(crmId, call('read-opportunity'));
  const verdict = judgeUndo(plan, shown);
  switch (verdict.kind) {
    case 'leave':
      return settle(deps, key, 'left', verdict.why);
    case 'conflict': {
      const now = shown && { pipelineId: shown.pipelineId, stageId: shown.stageId };
      await ask(deps, of, { ours: plan.expect, before: plan.restore, crm: now });
      return settle(deps, key, 'conflict', verdict.why);
    }
    case 'revert':
      await crm.moveOpportunity(crmId, plan.restore, call('move-opportunity'));
      break;
    case 'done':
      break;
    default:
      return assertNever(verdict);
  }
  await deps.failPoint('crm-applied-before-ledger');
  await withTransaction(deps.pool, (tx) => recordUndone(tx, { key, item, nowMs: engineNow() }));
  return 'reverted';
}

/**
 * A person who changed the record since may have had a reason. `keep_booking` puts it back after all, `keep_crm` leaves it as it is.
 * `seen`: places of a deal, or names of fields; nothing personal.
 */
async function ask(
  deps: ActivityDeps,
  of: { readonly key: UndoKey; readonly item: PlannedUndo; readonly booking: BookingRow },
  seen: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { key, item, booking } = of;
  const [kind, about, bookingId] = ['conflict', undoSubject(item), booking.id] as const;
  const evidence = { record: item.type, crmId: item.crmId, ...seen, ...key };
  await askPerson(deps.pool, deps, { kind, bookingId, about, evidence, nowMs: engineNow() });
  // The booking starts what is open of its tasks when it looks again.
  await deps.signals.wake({ bookingId, reason: 'sweep' });
}

async function settle(
  deps: ActivityDeps,
  key: UndoKey,
  state: Exclude<UndoState, 'planned'>,
  reason: string,
): Promise<UndoState> {
  await settleUndoItem(deps.pool, key, { state, reason });
  return state;
}
