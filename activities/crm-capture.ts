/**
 * What a new lead's contact gets once: where it came from, and its owner.
 * Invariant: only a contact that was created here for a source that captures leads is written, and only once: what a person changes afterwards stays.
 */
import { personKey, readLink } from '../db/crm-ledger';
import { takeTurn } from '../db/lead-owners';
import type { CrmMapping, LeadCapture } from '../domain/settings';
import { note, type SyncContext } from './crm-context';

export interface Captured {
  readonly personId: string;
  readonly crmPersonId: string;
  readonly leads: LeadCapture | null;
  readonly mapping: CrmMapping;
  /** Among whom owners take turns: the source. */
  readonly pool: string;
  /** The CRM's user who is the host; null: none. */
  readonly hostId: string | null;
}

/** The CRM's user who owns the lead; null: nobody was chosen for it here. */
export async function captureStep(ctx: SyncContext, of: Captured): Promise<string | null> {
  const { personId, crmPersonId, leads, mapping } = of;
  const key = { connection: ctx.connection, type: 'person', externalKey: personKey(personId) } as const;
  const link = await readLink(ctx.deps.pool, key);
  const before = link?.lastWritten ?? null;
  if (leads === null || link?.crmId !== crmPersonId || before?.capture !== 'due') return ownerIn(before);
  const ownerId = await chooseOwner(ctx, of, leads);
  const sourceField = mapping.leadSourceField ?? null;
  const source = ctx.crm.capabilities.nativeLeadSource || sourceField !== null ? leads.source : null;
  const lead = { source, sourceField, ownerId };
  await ctx.crm.captureLead(crmPersonId, lead, ctx.call('capture-lead'));
  const written = { ...before, capture: 'done', ownerId, source: source !== null };
  await note(ctx, {
    type: 'person',
    action: 'capture',
    crmId: crmPersonId,
    before: null,
    after: { ownerId, source: source !== null },
    link: { ...key, bookingId: null, crmId: crmPersonId, version: 0, hash: null, written },
  });
  return ownerId;
}

async function chooseOwner(ctx: SyncContext, of: Captured, { owner }: LeadCapture): Promise<string | null> {
  if (owner?.kind !== 'round_robin') return owner === null ? null : of.hostId;
  const turn = { pool: of.pool, personId: of.personId, owners: owner.owners, nowMs: ctx.nowMs() };
  const email = await takeTurn(ctx.deps.pool, ctx.deps.vault, turn);
  return (await ctx.crm.findOwner(email, ctx.call('find-lead-owner')))?.id ?? null;
}

function ownerIn(written: Readonly<Record<string, unknown>> | null): string | null {
  return typeof written?.ownerId === 'string' ? written.ownerId : null;
}
