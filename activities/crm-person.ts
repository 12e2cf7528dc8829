/**
 * The guest's contact in the CRM: found, adopted, or (by policy or decision) created.
 * Invariant: where several match, or nobody and the policy does not create, a person is asked and nothing is written.
 */
import { personKey, type CrmLink, type LinkKey } from '../db/crm-ledger';
import type { PersonData } from '../domain/person';
import type { ContactChoice } from '../domain/facts';
import { companyOf } from '../domain/company';
import {
  byNameAndCompany,
  personChanges,
  rankCandidates,
  type ComparedPerson,
  type Likeness,
  type PersonField,
  type PersonFields,
  type PersonPolicy,
} from '../domain/person-match';
import type { MatchPolicy, MatchRung } from '../domain/settings';
import { MOST_NAMESAKES, type CrmPerson } from '../integrations/ports';
import { note, type SyncContext } from './crm-context';
import { createOnce } from './crm-create';
import { droppedUnasked } from './crm-dropped';

export interface SyncedGuest {
  readonly id: string;
  readonly data: PersonData;
  /** The ledger's row of this person. */
  readonly link: CrmLink | null;
  readonly choice: ContactChoice | null;
  readonly policy: MatchPolicy;
  /** The booking's answer that names the guest's company; null where the source has none. Read when it is needed. */
  readonly companyAnswer: () => Promise<string | null>;
  /** Somebody who is created here gets an owner, or is told where they came from (crm-capture.ts). */
  readonly isCaptured: boolean;
  /** What becomes of fields that the CRM has already. */
  readonly mode: PersonPolicy;
}

export type PersonStep =
  /** `isKnown`: taken from the ledger without asking the CRM, so it may have been deleted or merged since. */
  | {
      readonly kind: 'person';
      readonly id: string;
      readonly match: string;
      readonly isKnown: boolean;
      /** What the CRM did not take, and nobody was asked about. */
      readonly dropped: readonly PersonField[];
    }
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
    const known = typeof matchedOn === 'string' ? matchedOn : 'link';
    return { kind: 'person', id: linked, match: known, isKnown: true, dropped: droppedUnasked(link) };
  }
  const match = await ctx.crm.resolvePerson({ linkedId, ...addresses(guest) }, ctx.call('resolve-person'));
  if (match.kind === 'none') return lastRungs(ctx, guest, []);
  const met = match.kind === 'one' ? [match.person] : match.people;
  if (!guest.policy.matchOn.includes(match.matchedOn)) return lastRungs(ctx, guest, met);
  if (match.kind === 'one') return linkPerson(ctx, guest, { ...match, chosen });
  return { kind: 'ask', reason: 'several match', candidates: await ranked(guest, met) };
}

/**
 * Nobody on the rungs that may match: name and company, where the policy has that rung, then a new contact or a question.
 * `met`: whom a rung found that may not match; they are offered.
 */
async function lastRungs(ctx: SyncContext, guest: SyncedGuest, met: readonly CrmPerson[]): Promise<PersonStep> {
  const creates = guest.policy.createPerson === 'create';
  const takesNames = guest.policy.matchOn.includes('name_company');
  if (guest.choice?.choice === 'create_contact' || (creates && !takesNames)) return createPerson(ctx, guest);
  const people = distinct([...met, ...(await namesakes(ctx, guest))]);
  if (takesNames) {
    const { known, offered } = byNameAndCompany(people, await comparedGuest(guest));
    // The search shows so many at the most: another one may have the same name and company.
    const isWhole = people.length < MOST_NAMESAKES;
    if (known && isWhole) return linkPerson(ctx, guest, { person: known, matchedOn: 'name_company', chosen: null });
    if (creates && known === null && offered.length === 0) return createPerson(ctx, guest);
    if (creates) return { kind: 'ask', reason: 'several match', candidates: await ranked(guest, people) };
  }
  return { kind: 'ask', reason: 'nobody matches', candidates: await ranked(guest, people) };
}

async function ranked(guest: SyncedGuest, people: readonly CrmPerson[]): Promise<readonly Candidate[]> {
  if (people.length === 0) return [];
  return rankCandidates(people, await comparedGuest(guest)).map(({ id, agrees, differs }) => ({ id, agrees, differs }));
}

const distinct = (people: readonly CrmPerson[]): readonly CrmPerson[] => [
  ...new Map(people.map((person) => [person.id, person])).values(),
];

/** People of the guest's name: perhaps a private address of somebody known by their work's. */
async function namesakes(ctx: SyncContext, guest: SyncedGuest): Promise<readonly CrmPerson[]> {
  const { firstName, lastName } = guest.data;
  if (!ctx.crm.capabilities.nameSearch || firstName === null || lastName === null) return [];
  return ctx.crm.findPeopleByName({ first: firstName, last: lastName }, ctx.call('find-namesakes'));
}

const addresses = ({ data }: SyncedGuest): { emails: string[]; phones: string[] } => ({
  emails: data.email ? [data.email] : [],
  phones: data.phone ? [data.phone] : [],
});

export const fieldsOf = ({ data: { email, phone, firstName, lastName } }: SyncedGuest): PersonFields => ({
  email,
  phone,
  firstName,
  lastName,
});

async function comparedGuest(guest: SyncedGuest): Promise<ComparedPerson> {
  const answer = await guest.companyAnswer();
  return { ...fieldsOf(guest), company: companyOf({ answer, email: guest.data.email }) };
}

function keyOf(ctx: SyncContext, guest: SyncedGuest): LinkKey & { bookingId: null } {
  return { connection: ctx.connection, type: 'person', externalKey: personKey(guest.id), bookingId: null };
}

/** A contact that is new to us gets what it lacks, once. */
async function linkPerson(
  ctx: SyncContext,
  guest: SyncedGuest,
  to: { person: CrmPerson; matchedOn: MatchRung; chosen: string | null },
): Promise<PersonStep> {
  const { person, chosen } = to;
  const { link } = guest;
  const { id, current } = person;
  const matchedOn = to.matchedOn === 'link' && chosen === id ? 'person_decided' : to.matchedOn;
  const before = link?.lastWritten?.matchedOn;
  const known = to.matchedOn === 'link' && typeof before === 'string' ? before : matchedOn;
  if (link?.crmId === id) return { kind: 'person', id, match: known, isKnown: false, dropped: droppedUnasked(link) };
  const changes = personChanges(current, fieldsOf(guest), guest.mode);
  const wanted = Object.keys(changes) as PersonField[];
  const { dropped } =
    wanted.length === 0 ? { dropped: [] } : await ctx.crm.writePerson(id, changes, ctx.call('fill-person'));
  const filled = wanted.filter((field) => !dropped.includes(field));
  const written = { matchedOn, ...(dropped.length > 0 && { dropped }) };
  await note(ctx, {
    type: 'person',
    action: 'link',
    crmId: id,
    before: null,
    after: { matchedOn, filled },
    words: { personId: guest.id, before: only(filled, current), after: only(filled, fieldsOf(guest)) },
    link: { ...keyOf(ctx, guest), crmId: id, version: 0, hash: null, written },
  });
  return { kind: 'person', id, match: known, isKnown: false, dropped };
}

const only = (fields: readonly PersonField[], of: PersonFields) =>
  Object.fromEntries(fields.map((field) => [field, of[field]]));

async function createPerson(ctx: SyncContext, guest: SyncedGuest): Promise<PersonStep> {
  let leftOut: readonly PersonField[] = [];
  const created = await createOnce(ctx, {
    key: keyOf(ctx, guest),
    former: guest.link,
    find: async () => {
      const { emails, phones } = addresses(guest);
      // Whom a rung finds that may not match is somebody else, unless it is all that there is to go by.
      const byPhone = emails.length === 0 || guest.policy.matchOn.includes('phone');
      const query = { linkedId: null, emails, phones: byPhone ? phones : [] };
      const again = await ctx.crm.resolvePerson(query, ctx.call('find-person'));
      return again.kind === 'one' ? { id: again.person.id } : null;
    },
    create: async () => {
      const { id, created, dropped } = await ctx.crm.createPerson(fieldsOf(guest), ctx.call('create-person'));
      leftOut = dropped;
      return { id, created, ...(dropped.length > 0 && { said: { dropped } }) };
    },
    // Only e-mail is a strong key: without it the CRM's search has to be given time to see the new record.
    findAfterMs: guest.data.email ? 0 : ctx.crm.capabilities.searchLagMs,
    written: { matchedOn: 'created', ...(guest.isCaptured && { capture: 'due' }) },
    writtenIfThere: { matchedOn: 'adopted' },
    hash: null,
  });
  const match = created.created ? 'created' : 'adopted';
  return { kind: 'person', id: created.id, match, isKnown: false, dropped: leftOut };
}
