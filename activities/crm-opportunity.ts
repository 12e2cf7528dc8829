/**
 * The deal that shows a booking's stage: ours, an open one of the person, or a new one; then moved.
 * Invariant: a deal that a person moved stays where it is.
 */
import { opportunityKey, recordLink, type CrmLink, type LinkWrite } from '../db/crm-ledger';
import { whyDealStays, type WantedStage } from '../domain/crm-picture';
import type { StageMapping } from '../domain/settings';
import { lockBooking } from '../db/bookings';
import { withTransaction } from '../db/pool';
import { ownersOf, type FieldOwner } from '../domain/field-owners';
import { mappingFor } from '../domain/mapping';
import { note, type SyncContext } from './crm-context';
import { addReport, type ReadBack, type ReadBooking } from './crm-read-back';
import { createOnce } from './crm-create';

export interface SyncedOpportunity {
  readonly id: string;
  /** The stage that we wrote last; null: none yet. */
  readonly lastWrittenStageId: string | null;
  /** False: it was in the ledger already, and nobody was asked. */
  readonly isNew: boolean;
}

/** The deal of this booking as the ledger knows it; null: none yet. */
export function knownOpportunity(link: CrmLink | null): SyncedOpportunity | null {
  if (link?.state !== 'done' || !link.crmId) return null;
  return { id: link.crmId, lastWrittenStageId: stageIn(link.lastWritten), isNew: false };
}

const stageIn = (written: Readonly<Record<string, unknown>> | null): string | null =>
  typeof written?.['stageId'] === 'string' ? written['stageId'] : null;

/** `link`: the ledger's row of this booking's deal. */
export async function opportunityStep(
  ctx: SyncContext,
  from: { link: CrmLink | null; personId: string; stage: WantedStage; name: string; ownerId: string | null },
): Promise<SyncedOpportunity> {
  const { link, personId, stage, name, ownerId } = from;
  const known = knownOpportunity(link);
  if (known) return known;
  const externalKey = opportunityKey(ctx.bookingId);
  const key = { connection: ctx.connection, type: 'opportunity', externalKey, bookingId: ctx.bookingId } as const;
  const find = (madeFor?: string) =>
    ctx.crm.findOpportunity(personId, stage.pipelineId, ctx.call('find-opportunity'), madeFor);
  const open = link ? null : await find();
  if (open) {
    await note(ctx, {
      type: 'opportunity',
      action: 'adopt',
      crmId: open.id,
      before: null,
      after: { stageId: open.stageId },
      link: { ...key, crmId: open.id, version: 0, hash: null, written: null },
    });
    return { id: open.id, lastWrittenStageId: null, isNew: true };
  }
  const { pipelineId, stageId } = stage;
  const fields = { externalKey, personId, pipelineId, stageId, name, ownerId };
  const { id, written } = await createOnce(ctx, {
    key,
    former: link,
    findAfterMs: 0,
    written: { pipelineId, stageId },
    writtenIfThere: null,
    hash: null,
    // Its stage may be a closed one: among those that are open it would be missed, and made twice.
    find: () => find(externalKey),
    create: () => ctx.crm.createOpportunity(fields, ctx.call('create-opportunity')),
  });
  // One that the CRM had already stands where somebody else put it.
  return { id, lastWrittenStageId: stageIn(written), isNew: true };
}

/** Moves the deal, unless a person did. Returns the sentence for the timeline when it stays. */
export async function stageStep(
  ctx: SyncContext,
  from: { opportunity: SyncedOpportunity; stage: WantedStage; mapping: StageMapping; owner: FieldOwner },
): Promise<string | null> {
  const { opportunity, stage, mapping, owner } = from;
  const { id, lastWrittenStageId } = opportunity;
  if (lastWrittenStageId === stage.stageId) return null;
  const now = await ctx.crm.readOpportunity(id, ctx.call('read-opportunity'));
  const stays = whyDealStays({ now, mapping, owner, lastWrittenStageId, wanted: stage });
  if (now === null || (stays !== null && stays !== 'already there')) return stays;
  const link: LinkWrite = {
    connection: ctx.connection,
    bookingId: ctx.bookingId,
    version: ctx.version,
    type: 'opportunity',
    externalKey: opportunityKey(ctx.bookingId),
    crmId: id,
    hash: null,
    written: { pipelineId: stage.pipelineId, stageId: stage.stageId },
  };
  if (stays !== null) {
    await recordLink(ctx.deps.pool, link);
    return null;
  }
  await ctx.crm.moveOpportunity(
    id,
    { pipelineId: stage.pipelineId, stageId: stage.stageId },
    ctx.call('move-opportunity'),
  );
  await note(ctx, {
    action: 'move',
    crmId: id,
    link,
    before: { pipelineId: now.pipelineId, stageId: now.stageId },
    after: link.written,
    type: 'opportunity',
  });
  return null;
}

/** A deal that a person moved is brought back where the booking owns the stage; else it simply stays, and nothing is read. */
export async function readBackStage(ctx: SyncContext, from: ReadBooking): Promise<ReadBack> {
  const { booking, mapping, link } = from;
  const known = knownOpportunity(link);
  if (ownersOf(mapping).stage !== 'booking' || link === null || known?.lastWrittenStageId == null) return 'ours';
  const now = await ctx.crm.readOpportunity(known.id, ctx.call('read-opportunity'));
  const { pipelineId } = mappingFor(mapping, booking.picture.eventType ?? null);
  if (!now || now.archived || now.pipelineId !== pipelineId || now.stageId === known.lastWrittenStageId) return 'ours';
  await withTransaction(ctx.deps.pool, async (tx) => {
    await lockBooking(tx, booking.id);
    const decision = { kind: 'crm_record', connection: ctx.connection, field: 'stage' } as const;
    await addReport(tx, ctx, { booking, type: 'crm_overruled', decision });
    const { connection, type, externalKey } = link;
    const written = { pipelineId, stageId: now.stageId };
    const { bookingId, version } = ctx;
    await recordLink(tx, { connection, type, externalKey, bookingId, crmId: known.id, version, hash: null, written });
  });
  return 'changed';
}
