/**
 * The one appointment of a booking: created once, then moved and marked; surplus ones of a merge are canceled.
 * Invariant: what a person deleted is not made again behind their back.
 */
import { createHash } from 'node:crypto';
import { appointmentKey, setLinkState, type CrmLink } from '../db/crm-ledger';
import type { CrmPicture } from '../domain/crm-picture';
import { CrmError, type AppointmentFields, type SourceDetails } from '../integrations/ports';
import { note, type SyncContext } from './crm-context';
import { createOnce } from './crm-create';

export interface SyncedAppointment {
  /** The ledger's row of this booking's appointment. */
  readonly link: CrmLink | null;
  readonly appointment: NonNullable<CrmPicture['appointment']>;
  readonly personId: string;
  readonly opportunityId: string | null;
  readonly ownerId: string | null;
  readonly details: SourceDetails | null;
}

export async function appointmentStep(ctx: SyncContext, from: SyncedAppointment): Promise<void> {
  const { link } = from;
  const fields = fieldsOf(ctx, from);
  const hash = createHash('sha256').update(JSON.stringify(fields)).digest('hex');
  const { status, slot } = fields;
  const written = { status, startMs: slot.startMs, endMs: slot.endMs, opportunityId: fields.opportunityId };
  if (link?.state === 'tombstone') return;
  if (link?.state !== 'done' || !link.crmId) {
    const { externalKey } = fields;
    const key = { connection: ctx.connection, type: 'appointment', externalKey, bookingId: ctx.bookingId } as const;
    const { id, created } = await createOnce(ctx, {
      ...{ key, former: link },
      find: () => ctx.crm.findAppointment(externalKey, from.personId, ctx.call('find-appointment')),
      create: () => ctx.crm.createAppointment(fields, ctx.call('create-appointment')),
      ...{ findAfterMs: 0, written, hash },
    });
    if (created) return;
    // Written by an attempt whose answer was lost: the booking may have changed since.
    const found: CrmLink = { ...key, crmId: id, state: 'done', intentAtMs: null, lastHash: null, lastWritten: null };
    await update(ctx, { link: found, crmId: id, fields, written, hash });
    return;
  }
  if (link.lastHash !== hash) await update(ctx, { link, crmId: link.crmId, fields, written, hash });
}

function fieldsOf(ctx: SyncContext, from: SyncedAppointment): AppointmentFields {
  const { appointment, details, personId, opportunityId, ownerId } = from;
  return {
    externalKey: appointmentKey(ctx.bookingId),
    personId,
    opportunityId,
    ownerId,
    slot: appointment.slot,
    status: appointment.status,
    title: details?.title ?? 'Appointment',
    body: details?.notes ?? '',
    joinUrl: details?.joinUrl ?? null,
    location: details?.location ?? null,
  };
}

async function update(
  ctx: SyncContext,
  to: { link: CrmLink; crmId: string; fields: AppointmentFields; written: Record<string, unknown>; hash: string },
): Promise<void> {
  const { link, crmId, fields, written, hash } = to;
  const { connection, type, externalKey, lastWritten: before } = link;
  // A link that stands is not made again.
  const isLinked = before?.opportunityId === fields.opportunityId;
  const changed = isLinked ? { ...fields, opportunityId: null } : fields;
  try {
    await ctx.crm.updateAppointment(crmId, changed, ctx.call('update-appointment'));
  } catch (error) {
    if (!(error instanceof CrmError) || error.errorClass !== 'target_gone') throw error;
    // Deleted by a person.
    await setLinkState(ctx.deps.pool, link, 'tombstone');
    await note(ctx, { type, action: 'gone', crmId, before, after: null });
    return;
  }
  await ctx.deps.failPoint('crm-applied-before-ledger');
  const { bookingId, version } = ctx;
  const now = { connection, type, externalKey, bookingId, crmId, version, hash, written };
  await note(ctx, { type, action: 'update', crmId, before, after: written, link: now });
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
