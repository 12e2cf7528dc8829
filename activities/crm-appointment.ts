/**
 * The one appointment of a booking: created once, then moved and marked; surplus ones of a merge are canceled.
 * Invariant: what a person deleted is not made again behind their back, and what they changed is read before it is written over.
 */
import { createHash } from 'node:crypto';
import { appointmentKey, setLinkState, type CrmLink } from '../db/crm-ledger';
import type { CrmPicture } from '../domain/crm-picture';
import { CrmError, type AppointmentFields, type AppointmentSnapshot, type SourceDetails } from '../integrations/ports';
import { noteAttempt } from '../db/crm-read-back';
import { slotShown } from '../domain/field-owners';
import type { FieldValues, FieldWrite } from '../domain/undo-fields';
import { note, type ChangedWords, type SyncContext } from './crm-context';
import { writtenState, type Looked } from './crm-read-back';
import { createOnce } from './crm-create';

export interface SyncedAppointment {
  /** The ledger's row of this booking's appointment. */
  readonly link: CrmLink | null;
  readonly appointment: NonNullable<CrmPicture['appointment']>;
  readonly personId: string;
  readonly opportunityId: string | null;
  readonly ownerId: string | null;
  readonly details: SourceDetails | null;
  /** Looks at what the CRM holds; null: that has been done. */
  readonly look: (() => Promise<Looked>) | null;
  /** What was seen there when it was looked at; null: nobody has yet. */
  readonly shown: AppointmentSnapshot | null;
  /** Ours. */
  readonly guestId: string | null;
}

/** `gone`: a person deleted it. `changed`: a person changed it, and nothing was written. */
export async function appointmentStep(
  ctx: SyncContext,
  from: SyncedAppointment,
): Promise<'shown' | 'gone' | 'changed'> {
  const { link } = from;
  const fields = fieldsOf(ctx, from);
  const madeBy = link?.lastWritten?.madeBy;
  const hash = hashOf(fields);
  const { status, slot, ...rest } = fields;
  const { opportunityId } = fields;
  // `rest`: whether anything but the time and the outcome has to be written, where those came from the CRM.
  const written = {
    status,
    startMs: slot.startMs,
    endMs: slot.endMs,
    opportunityId,
    rest: hashOf(rest),
    ...(madeBy !== undefined && { madeBy }),
  };
  if (link?.state === 'tombstone') return 'shown';
  if (link?.state !== 'done' || !link.crmId) {
    const { externalKey } = fields;
    const key = { connection: ctx.connection, type: 'appointment', externalKey, bookingId: ctx.bookingId } as const;
    const { id, created } = await createOnce(ctx, {
      key,
      former: link,
      find: () => ctx.crm.findAppointment(externalKey, from.personId, ctx.call('find-appointment')),
      create: () => ctx.crm.createAppointment(fields, ctx.call('create-appointment')),
      findAfterMs: 0,
      written,
      hash,
    });
    if (created) return 'shown';
    // Written by an attempt whose answer was lost: the booking may have changed since.
    const nothing = { intentAtMs: null, lastHash: null, lastWritten: null, attempted: [], held: [] };
    return update(ctx, { link: { ...key, crmId: id, state: 'done', ...nothing }, crmId: id, fields, written, hash });
  }
  if (link.lastHash === hash || isShown(link, written)) return 'shown';
  // Time and outcome go with whatever is written: they must not take back what nobody has looked at.
  const looked = from.look === null ? null : await from.look();
  if (looked !== null && looked.end !== 'ours') return 'changed';
  const words = { personId: from.guestId, ...wordsChanged(looked?.shown ?? from.shown, fields) };
  return update(ctx, { link, crmId: link.crmId, fields, written, hash, words });
}

function hashOf(fields: object): string {
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

/** The CRM has it already, part of it because a person there made it so. */
function isShown({ lastWritten }: CrmLink, written: Readonly<Record<string, unknown>>): boolean {
  return lastWritten !== null && Object.entries(written).every(([name, value]) => lastWritten[name] === value);
}

function fieldsOf(ctx: SyncContext, from: SyncedAppointment): AppointmentFields {
  const { details, personId, opportunityId, ownerId } = from;
  const appointment = withHeld(from);
  const isReps = from.link?.lastWritten?.madeBy === 'rep';
  return {
    externalKey: appointmentKey(ctx.bookingId),
    personId,
    opportunityId,
    ownerId,
    ...(isReps && { keepsWords: true as const }),
    slot: appointment.slot,
    status: appointment.status,
    title: details?.title ?? 'Appointment',
    body: details?.notes ?? '',
    joinUrl: details?.joinUrl ?? null,
    location: details?.location ?? null,
  };
}

/** What a person has yet to decide about stays as the CRM has it. */
function withHeld({ appointment, link }: SyncedAppointment): SyncedAppointment['appointment'] {
  const shown = link && writtenState(link.lastWritten);
  if (!link || !shown || link.held.length === 0) return appointment;
  const slot = link.held.includes('slot') ? slotShown(shown, appointment.slot) : null;
  const status = link.held.includes('outcome') ? shown.status : null;
  return { slot: slot ?? appointment.slot, status: status ?? appointment.status };
}

/** Title and owner, where the update makes them others. Of a record that nobody looked at nothing is known. */
function wordsChanged(shown: AppointmentSnapshot | null, fields: AppointmentFields): FieldWrite {
  const wanted = fields.keepsWords ? {} : { title: fields.title.trim() || null, owner: fields.ownerId };
  const held: FieldValues = { title: shown?.title ?? null, owner: shown?.ownerId ?? null };
  const changed = Object.entries(wanted).filter(([field, value]) => value !== null && value !== held[field]);
  if (shown === null || changed.length === 0) return { before: {}, after: {} };
  return {
    before: Object.fromEntries(changed.map(([field]) => [field, held[field] ?? null])),
    after: Object.fromEntries(changed),
  };
}

async function update(
  ctx: SyncContext,
  to: {
    link: CrmLink;
    crmId: string;
    fields: AppointmentFields;
    written: Record<string, unknown>;
    hash: string;
    words?: ChangedWords;
  },
): Promise<'shown' | 'gone'> {
  const { link, crmId, fields, written, hash, words } = to;
  const { connection, type, externalKey, lastWritten: before } = link;
  // A link that stands is not made again.
  const isLinked = before?.opportunityId === fields.opportunityId;
  const changed = isLinked ? { ...fields, opportunityId: null } : fields;
  await noteAttempt(ctx.deps.pool, link, written);
  try {
    await ctx.crm.updateAppointment(crmId, changed, ctx.call('update-appointment'));
  } catch (error) {
    if (!(error instanceof CrmError) || error.errorClass !== 'target_gone') throw error;
    return 'gone';
  }
  await ctx.deps.failPoint('crm-applied-before-ledger');
  const { bookingId, version } = ctx;
  const now = { connection, type, externalKey, bookingId, crmId, version, hash, written };
  await note(ctx, { type, action: 'update', crmId, before, after: written, ...(words && { words }), link: now });
  return 'shown';
}

/** Appointments that a merged booking had made: marked canceled with the reason, never deleted. */
export async function surplusStep(ctx: SyncContext, surplus: readonly CrmLink[]): Promise<void> {
  for (const link of surplus) {
    const { type, crmId, lastWritten: before } = link;
    if (type === 'appointment' && crmId) {
      const reason = 'Continued by another appointment of the same booking.';
      await ctx.crm.cancelAppointment(crmId, reason, ctx.call('cancel-surplus'));
      await note(ctx, { type, action: 'cancel_surplus', crmId, before, after: { status: 'canceled' } });
    }
    await setLinkState(ctx.deps.pool, link, 'tombstone');
  }
}
