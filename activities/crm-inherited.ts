/**
 * What a booking inherits from one that was merged into it in the middle of a CRM write: an appointment that is, or may yet be, in the CRM.
 * Invariant: it is found by the key that it was written with, and ends as the booking's own appointment or as surplus, never as a second live one.
 */
import { appointmentKey, setLinkState, takeOverLink, type BookingLinks, type CrmLink } from '../db/crm-ledger';
import { CALL_DEADLINE_MS, SettleLater, type SyncContext } from './crm-context';

/**
 * Before the appointment's own step; returns the links as they are afterwards.
 * Throws `SettleLater` while the CRM may still apply the merged booking's create.
 */
export async function inheritedStep(ctx: SyncContext, links: BookingLinks, personId: string): Promise<BookingLinks> {
  const ownKey = appointmentKey(ctx.bookingId);
  let { appointment } = links;
  const surplus = [...links.surplus];
  for (const link of links.inherited) {
    const crmId = link.crmId ?? (await findWritten(ctx, link, personId));
    if (crmId === null) {
      await setLinkState(ctx.deps.pool, link, 'tombstone');
      continue;
    }
    const state = appointment === null ? 'done' : 'surplus';
    await takeOverLink(ctx.deps.pool, link, { ownKey, crmId, state });
    if (appointment === null) appointment = { ...link, crmId, state, externalKey: ownKey };
    else surplus.push({ ...link, crmId, state });
  }
  return { ...links, appointment, surplus, inherited: [] };
}

/** Null: it is certain that nothing was, or will be, created. */
async function findWritten(ctx: SyncContext, link: CrmLink, personId: string): Promise<string | null> {
  const waitMs = (link.intentAtMs ?? 0) + CALL_DEADLINE_MS - ctx.nowMs();
  const found = await ctx.crm.findAppointment(link.externalKey, personId, ctx.call('find-inherited'));
  if (found === null && waitMs > 0) throw new SettleLater(waitMs);
  return found?.id ?? null;
}
