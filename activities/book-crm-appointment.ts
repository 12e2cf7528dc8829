/**
 * bookCrmAppointment: what a person agreed on in the CRM takes its slot at the source.
 * Invariant: one booking per record. A create is sent under a mark that was committed before; while its outcome is not known it is
 * looked for by that mark, and given again only when it can't be applied any more.
 */
import { randomUUID } from 'node:crypto';
import {
  beginBooking,
  forgetHold,
  noteHold,
  readCrmAppointment,
  takeIntentBack,
  type CrmAppointmentRow,
} from '../db/crm-appointments';
import { bookingsOfRecords } from '../db/crm-changes';
import { judgeNewAppointment, type BookFromCrm } from '../domain/crm-appointment';
import {
  SourceError,
  type BookingOrder,
  type SourceBookings,
  type SourceRead,
  type WantedSlot,
} from '../integrations/ports';
import {
  asRetryOrRefusal,
  settle,
  type AppointmentEnd,
  type BookCrmAppointmentInput,
  type SettledAppointment,
} from './crm-appointment-end';
import { CALL_DEADLINE_MS } from './crm-context';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { retryLater } from './sync-outcome';

/** Longer than the create's own time limit, shorter than anybody waits. */
const HOLD_MINUTES = 2;
const HOLD_MS = HOLD_MINUTES * 60_000;

interface Look {
  readonly deps: ActivityDeps;
  readonly input: BookCrmAppointmentInput;
  readonly row: CrmAppointmentRow;
  readonly settings: BookFromCrm;
  readonly bookings: SourceBookings;
}

export function createBookCrmAppointment(deps: ActivityDeps) {
  return async function bookCrmAppointment(input: BookCrmAppointmentInput): Promise<SettledAppointment> {
    const row = await readCrmAppointment(deps.pool, input);
    if (row === null || row.state === 'booked' || row.state === 'left') {
      return { kind: row?.state === 'booked' ? 'booked' : 'left', reason: null, task: null, withdrawn: [] };
    }
    const settings = deps.settings.connections[input.connection]?.bookFromCrm ?? null;
    const bookings = settings && deps.sourceApi(settings.source)?.bookings;
    if (!settings || !bookings) return settle(deps, input, { kind: 'left', reason: 'not_configured' });
    let end: AppointmentEnd;
    try {
      end = await look({ deps, input, row, settings, bookings });
    } catch (error) {
      end = await asRetryOrRefusal(deps, { connection: input.connection, source: settings.source }, error);
    }
    return settle(deps, input, end);
  };
}

async function look(of: Look): Promise<AppointmentEnd> {
  const { deps, input, row, settings } = of;
  const { source } = settings;
  const { connection, crmId } = input;
  if (row.state === 'booking') {
    const read = await formerOutcome(of);
    if (read) return { kind: 'booked', read, source };
    await takeIntentBack(deps.pool, input);
  }
  const known = await bookingsOfRecords(deps.pool, connection, [{ type: 'appointment', crmId }]);
  if (known.size > 0) return { kind: 'left', reason: 'ours' };
  const call = (action: string) => ({
    operationKey: `${connection}/${crmId}/${action}`,
    signal: AbortSignal.timeout(CALL_DEADLINE_MS),
  });
  const crm = deps.crm(connection);
  const record = await crm.readNewAppointment(crmId, call('read'));
  const judged = judgeNewAppointment(record, { settings, nowMs: engineNow() });
  if (judged.kind !== 'book') return judged;
  const { crmPersonId, slot } = judged;
  const query = { linkedId: crmPersonId, emails: [], phones: [] };
  const met = await crm.resolvePerson(query, call('read-person'));
  if (met.kind !== 'one') return { kind: 'left', reason: 'no_guest' };
  const guest = guestOf(met.person.current, settings.zone);
  if (guest === null) return { kind: 'ask', reason: 'no_address' };
  if (!(await secured(of, slot))) return { kind: 'ask', reason: 'slot_gone' };
  return book(of, { ...slot, guest, mark: randomUUID(), record: `${connection}/${crmId}` }, crmPersonId);
}

/** What a former attempt's create came to: the booking, or null where it can't be applied any more. */
async function formerOutcome({ row, bookings }: Look): Promise<SourceRead | null> {
  if (row.wanted === null || row.mark === null) return null;
  const read = await bookings.findMarked(row.wanted, row.mark);
  const waitMs = (row.intentAtMs ?? 0) + 2 * CALL_DEADLINE_MS - engineNow();
  if (read === null && waitMs > 0) throw retryLater("a create's outcome is not known yet", waitMs);
  return read;
}

/** Free, and held for us. A hold of our own hides the slot from us as well: it is used, or waited for. */
async function secured({ deps, input, row, bookings }: Look, wanted: WantedSlot): Promise<boolean> {
  const nowMs = engineNow();
  const leftMs = (row.holdUntilMs ?? 0) - nowMs;
  const isSame = row.wanted?.startMs === wanted.startMs && row.wanted.eventType === wanted.eventType;
  if (row.holdId !== null && leftMs > 2 * CALL_DEADLINE_MS && isSame) return true;
  if (row.holdId !== null && leftMs > 0) await bookings.release(row.holdId);
  if ((await bookings.freeSlot(wanted)) === null) {
    if (row.holdId === null && leftMs > 0) throw retryLater('the slot may be held by a former attempt', leftMs);
    return false;
  }
  await noteHold(deps.pool, input, { wanted, id: null, untilMs: nowMs + HOLD_MS });
  const hold = await bookings.hold(wanted, HOLD_MINUTES);
  if (hold === null) await forgetHold(deps.pool, input);
  else await noteHold(deps.pool, input, { wanted, id: hold.id, untilMs: nowMs + HOLD_MS });
  return hold !== null;
}

async function book(of: Look, order: BookingOrder, crmPersonId: string): Promise<AppointmentEnd> {
  const { deps, input, bookings } = of;
  const { source } = of.settings;
  const { mark, eventType, startMs, endMs } = order;
  const wanted = { eventType, startMs, endMs };
  if (!(await beginBooking(deps.pool, input, { mark, source, wanted, crmPersonId, nowMs: engineNow() }))) {
    throw retryLater('another attempt is under way', CALL_DEADLINE_MS);
  }
  let read: SourceRead | null;
  try {
    read = await bookings.book(order);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (error.errorClass === 'unknown_outcome') {
      read = await bookings.findMarked(wanted, mark);
      if (read === null) throw retryLater('the answer to the create was lost', 2 * CALL_DEADLINE_MS);
    } else {
      await takeIntentBack(deps.pool, input);
      if (error.errorClass !== 'refused') throw error;
      await letGo(of);
      return { kind: 'ask', reason: (await bookings.freeSlot(wanted)) === null ? 'slot_gone' : 'refused' };
    }
  }
  await deps.failPoint('source-applied-before-ledger');
  await letGo(of);
  return { kind: 'booked', read, source };
}

/** A booking takes the slot itself; the hold would only end later. */
async function letGo({ deps, input, bookings }: Look): Promise<void> {
  const row = await readCrmAppointment(deps.pool, input);
  if (row?.holdId == null) return;
  await bookings.release(row.holdId).catch((error: unknown) => {
    if (!(error instanceof SourceError)) throw error;
  });
  await forgetHold(deps.pool, input);
}

interface Known {
  readonly email: string | null;
  readonly phone: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
}

/** Null: there is no way to reach them. A source wants a name: where the CRM has none, the address stands for it. */
function guestOf({ email, phone, firstName, lastName }: Known, zone: string): BookingOrder['guest'] | null {
  const international = phone !== null && /^\+\d{6,15}$/.test(phone) ? phone : null;
  if (email === null && international === null) return null;
  const name = [firstName, lastName].filter((part) => part !== null && part !== '').join(' ');
  return { name: name || (email ?? international ?? ''), email, phone: international, zone };
}
