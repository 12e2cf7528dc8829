/**
 * What a booking inherits from one that was merged into it in the middle of a CRM write: an appointment that is, or may yet be, in the CRM.
 * Invariant: it is found by the key that it was written with, and ends as the booking's own appointment or as surplus, never as a second live one.
 */
import { appointmentKey, readInherited, readLink, setLinkState, takeOverLink, type CrmLink } from '../db/crm-ledger';
import { CALL_DEADLINE_MS, SettleLater, type SyncContext } from './crm-steps';

/** Before the appointment's own step. Throws `SettleLater` while the CRM may still apply the merged booking's create. */
export async function inheritedStep(ctx: SyncContext, personId: string): Promise<void> {
  const { connection, bookingId } = ctx;
  const ownKey = appointmentKey(bookingId);
  for (const link of await readInherited(ctx.deps.pool, { connection, bookingId, ownKey })) {
    const crmId = link.crmId ?? (await findWritten(ctx, link, personId));
    if (crmId === null) {
      await setLinkState(ctx.deps.pool, link, 'tombstone');
      continue;
    }
    const own = await readLink(ctx.deps.pool, { connection, type: 'appointment', externalKey: ownKey });
    await takeOverLink(ctx.deps.pool, link, { ownKey, crmId, state: own === null ? 'done' : 'surplus' });
  }
}

/** Null: it is certain that nothing was, or will be, created. */
async function findWritten(ctx: SyncContext, link: CrmLink, personId: string): Promise<string | null> {
  const waitMs = (link.intentAtMs ?? 0) + CALL_DEADLINE_MS - ctx.nowMs();
  const found = await ctx.crm.findAppointment(link.externalKey, personId, ctx.call('find-inherited'));
  if (found === null && waitMs > 0) throw new SettleLater(waitMs);
  return found?.id ?? null;
}
