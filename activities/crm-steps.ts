/**
 * The steps of one CRM sync: person, opportunity, appointment, stage. Each is ledgered by itself.
 * Invariant: every create goes intent → call → id; a create with an unknown outcome is read back before anything is repeated.
 */
import { createHash } from 'node:crypto';
import type { ContactChoice } from '../domain/facts';
import { whyStageStays, type CrmPicture } from '../domain/crm-picture';
import type { CreatePersonPolicy, CrmMapping } from '../domain/settings';
import {
  addWrite,
  appointmentKey,
  dropIntent,
  opportunityKey,
  personKey,
  readLink,
  readSurplus,
  recordLink,
  setLinkState,
  writeIntent,
  type LinkKey,
} from '../db/crm-ledger';
import type { PersonData } from '../db/persons';
import { CrmError, type AppointmentFields, type Crm, type CrmCall, type SourceDetails } from '../integrations/ports';
import type { ActivityDeps } from './deps';

/** How long an abandoned create may still be applied by the CRM: read back only after it. */
export const CALL_DEADLINE_MS = 15_000;

/** Everything that the steps of one sync share. */
export interface SyncContext {
  readonly deps: ActivityDeps;
  readonly crm: Crm;
  readonly connection: string;
  readonly bookingId: string;
  readonly source: string;
  readonly version: number;
  readonly nowMs: () => number;
  readonly call: (action: string) => CrmCall;
}

/** A create's outcome is still open; the sync comes back when the CRM can no longer apply it. */
export class SettleLater extends Error {
  override readonly name = 'SettleLater';
  constructor(readonly afterMs: number) {
    super(`A create's outcome is not known yet; it is read back in ${afterMs} ms`);
  }
}

export type PersonStep =
  | { readonly kind: 'person'; readonly id: string; readonly match: string }
  | { readonly kind: 'no_contact' }
  | {
      readonly kind: 'ask';
      readonly reason: 'nobody matches' | 'several match';
      readonly candidates: readonly string[];
    };

/** Finds, adopts or (by policy or decision) creates the guest's contact. */
export async function personStep(
  ctx: SyncContext,
  guest: { id: string; data: PersonData; choice: ContactChoice | null; policy: CreatePersonPolicy },
): Promise<PersonStep> {
  if (guest.choice?.choice === 'no_contact') return { kind: 'no_contact' };
  const key: LinkKey = { connection: ctx.connection, type: 'person', externalKey: personKey(guest.id) };
  const link = await readLink(ctx.deps.pool, key);
  const { data } = guest;
  const fields = { email: data.email, phone: data.phone, firstName: data.firstName, lastName: data.lastName };
  const chosen = guest.choice?.choice === 'use_contact' ? guest.choice.crmPersonId : null;
  const linkedId = chosen ?? (link?.state === 'done' ? link.crmId : null);
  const match = await ctx.crm.resolvePerson(
    { linkedId, emails: data.email ? [data.email] : [], phones: data.phone ? [data.phone] : [] },
    ctx.call('resolve-person'),
  );
  if (match.kind === 'one') {
    const matchedOn = match.matchedOn === 'link' && chosen === match.id ? 'person_decided' : match.matchedOn;
    const isNew = link?.crmId !== match.id;
    const { filled } = isNew ? await ctx.crm.fillPerson(match.id, fields, ctx.call('fill-person')) : { filled: [] };
    const known =
      match.matchedOn === 'link' && typeof link?.lastWritten?.matchedOn === 'string'
        ? link.lastWritten.matchedOn
        : matchedOn;
    if (isNew) {
      await recordLink(ctx.deps.pool, {
        ...key,
        bookingId: null,
        crmId: match.id,
        version: 0,
        hash: null,
        written: { matchedOn },
      });
      await noteWrite(ctx, {
        type: 'person',
        action: 'link',
        crmId: match.id,
        before: null,
        after: { matchedOn, filled },
      });
    }
    return { kind: 'person', id: match.id, match: known };
  }
  if (match.kind === 'many') return { kind: 'ask', reason: 'several match', candidates: match.ids };
  if (guest.policy !== 'create' && guest.choice?.choice !== 'create_contact') {
    return { kind: 'ask', reason: 'nobody matches', candidates: [] };
  }
  const created = await createOnce(ctx, {
    key: { ...key, bookingId: null },
    find: async () => {
      const again = await ctx.crm.resolvePerson(
        { linkedId: null, emails: fields.email ? [fields.email] : [], phones: fields.phone ? [fields.phone] : [] },
        ctx.call('find-person'),
      );
      return again.kind === 'one' ? { id: again.id } : null;
    },
    create: () => ctx.crm.createPerson(fields, ctx.call('create-person')),
    // Only e-mail is a strong key: without it the CRM's search has to be given time to see the new record.
    findAfterMs: fields.email ? 0 : ctx.crm.searchLagMs,
    written: { matchedOn: 'created' },
    hash: null,
  });
  return { kind: 'person', id: created.id, match: 'created' };
}

/** The deal that shows this booking's stage: ours, an open one of the person, or a new one. */
export async function opportunityStep(
  ctx: SyncContext,
  from: { personId: string; stage: NonNullable<CrmPicture['stage']>; name: string; ownerId: string | null },
): Promise<string> {
  const key: LinkKey = { connection: ctx.connection, type: 'opportunity', externalKey: opportunityKey(ctx.bookingId) };
  const link = await readLink(ctx.deps.pool, key);
  if (link?.state === 'done' && link.crmId) return link.crmId;
  const find = () => ctx.crm.findOpenOpportunity(from.personId, from.stage.pipelineId, ctx.call('find-opportunity'));
  if (!link) {
    const open = await find();
    if (open) {
      await recordLink(ctx.deps.pool, {
        ...key,
        bookingId: ctx.bookingId,
        crmId: open.id,
        version: 0,
        hash: null,
        written: null,
      });
      await noteWrite(ctx, {
        type: 'opportunity',
        action: 'adopt',
        crmId: open.id,
        before: null,
        after: { stageId: open.stageId },
      });
      return open.id;
    }
  }
  const { id } = await createOnce(ctx, {
    key: { ...key, bookingId: ctx.bookingId },
    find,
    create: () =>
      ctx.crm.createOpportunity(
        {
          externalKey: key.externalKey,
          personId: from.personId,
          ...from.stage,
          name: from.name,
          ownerId: from.ownerId,
        },
        ctx.call('create-opportunity'),
      ),
    findAfterMs: 0,
    written: { ...from.stage },
    hash: null,
  });
  return id;
}

/** The deal of this booking, if there is one: a status without a stage leaves it alone, and the appointment stays linked to it. */
export async function knownOpportunity(ctx: SyncContext): Promise<string | null> {
  const { connection, bookingId } = ctx;
  const link = await readLink(ctx.deps.pool, {
    connection,
    type: 'opportunity',
    externalKey: opportunityKey(bookingId),
  });
  return link?.state === 'done' ? link.crmId : null;
}

/** Moves the deal, unless a person did. Returns the sentence for the timeline when it stays. */
export async function stageStep(
  ctx: SyncContext,
  from: { opportunityId: string; stage: NonNullable<CrmPicture['stage']>; mapping: CrmMapping },
): Promise<string | null> {
  const key: LinkKey = { connection: ctx.connection, type: 'opportunity', externalKey: opportunityKey(ctx.bookingId) };
  const link = await readLink(ctx.deps.pool, key);
  const written = link?.lastWritten?.stageId;
  const lastWrittenStageId = typeof written === 'string' ? written : null;
  if (lastWrittenStageId === from.stage.stageId) return 'written before';
  const now = await ctx.crm.readOpportunity(from.opportunityId, ctx.call('read-opportunity'));
  if (!now || now.archived) return 'the deal is gone';
  const stays = whyStageStays({
    mapping: from.mapping,
    pipelineId: now.pipelineId,
    currentStageId: now.stageId,
    lastWrittenStageId,
    wanted: from.stage,
  });
  if (stays !== null && stays !== 'already there') return stays;
  if (stays === null) await ctx.crm.moveOpportunity(from.opportunityId, from.stage, ctx.call('move-opportunity'));
  await recordLink(ctx.deps.pool, {
    ...{ ...key, bookingId: ctx.bookingId, crmId: from.opportunityId, version: ctx.version, hash: null },
    written: { ...from.stage },
  });
  if (stays === null) {
    await noteWrite(ctx, {
      ...{ type: 'opportunity', action: 'move', crmId: from.opportunityId },
      before: { stageId: now.stageId },
      after: { stageId: from.stage.stageId },
    });
  }
  return stays;
}

/** The one appointment of this booking: created once, then moved and marked; surplus ones of a merge are canceled. */
export async function appointmentStep(
  ctx: SyncContext,
  from: {
    appointment: NonNullable<CrmPicture['appointment']>;
    personId: string;
    opportunityId: string | null;
    ownerId: string | null;
    details: SourceDetails | null;
  },
): Promise<'created' | 'updated' | 'unchanged' | 'gone'> {
  const key: LinkKey = { connection: ctx.connection, type: 'appointment', externalKey: appointmentKey(ctx.bookingId) };
  const { appointment, details } = from;
  const fields: AppointmentFields = {
    externalKey: key.externalKey,
    personId: from.personId,
    opportunityId: from.opportunityId,
    ownerId: from.ownerId,
    slot: appointment.slot,
    status: appointment.status,
    title: details?.title ?? 'Appointment',
    body: details?.notes ?? '',
    joinUrl: details?.joinUrl ?? null,
    location: details?.location ?? null,
  };
  const hash = createHash('sha256').update(JSON.stringify(fields)).digest('hex');
  const written = { status: appointment.status, startMs: appointment.slot.startMs, endMs: appointment.slot.endMs };
  const link = await readLink(ctx.deps.pool, key);
  if (link?.state === 'tombstone') return 'gone';
  if (link?.state !== 'done' || !link.crmId) {
    await createOnce(ctx, {
      key: { ...key, bookingId: ctx.bookingId },
      find: () => ctx.crm.findAppointment(key.externalKey, from.personId, ctx.call('find-appointment')),
      create: () => ctx.crm.createAppointment(fields, ctx.call('create-appointment')),
      findAfterMs: 0,
      written,
      hash,
    });
    return 'created';
  }
  if (link.lastHash === hash) return 'unchanged';
  try {
    await ctx.crm.updateAppointment(link.crmId, fields, ctx.call('update-appointment'));
  } catch (error) {
    if (!(error instanceof CrmError) || error.errorClass !== 'target_gone') throw error;
    // Deleted by a person: it is not made again behind their back.
    await setLinkState(ctx.deps.pool, key, 'tombstone');
    await noteWrite(ctx, {
      type: 'appointment',
      action: 'gone',
      crmId: link.crmId,
      before: link.lastWritten,
      after: null,
    });
    return 'gone';
  }
  await ctx.deps.failPoint('crm-applied-before-ledger');
  await recordLink(ctx.deps.pool, {
    ...key,
    bookingId: ctx.bookingId,
    crmId: link.crmId,
    version: ctx.version,
    hash,
    written,
  });
  await noteWrite(ctx, {
    type: 'appointment',
    action: 'update',
    crmId: link.crmId,
    before: link.lastWritten,
    after: written,
  });
  return 'updated';
}

/** Appointments that a merged booking had made: marked canceled with the reason, never deleted. */
export async function surplusStep(ctx: SyncContext): Promise<void> {
  for (const link of await readSurplus(ctx.deps.pool, ctx.connection, ctx.bookingId)) {
    if (link.type === 'appointment' && link.crmId) {
      await ctx.crm.cancelAppointment(
        link.crmId,
        'Continued by another appointment of the same booking.',
        ctx.call('cancel-surplus'),
      );
      await noteWrite(ctx, {
        type: 'appointment',
        action: 'cancel_surplus',
        crmId: link.crmId,
        before: link.lastWritten,
        after: { status: 'canceled' },
      });
    }
    await setLinkState(ctx.deps.pool, link, 'tombstone');
  }
}

/** Creates exactly once. Throws `SettleLater` while a former or this attempt's outcome can't be told yet. */
async function createOnce(
  ctx: SyncContext,
  once: {
    key: LinkKey & { bookingId: string | null };
    find: () => Promise<{ readonly id: string } | null>;
    create: () => Promise<{ readonly id: string }>;
    findAfterMs: number;
    written: Readonly<Record<string, unknown>>;
    hash: string | null;
  },
): Promise<{ id: string }> {
  const { deps } = ctx;
  const adopt = async (id: string, action: 'create' | 'adopt'): Promise<{ id: string }> => {
    await deps.failPoint('crm-applied-before-ledger');
    await recordLink(deps.pool, {
      ...once.key,
      crmId: id,
      version: ctx.version,
      hash: once.hash,
      written: once.written,
    });
    await noteWrite(ctx, { type: once.key.type, action, crmId: id, before: null, after: once.written });
    return { id };
  };
  const former = await readLink(deps.pool, once.key);
  if (former && (former.state === 'intent' || former.state === 'unknown')) {
    const waitMs = (former.intentAtMs ?? 0) + Math.max(CALL_DEADLINE_MS, once.findAfterMs) - ctx.nowMs();
    const found = await once.find();
    if (found) return adopt(found.id, 'adopt');
    if (waitMs > 0) throw new SettleLater(waitMs);
  }
  if (!(await writeIntent(deps.pool, { ...once.key, nowMs: ctx.nowMs() }))) {
    throw new Error('The record was linked, or its booking merged, while it was being written; it is looked at again');
  }
  let created: { readonly id: string };
  try {
    created = await once.create();
  } catch (error) {
    if (!(error instanceof CrmError) || error.errorClass !== 'unknown_outcome') {
      if (error instanceof CrmError) await dropIntent(deps.pool, once.key);
      throw error;
    }
    await setLinkState(deps.pool, once.key, 'unknown');
    const found = once.findAfterMs === 0 ? await once.find() : null;
    if (found) return adopt(found.id, 'adopt');
    throw new SettleLater(Math.max(CALL_DEADLINE_MS, once.findAfterMs));
  }
  return adopt(created.id, 'create');
}

async function noteWrite(
  ctx: SyncContext,
  write: {
    type: LinkKey['type'];
    action: string;
    crmId: string | null;
    before: Readonly<Record<string, unknown>> | null;
    after: Readonly<Record<string, unknown>> | null;
  },
): Promise<void> {
  await addWrite(ctx.deps.pool, {
    ...write,
    bookingId: ctx.bookingId,
    connection: ctx.connection,
    version: ctx.version,
    nowMs: ctx.nowMs(),
  });
}
