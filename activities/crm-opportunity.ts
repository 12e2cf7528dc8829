/**
 * The deal that shows a booking's stage: ours, an open one of the person, or a new one; then moved.
 * Invariant: a deal that a person moved stays where it is.
 */
import { opportunityKey, recordLink, type CrmLink, type LinkWrite } from '../db/crm-ledger';
import { whyStageStays, type CrmPicture } from '../domain/crm-picture';
import type { CrmMapping } from '../domain/settings';
import { note, type SyncContext } from './crm-context';
import { createOnce } from './crm-create';

type Stage = NonNullable<CrmPicture['stage']>;

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
  const written = link.lastWritten?.stageId;
  return { id: link.crmId, lastWrittenStageId: typeof written === 'string' ? written : null, isNew: false };
}

/** `link`: the ledger's row of this booking's deal. */
export async function opportunityStep(
  ctx: SyncContext,
  from: { link: CrmLink | null; personId: string; stage: Stage; name: string; ownerId: string | null },
): Promise<SyncedOpportunity> {
  const { link, personId, stage, name, ownerId } = from;
  const known = knownOpportunity(link);
  if (known) return known;
  const externalKey = opportunityKey(ctx.bookingId);
  const key = { connection: ctx.connection, type: 'opportunity', externalKey, bookingId: ctx.bookingId } as const;
  const find = () => ctx.crm.findOpenOpportunity(personId, stage.pipelineId, ctx.call('find-opportunity'));
  const open = link ? null : await find();
  if (open) {
    await note(ctx, {
      ...{ type: 'opportunity', action: 'adopt', crmId: open.id, before: null, after: { stageId: open.stageId } },
      link: { ...key, crmId: open.id, version: 0, hash: null, written: null },
    });
    return { id: open.id, lastWrittenStageId: null, isNew: true };
  }
  const fields = { externalKey, personId, ...stage, name, ownerId };
  const { id } = await createOnce(ctx, {
    ...{ key, former: link, find, findAfterMs: 0, written: { ...stage }, hash: null },
    create: () => ctx.crm.createOpportunity(fields, ctx.call('create-opportunity')),
  });
  return { id, lastWrittenStageId: stage.stageId, isNew: true };
}

/** Moves the deal, unless a person did. Returns the sentence for the timeline when it stays. */
export async function stageStep(
  ctx: SyncContext,
  from: { opportunity: SyncedOpportunity; stage: Stage; mapping: CrmMapping },
): Promise<string | null> {
  const { opportunity, stage, mapping } = from;
  const { id, lastWrittenStageId } = opportunity;
  if (lastWrittenStageId === stage.stageId) return 'written before';
  const now = await ctx.crm.readOpportunity(id, ctx.call('read-opportunity'));
  if (!now || now.archived) return 'the deal is gone';
  const current = { pipelineId: now.pipelineId, currentStageId: now.stageId };
  const stays = whyStageStays({ mapping, ...current, lastWrittenStageId, wanted: stage });
  if (stays !== null && stays !== 'already there') return stays;
  const link: LinkWrite = {
    ...{ connection: ctx.connection, bookingId: ctx.bookingId, version: ctx.version },
    type: 'opportunity',
    externalKey: opportunityKey(ctx.bookingId),
    ...{ crmId: id, hash: null, written: { ...stage } },
  };
  if (stays !== null) {
    await recordLink(ctx.deps.pool, link);
    return stays;
  }
  await ctx.crm.moveOpportunity(id, stage, ctx.call('move-opportunity'));
  await note(ctx, {
    ...{ action: 'move', crmId: id, link, before: { stageId: now.stageId }, after: { stageId: stage.stageId } },
    type: 'opportunity',
  });
  return null;
}
