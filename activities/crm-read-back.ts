/**
 * What a person changed in the CRM, as the booking's appointment shows it: taken over, written back, or asked about.
 * Invariant: an echo of our own write is recognised by the ledger; what is news becomes one fact or one task, and is agreed on in the same commit.
 */
import { randomUUID } from 'node:crypto';
import { lockBooking, type BookingRow } from '../db/bookings';
import { recordWrite, setLinkState, type CrmLink } from '../db/crm-ledger';
import { agreeOnShown, hasUnfoldedReports, renewEvidence } from '../db/crm-read-back';
import { withTransaction, type Db } from '../db/pool';
import { withdrawTasksAbout } from '../db/tasks';
import type { Picture } from '../domain/booking';
import { crmSubject } from '../domain/crm-conflicts';
import { crmPictureOf } from '../domain/crm-picture';
import type { CrmFactType, CrmField, Decision } from '../domain/facts';
import {
  isSameSlot,
  isSameStatus,
  judgeAppointment,
  ownersOf,
  reportedOutcome,
  slotShown,
  type AppointmentState,
  type FieldVerdict,
  type Judgement,
} from '../domain/field-owners';
import type { CrmMapping } from '../domain/settings';
import type { AppointmentSnapshot } from '../integrations/ports';
import type { SyncContext } from './crm-context';
import { addHumanFact } from './human-fact';
import { askPerson } from './open-task';

export interface ReadBooking {
  readonly booking: BookingRow & { readonly picture: Picture };
  readonly mapping: CrmMapping;
  /** The ledger's row of its appointment. */
  readonly link: CrmLink | null;
}

/** `changed`: the booking has to be recorded before anything is written. `agreed`: only the ledger's row is another one now. */
export type ReadBack = 'ours' | 'agreed' | 'changed';

export interface Looked {
  readonly end: ReadBack;
  /** What the record holds; null: nobody looked, or it is gone. */
  readonly shown: AppointmentSnapshot | null;
}

/** Reads the appointment and settles what differs. Needs the person's lease: an echo must not be faster than our own ledger. */
export async function readBackStep(ctx: SyncContext, from: ReadBooking): Promise<Looked> {
  const { booking, mapping, link } = from;
  if (await hasUnfoldedReports(ctx.deps.pool, booking.id)) return { end: 'changed', shown: null };
  const agreed = link?.state === 'done' ? writtenState(link.lastWritten) : null;
  if (link?.crmId == null || agreed === null) return { end: 'ours', shown: null };
  const found = await ctx.crm.readAppointment(link.crmId, ctx.call('read-appointment'));
  if (found === null || found.archived) {
    await recordDeleted(ctx, { booking, link });
    return { end: 'changed', shown: null };
  }
  const { status, startMs, endMs } = found;
  const shown: AppointmentState = { status: status ?? agreed.status, startMs: startMs ?? agreed.startMs, endMs };
  if (isSameStatus(agreed, shown) && isSameSlot(agreed, shown)) return { end: 'ours', shown: found };
  const wanted = wantedState(booking.picture, mapping, ctx.connection);
  const attempted = link.attempted.flatMap((written) => writtenState(written) ?? []);
  const seen = { agreed, attempted, shown, wanted, bookingStatus: booking.picture.status, owners: ownersOf(mapping) };
  const news = { booking, link, judgement: judgeAppointment(seen), agreed, shown, wanted };
  return { end: await storeNews(ctx, news), shown: found };
}

/** Null: nothing is known of what the record holds. */
export function writtenState(written: CrmLink['lastWritten']): AppointmentState | null {
  const { status, startMs, endMs } = written ?? {};
  if (typeof status !== 'string' || typeof startMs !== 'number') return null;
  return { status: status as AppointmentState['status'], startMs, endMs: typeof endMs === 'number' ? endMs : null };
}

export function wantedState(picture: Picture, mapping: CrmMapping, connection: string): AppointmentState | null {
  const { appointment } = crmPictureOf(picture, mapping, connection);
  return (
    appointment && { status: appointment.status, startMs: appointment.slot.startMs, endMs: appointment.slot.endMs }
  );
}

interface News {
  readonly booking: ReadBooking['booking'];
  readonly link: CrmLink;
  readonly judgement: Judgement;
  readonly agreed: AppointmentState;
  readonly shown: AppointmentState;
  readonly wanted: AppointmentState | null;
}

const FIELDS = ['outcome', 'slot'] as const;

async function storeNews(ctx: SyncContext, news: News): Promise<ReadBack> {
  const { booking, link, judgement, agreed, shown } = news;
  const verdicts: readonly FieldVerdict[] = [judgement.outcome, judgement.slot];
  const isOurs = verdicts.every((verdict) => verdict === 'ours');
  await withTransaction(ctx.deps.pool, async (tx) => {
    // A record of the booking folds either all of it or nothing.
    await lockBooking(tx, booking.id);
    const held: string[] = [];
    for (const field of FIELDS) {
      if (await settleField(tx, ctx, { news, field })) held.push(field);
    }
    await agreeOnShown(tx, link, { shown: { ...shown }, held });
    await recordWrite(tx, {
      bookingId: booking.id,
      connection: ctx.connection,
      type: 'appointment',
      crmId: link.crmId,
      action: isOurs ? 'own_write' : 'changed_there',
      version: ctx.version,
      nowMs: ctx.nowMs(),
      before: { ...agreed },
      after: { ...shown, ...judgement },
    });
  });
  return isOurs ? 'agreed' : 'changed';
}

/** Returns whether what the CRM shows of the field stays until a person has decided. */
async function settleField(tx: Db, ctx: SyncContext, of: { news: News; field: 'outcome' | 'slot' }): Promise<boolean> {
  const { news, field } = of;
  const { booking, link, shown, wanted } = news;
  const verdict = news.judgement[field];
  const about = crmSubject(ctx.connection, field);
  if (verdict === 'conflict') {
    await askAbout(tx, ctx, { field, evidence: { booking: wanted, crm: shown, crmId: link.crmId } });
    return true;
  }
  const isSame = field === 'slot' ? isSameSlot : isSameStatus;
  const wasHeld = link.held.includes(field);
  if (wasHeld && verdict === 'ours' && !(wanted && isSame(wanted, shown))) return true;
  if (wasHeld) await withdrawTasksAbout(tx, { bookingId: booking.id, about, by: 'booking', nowMs: ctx.nowMs() });
  const { connection } = ctx;
  if (verdict === 'write_back') {
    await addReport(tx, ctx, { booking, type: 'crm_overruled', decision: { kind: 'crm_record', connection, field } });
  }
  if (verdict === 'adopt') await addReport(tx, ctx, { booking, type: 'crm_reported', decision: reportOf(ctx, of) });
  return false;
}

function reportOf({ connection }: SyncContext, of: { news: News; field: 'outcome' | 'slot' }): Decision {
  const { shown, booking } = of.news;
  const { picture } = booking;
  if (of.field === 'outcome') {
    return { kind: 'reported', connection, outcome: reportedOutcome(shown.status ?? 'scheduled') };
  }
  const before = picture.confirmedSlot ?? picture.slot;
  const slot = before && slotShown(shown, before);
  return { kind: 'reported', connection, outcome: 'rescheduled', ...(slot && { slot }) };
}

/** A fact that a person in the CRM made. The caller holds the booking's row. */
export async function addReport(
  tx: Db,
  ctx: SyncContext,
  of: { booking: ReadBooking['booking']; type: CrmFactType; decision: Decision },
): Promise<void> {
  const { booking, type, decision } = of;
  await addHumanFact(tx, booking, { id: randomUUID(), type, by: 'crm', decision, receivedAtMs: ctx.nowMs() });
}

/** Opens the question, or brings the one that is open up to date. Ids, instants and status words only. */
async function askAbout(
  tx: Db,
  ctx: SyncContext,
  of: { field: CrmField; evidence: Readonly<Record<string, unknown>> },
): Promise<void> {
  const { bookingId, connection } = ctx;
  const about = crmSubject(connection, of.field);
  const evidence = { field: of.field, connection, ...of.evidence };
  const task = await askPerson(tx, ctx.deps, { kind: 'conflict', bookingId, about, evidence, nowMs: ctx.nowMs() });
  await renewEvidence(tx, task.id, evidence);
}

/** A person deleted the appointment. It is not made again behind their back; while the booking is open, a person is asked. */
export async function recordDeleted(
  ctx: SyncContext,
  of: { booking: ReadBooking['booking']; link: CrmLink },
): Promise<void> {
  const { booking, link } = of;
  const { crmId, lastWritten: before } = link;
  await withTransaction(ctx.deps.pool, async (tx) => {
    await lockBooking(tx, booking.id);
    await setLinkState(tx, link, 'tombstone');
    const decision = { kind: 'crm_record', connection: ctx.connection, field: 'record' } as const;
    await addReport(tx, ctx, { booking, type: 'crm_deleted', decision });
    for (const field of link.held) {
      const about = crmSubject(ctx.connection, field as CrmField);
      await withdrawTasksAbout(tx, { bookingId: booking.id, about, by: 'booking', nowMs: ctx.nowMs() });
    }
    const { status, outcome } = booking.picture;
    const isOver = outcome !== null || status === 'canceled' || status === 'rejected';
    if (!isOver) {
      await askAbout(tx, ctx, { field: 'record', evidence: { booking: { status }, crm: 'deleted', crmId } });
    }
    await recordWrite(tx, {
      bookingId: booking.id,
      connection: ctx.connection,
      type: 'appointment',
      action: 'gone',
      crmId,
      version: ctx.version,
      before,
      after: null,
      nowMs: ctx.nowMs(),
    });
  });
}
