/**
 * Who in a CRM is the guest, rung by rung: the linked id, then e-mail, then phone. The same for every CRM.
 * Invariant: the first rung with a hit decides, and several hits on it are never narrowed down to one here.
 */
import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js';
import type { CrmPerson, PersonMatch, PersonQuery } from './ports';

/** How one CRM looks for people on one rung. What it answers was compared by the CRM's folder: an equal id, e-mail or full number. */
export interface PersonFinders {
  /** Null where nobody has the id, or where it can't be one of the CRM's: a source may carry anything. */
  linked(id: string): Promise<CrmPerson | null>;
  /** `email` is trimmed and in lower case. */
  byEmail(email: string): Promise<CrmPerson | null>;
  byPhone(phone: PhoneNumber): Promise<readonly CrmPerson[]>;
}

export async function climbLadder(query: PersonQuery, find: PersonFinders): Promise<PersonMatch> {
  const linked = query.linkedId === null ? null : await find.linked(query.linkedId);
  if (linked !== null) return { kind: 'one', person: linked, matchedOn: 'link' };
  const byEmail = await findEach(emailsIn(query), async (email) => [await find.byEmail(email)]);
  if (byEmail.length > 0) return matchOf(byEmail, 'email');
  const byPhone = await findEach(phonesIn(query), (phone) => find.byPhone(phone));
  return byPhone.length > 0 ? matchOf(byPhone, 'phone') : { kind: 'none' };
}

/** One after the other: the CRM's limit is better spent on other bookings than on being quick here. */
async function findEach<T>(
  wanted: readonly T[],
  find: (one: T) => Promise<readonly (CrmPerson | null)[]>,
): Promise<readonly CrmPerson[]> {
  const found = new Map<string, CrmPerson>();
  for (const one of wanted) for (const person of await find(one)) if (person !== null) found.set(person.id, person);
  return [...found.values()];
}

const emailsIn = ({ emails }: PersonQuery): readonly string[] => [
  ...new Set(emails.map((email) => email.trim().toLowerCase()).filter((email) => email !== '')),
];

/** Each number once; a text that names no full number finds nobody. */
function phonesIn({ phones }: PersonQuery): readonly PhoneNumber[] {
  const parsed = phones.map((phone) => parsePhoneNumberFromString(phone)).filter((phone) => phone !== undefined);
  return [...new Map(parsed.map((phone) => [phone.number, phone])).values()];
}

function matchOf(people: readonly CrmPerson[], matchedOn: 'email' | 'phone'): PersonMatch {
  const [first, ...others] = people;
  return first !== undefined && others.length === 0
    ? { kind: 'one', person: first, matchedOn }
    : { kind: 'many', matchedOn, people };
}
