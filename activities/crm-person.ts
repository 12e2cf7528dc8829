/**
 * The guest's contact in the CRM: found, adopted, or (by policy or decision) created.
 * Invariant: where several match, or nobody and the policy does not create, a person is asked and nothing is written.
 */
import { personKey, type CrmLink, type LinkKey } from '../db/crm-ledger';
import type { PersonData } from '../db/persons';
import type { ContactChoice } from '../domain/facts';
import { personChanges, rankCandidates, type Likeness, type PersonField } from '../domain/person-match';
import type { CreatePersonPolicy } from '../domain/settings';
import type { CrmPerson, PersonMatch } from '../integrations/ports';
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
  /** `isKnown`: taken from the ledger without asking the CRM, so it may have been deleted or merged since. */
  | { readonly kind: 'person'; readonly id: string; readonly match: string; readonly isKnown: boolean }
  | { readonly kind: 'no_contact' }
  | {
      readonly kind: 'ask';
      readonly reason: 'nobody matches' | 'several match';
      /** The likeliest first; names of fields only. */
      readonly candidates: readonly Candidate[];
    };

export type Candidate = { readonly id: string } & Likeness;

/** `verify`: the linked contact is looked at even where the ledger names it, because a write found it gone. */
export async function personStep(ctx: SyncContext, guest: SyncedGuest, { verify = false } = {}): Promise<PersonStep> {
  const { choice, link } = guest;
  if (choice?.choice === 'no_contact') return { kind: 'no_contact' };
  const chosen = choice?.choice === 'use_contact' ? choice.crmPersonId : null;
  const linked = link?.state === 'done' ? link.crmId : null;
  const linkedId = chosen ?? linked;
  if (!verify && linked !== null && linked === linkedId) {
    const matchedOn = link?.lastWritten?.matchedOn;
    return { kind: 'person', id: linked, match: typeof matchedOn === 'string' ? matchedOn : 'link', isKnown: true };
  }
  const match = await ctx.crm.resolvePerson({ linkedId, ...addresses(guest) }, ctx.call('resolve-person'));
  if (match.kind === 'one') return linkPerson(ctx, guest, { match, chosen });
  if (match.kind === 'many') return { kind: 'ask', reason: 'several match', candidates: ranked(guest, match.people) };
  if (guest.policy !== 'create' && choice?.choice !== 'create_contact') {
    return { kind: 'ask', reason: 'nobody matches', candidates: ranked(guest, await namesakes(ctx, guest)) };
  }
  return createPerson(ctx, guest);
}

function ranked(guest: SyncedGuest, people: readonly CrmPerson[]): readonly Candidate[] {
  return rankCandidates(people, fieldsOf(guest)).map(({ id, agrees, differs }) => ({ id, agrees, differs }));
}

/** Same name, other addresses: perhaps a private address of somebody known by their work's. Never taken, only shown. */
async function namesakes(ctx: SyncContext, guest: SyncedGuest): Promise<readonly CrmPerson[]> {
  const { firstName, lastName } = guest.data;
  if (!ctx.crm.capabilities.nameSearch || firstName === null || lastName === null) return [];
  return ctx.crm.findPeopleByName({ first: firstName, last: lastName }, ctx.call('find-namesakes'));
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
  const { id, current } = match.person;
  const matchedOn = match.matchedOn === 'link' && chosen === id ? 'person_decided' : match.matchedOn;
  const before = link?.lastWritten?.matchedOn;
  const known = match.matchedOn === 'link' && typeof before === 'string' ? before : matchedOn;
  if (link?.crmId !== id) {
    const changes = personChanges(current, fieldsOf(guest), 'fill-empty');
    const wanted = Object.keys(changes) as PersonField[];
    const { dropped } =
      wanted.length === 0 ? { dropped: [] } : await ctx.crm.writePerson(id, changes, ctx.call('fill-person'));
    const filled = wanted.filter((field) => !dropped.includes(field));
    await note(ctx, {
      ...{ type: 'person', action: 'link', crmId: id, before: null, after: { matchedOn, filled } },
      link: { ...keyOf(ctx, guest), crmId: id, version: 0, hash: null, written: { matchedOn } },
    });
  }
  return { kind: 'person', id, match: known, isKnown: false };
}

async function createPerson(ctx: SyncContext, guest: SyncedGuest): Promise<PersonStep> {
  const created = await createOnce(ctx, {
    key: keyOf(ctx, guest),
    former: guest.link,
    find: async () => {
      const again = await ctx.crm.resolvePerson({ linkedId: null, ...addresses(guest) }, ctx.call('find-person'));
      return again.kind === 'one' ? { id: again.person.id } : null;
    },
    create: () => ctx.crm.createPerson(fieldsOf(guest), ctx.call('create-person')),
    // Only e-mail is a strong key: without it the CRM's search has to be given time to see the new record.
    findAfterMs: guest.data.email ? 0 : ctx.crm.capabilities.searchLagMs,
    written: { matchedOn: 'created' },
    writtenIfThere: { matchedOn: 'adopted' },
    hash: null,
  });
  return { kind: 'person', id: created.id, match: created.created ? 'created' : 'adopted', isKnown: false };
}
