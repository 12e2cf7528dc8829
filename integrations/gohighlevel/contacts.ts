/**
 * HighLevel contacts: finding the person.
 * Invariant: a contact is only matched by its id, an equal e-mail or an equal full phone number; what HighLevel found is compared again here.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { climbLadder } from '../person-ladder';
import {
  CrmError,
  MOST_NAMESAKES,
  type CrmCall,
  type CrmPerson,
  type PersonMatch,
  type PersonQuery,
  type PersonWords,
} from '../ports';
import { contactAnswer, contactSearchAnswer, duplicateAnswer, type GohighlevelContact } from './answers';
import type { GohighlevelClient } from './client';

/** Search compares words, so more than what is wanted may come back. */
const SEARCH_PAGE = 50;

/** Link, then e-mail, then phone; the first rung with a hit decides. */
export function resolvePerson(client: GohighlevelClient, query: PersonQuery, call: CrmCall): Promise<PersonMatch> {
  return climbLadder(query, {
    linked: (id) => findLinked(client, id, call),
    byEmail: (email) => findByEmail(client, email, call),
    byPhone: ({ number }) => findByPhone(client, number, call),
  });
}

function personOf(contact: GohighlevelContact): CrmPerson {
  const value = (text: string | null | undefined): string | null => text?.trim() || null;
  const current: CrmPerson['current'] = {
    email: value(contact.email)?.toLowerCase() ?? null,
    phone: value(contact.phone),
    firstName: value(contact.firstName) ?? value(contact.firstNameLowerCase),
    lastName: value(contact.lastName) ?? value(contact.lastNameLowerCase),
    company: value(contact.companyName),
  };
  return { id: contact.id, current };
}

/** Digits with country code of a phone that names its country; null for any other text. */
export const fullNumber = (phone: string | null | undefined): string | null =>
  parsePhoneNumberFromString(phone ?? '')?.number ?? null;

/** A company's token sees other locations too. */
const isOurs = (client: GohighlevelClient, contact: GohighlevelContact): boolean =>
  contact.deleted !== true && (contact.locationId ?? client.locationId) === client.locationId;

async function findLinked(client: GohighlevelClient, id: string, call: CrmCall): Promise<CrmPerson | null> {
  const contact = await readContact(client, { operation: 'resolvePerson', id }, call);
  return contact && personOf(contact);
}

/** A contact's custom fields by their ids, and its tags, which HighLevel keeps in lower case. */
export async function readPersonWords(
  client: GohighlevelClient,
  { id, fields }: { readonly id: string; readonly fields: readonly string[] },
  call: CrmCall,
): Promise<PersonWords | null> {
  const contact = await readContact(client, { operation: 'readPersonWords', id }, call);
  if (contact === null) return null;
  const held = new Map(contact.customFields?.map((field) => [field.id, field.value]));
  const textOf = (value: unknown): string | null => {
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    values: Object.fromEntries(fields.map((field) => [field, textOf(held.get(field))])),
    tags: contact.tags ?? [],
  };
}

async function readContact(
  client: GohighlevelClient,
  { operation, id }: { readonly operation: string; readonly id: string },
  call: CrmCall,
): Promise<GohighlevelContact | null> {
  // What can't be one of HighLevel's ids is not asked for.
  if (!/^[\w-]{1,64}$/.test(id)) return null;
  const path = ['contacts', id] as const;
  try {
    const { contact } = await client.request(
      { operation, method: 'GET', path, effect: 'safe', schema: contactAnswer },
      call,
    );
    return isOurs(client, contact) ? contact : null;
  } catch (error) {
    if (isNoSuchContact(error)) return null;
    throw error;
  }
}

/** An id that HighLevel finds malformed gets 400 or 422 with words that nobody has documented. */
function isNoSuchContact(error: unknown): boolean {
  if (!(error instanceof CrmError) || error.errorClass === 'account_inactive') return false;
  return error.errorClass === 'target_gone' || error.httpStatus === 400 || error.httpStatus === 422;
}

async function findByEmail(client: GohighlevelClient, email: string, call: CrmCall): Promise<CrmPerson | null> {
  const person = await findDuplicate(client, { email }, call);
  return person?.current.email === email ? person : null;
}

async function findByPhone(client: GohighlevelClient, number: string, call: CrmCall): Promise<readonly CrmPerson[]> {
  const person = await findDuplicate(client, { number }, call);
  return person !== null && fullNumber(person.current.phone) === number ? [person] : [];
}

/** Whom HighLevel would call a duplicate: one at most, also where the location allows several. */
async function findDuplicate(
  client: GohighlevelClient,
  by: { readonly email: string } | { readonly number: string },
  call: CrmCall,
): Promise<CrmPerson | null> {
  const path = ['contacts', 'search', 'duplicate'] as const;
  const query = { locationId: client.locationId, ...by };
  try {
    const { contact } = await client.request(
      { operation: 'resolvePerson', method: 'GET', path, query, effect: 'safe', schema: duplicateAnswer },
      call,
    );
    return contact && isOurs(client, contact) ? personOf(contact) : null;
  } catch (error) {
    // The contract does not say how nobody looks.
    if (error instanceof CrmError && error.errorClass === 'target_gone') return null;
    throw error;
  }
}

/** Names are compared without regard to capitals. The search may find more than is wanted. */
export async function findPeopleByName(
  client: GohighlevelClient,
  name: { readonly first: string; readonly last: string },
  call: CrmCall,
): Promise<readonly CrmPerson[]> {
  const wanted = { firstNameLowerCase: folded(name.first), lastNameLowerCase: folded(name.last) };
  const filters = Object.entries(wanted)
    .filter(([, value]) => value !== '')
    .map(([field, value]) => ({ field, operator: 'eq', value }));
  if (filters.length === 0) return [];
  const { contacts } = await client.request(
    {
      operation: 'findPeopleByName',
      method: 'POST',
      path: ['contacts', 'search'],
      body: { locationId: client.locationId, page: 1, pageLimit: SEARCH_PAGE, filters },
      effect: 'safe',
      search: true,
      schema: contactSearchAnswer,
    },
    call,
  );
  const isNamesake = ({ current }: CrmPerson): boolean =>
    ['', folded(current.firstName)].includes(wanted.firstNameLowerCase) &&
    ['', folded(current.lastName)].includes(wanted.lastNameLowerCase);
  return contacts
    .filter((contact) => isOurs(client, contact))
    .map(personOf)
    .filter(isNamesake)
    .slice(0, MOST_NAMESAKES);
}

const folded = (name: string | null): string => (name ?? '').normalize('NFC').trim().toLowerCase();
