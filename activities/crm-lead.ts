/**
 * One status per lead: from all bookings of the guest, as a field and as tags of their contact.
 * Invariant: written only when it differs from what was written last, and only what the mapping names.
 */
import { listLeadBookings } from '../db/bookings';
import { leadKey, readLink } from '../db/crm-ledger';
import { leadStatusOf, type LeadStatus } from '../domain/lead-status';
import type { LeadMapping } from '../domain/settings';
import { note, type SyncContext } from './crm-context';

/** `personId` is ours, `crmPersonId` the CRM's. */
export async function leadStep(
  ctx: SyncContext,
  from: { personId: string; crmPersonId: string; mapping: LeadMapping; sources: readonly string[] },
): Promise<void> {
  const { personId, crmPersonId, mapping, sources } = from;
  const { pool } = ctx.deps;
  const key = { connection: ctx.connection, type: 'lead', externalKey: leadKey(personId) } as const;
  const [bookings, link] = await Promise.all([listLeadBookings(pool, personId, sources), readLink(pool, key)]);
  const wanted = leadStatusOf(bookings, mapping);
  if (wanted === null) return;
  const { status, values, addTags, removeTags } = wanted;
  const hash = JSON.stringify([crmPersonId, values, addTags, removeTags]);
  if (link?.lastHash === hash) return;
  await write(ctx, crmPersonId, wanted);
  const written = { status, fields: Object.keys(values), tags: addTags };
  await note(ctx, {
    ...{ type: 'lead', action: 'update', crmId: crmPersonId, before: link?.lastWritten ?? null, after: written },
    link: { ...key, bookingId: null, crmId: crmPersonId, version: ctx.version, hash, written },
  });
}

async function write(
  ctx: SyncContext,
  crmPersonId: string,
  { values, addTags, removeTags }: LeadStatus,
): Promise<void> {
  const { crm } = ctx;
  if (Object.keys(values).length > 0) await crm.writePersonFields(crmPersonId, values, ctx.call('write-lead-field'));
  if (crm.capabilities.tags && addTags.length + removeTags.length > 0) {
    await crm.changeTags(crmPersonId, { add: addTags, remove: removeTags }, ctx.call('change-lead-tags'));
  }
}
