/**
 * The guest's contact in the CRM: found, adopted, or (by policy or decision) created.
 * Invariant: where several match, or nobody and the policy does not create, a person is asked and nothing is written.
 */
import { personKey, type CrmLink, type LinkKey } from '../db/crm-ledger';
import type { PersonData } from '../db/persons';
import type { ContactChoice } from '../domain/facts';
import type { CreatePersonPolicy } from '../domain/settings';
import type { PersonMatch } from '../integrations/ports';
import { note, type SyncContext } from './crm-context';
import { createOnce } from './crm-create';

export interface SyncedGuest {
  readonly id: string;
  readonly data: PersonData;
  /** The ledger's row of this person. */
  readonly link: CrmLink | null;
  readonly choice: ContactChoice | null;
  readonly policy: CreatePersonPolicy;
}

export type PersonStep =
  | { readonly kind: 'person'; readonly id: string; readonly match: string }
  | { readonly kind: 'no_contact' }
  | {
      readonly kind: 'ask';
      readonly reason: 'nobody matches' | 'several match';
      readonly candidates: readonly string[];
    };

export async function personStep(ctx: SyncContext, guest: SyncedGuest): Promise<PersonStep> {
  const { choice, link } = guest;
  if (choice?.choice === 'no_contact') return { kind: 'no_contact' };
  const chosen = choice?.choice === 'use_contact' ? choice.crmPersonId : null;
  const linkedId = chosen ?? (link?.state === 'done' ? link.crmId : null);
  const match = await ctx.crm.resolvePerson({ linkedId, ...addresses(guest) }, ctx.call('resolve-person'));
  if (match.kind === 'one') return linkPerson(ctx, guest, { match, chosen });
  if (match.kind === 'many') return { kind: 'ask', reason: 'several match', candidates: match.ids };
  if (guest.policy !== 'create' && choice?.choice !== 'create_contact') {
    return { kind: 'ask', reason: 'nobody matches', candidates: [] };
  }
  return createPerson(ctx, guest);
}

const addresses = ({ data }: SyncedGuest): { emails: string[]; phones: string[] } => ({
  emails: data.email ? [data.email] : [],
  phones: data.phone ? [data.phone] : [],
});

const fieldsOf = ({ data: { email, phone, firstName, lastName } }: SyncedGuest) => ({
  ...{ email, phone, firstName, lastName },
});

function keyOf(ctx: SyncContext, guest: SyncedGuest): LinkKey & { bookingId: null } {
  return { connection: ctx.connection, type: 'person', externalKey: personKey(guest.id), bookingId: null };
}

/** A contact that is new to us gets what it lacks, once. */
async function linkPerson(
  ctx: SyncContext,
  guest: SyncedGuest,
  to: { match: Extract<PersonMatch, { kind: 'one' }>; chosen: string | null },
): Promise<PersonStep> {
  const { match, chosen } = to;
  const { link } = guest;
  const matchedOn = match.matchedOn === 'link' && chosen === match.id ? 'person_decided' : match.matchedOn;
  const before = link?.lastWritten?.matchedOn;
  const known = match.matchedOn === 'link' && typeof before === 'string' ? before : matchedOn;
  if (link?.crmId !== match.id) {
    const { filled } = await ctx.crm.fillPerson(match.id, fieldsOf(guest), ctx.call('fill-person'));
    await note(ctx, {
      ...{ type: 'person', action: 'link', crmId: match.id, before: null, after: { matchedOn, filled } },
      link: { ...keyOf(ctx, guest), crmId: match.id, version: 0, hash: null, written: { matchedOn } },
    });
  }
  return { kind: 'person', id: match.id, match: known };
}

async function createPerson(ctx: SyncContext, guest: SyncedGuest): Promise<PersonStep> {
  const created = await createOnce(ctx, {
    key: keyOf(ctx, guest),
    former: guest.link,
    find: async () => {
      const again = await ctx.crm.resolvePerson({ linkedId: null, ...addresses(guest) }, ctx.call('find-person'));
      return again.kind === 'one' ? { id: again.id } : null;
    },
    create: () => ctx.crm.createPerson(fieldsOf(guest), ctx.call('create-person')),
    // Only e-mail is a strong key: without it the CRM's search has to be given time to see the new record.
    findAfterMs: guest.data.email ? 0 : ctx.crm.searchLagMs,
    written: { matchedOn: 'created' },
    hash: null,
  });
  return { kind: 'person', id: created.id, match: 'created' };
}
