/**
 * One status per lead: from all bookings of the guest, as a field and as tags of their contact.
 * Invariant: written only when it differs from what was written last, and only what the mapping names.
 */
import { listLeadBookings } from '../db/bookings';
import { leadKey, readLink, type CrmLink } from '../db/crm-ledger';
import { leadStatusOf, tagChange, type LeadStatus } from '../domain/lead-status';
import { folded } from '../domain/folded';
import type { LeadMapping } from '../domain/settings';
import type { PersonWords } from '../integrations/ports';
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
  const { status, values, tags } = wanted;
  const hash = JSON.stringify([crmPersonId, values, tags]);
  if (link?.lastHash === hash) return;
  // What was written to another contact says nothing about this one.
  const before = link?.crmId === crmPersonId ? link.lastWritten : null;
  const fields = Object.keys(values);
  const change = tagChange(tagsIn(before), tags);
  const held = await ctx.crm.readPersonWords(crmPersonId, fields, ctx.call('read-lead'));
  await write(ctx, crmPersonId, { values, ...change });
  // Words of the mapping, nothing personal.
  const written = { status, fields, values, tags };
  const [added, removed] = [missing(change.add, held), present(change.remove, held)];
  await note(ctx, {
    type: 'lead',
    action: 'update',
    crmId: crmPersonId,
    before,
    after: { ...written, added, removed },
    // What a person had put there.
    ...(held && { words: { personId, before: held.values, after: values } }),
    link: { ...key, bookingId: null, crmId: crmPersonId, version: ctx.version, hash, written },
  });
}

/** A tag that was there already is not ours to take away. */
function missing(tags: readonly string[], held: PersonWords | null): string[] {
  return tags.filter((tag) => !present([tag], held).includes(tag));
}

function present(tags: readonly string[], held: PersonWords | null): string[] {
  const there = new Set(held?.tags.map(folded));
  return tags.filter((tag) => there.has(folded(tag)));
}

function tagsIn(written: CrmLink['lastWritten']): string[] {
  const tags = written?.tags;
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
}

async function write(
  ctx: SyncContext,
  crmPersonId: string,
  { values, add, remove }: Pick<LeadStatus, 'values'> & ReturnType<typeof tagChange>,
): Promise<void> {
  const { crm } = ctx;
  if (Object.keys(values).length > 0) await crm.writePersonFields(crmPersonId, values, ctx.call('write-lead-field'));
  if (crm.capabilities.tags && add.length + remove.length > 0) {
    await crm.changeTags(crmPersonId, { add, remove }, ctx.call('change-lead-tags'));
  }
}
