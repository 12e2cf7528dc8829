/**
 * HubSpot contacts: finding the person.
 * Invariant: a contact is only matched by its id, an equal e-mail or an equal full phone number.
 */
import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js';
import type { CrmCall, CrmPerson, PersonMatch, PersonQuery } from '../ports';
import { searchSchema, type HubspotRecord } from './answers';
import type { HubspotClient } from './client';
import { nullIfGone, objectPath, readRecord } from './records';

/** Searchable forms hold area code and local number, without the country code (HubSpot's search guide). */
const PHONE_SEARCH_PROPERTIES = [
  'hs_searchable_calculated_phone_number',
  'hs_searchable_calculated_mobile_number',
] as const;
const PHONE_PROPERTIES = ['phone', 'mobilephone'] as const;
const SEARCH_PAGE = 100;
const MOST_CANDIDATES = 10;

const PERSON_PROPERTIES = ['email', 'phone', 'firstname', 'lastname', 'mobilephone'] as const;

/** Link, then e-mail, then phone; the first rung with a hit decides. */
export async function resolvePerson(client: HubspotClient, query: PersonQuery, call: CrmCall): Promise<PersonMatch> {
  const linked = await findLinked(client, query.linkedId, call);
  if (linked !== null) return { kind: 'one', person: linked, matchedOn: 'link' };
  const byEmail = await findByEmails(client, query.emails, call);
  if (byEmail.length > 0) return match(byEmail, 'email');
  const byPhone = await findByPhones(client, query.phones, call);
  return byPhone.length > 0 ? match(byPhone, 'phone') : { kind: 'none' };
}

function match(people: readonly CrmPerson[], matchedOn: 'email' | 'phone'): PersonMatch {
  const [first, ...others] = people;
  return first !== undefined && others.length === 0
    ? { kind: 'one', person: first, matchedOn }
    : { kind: 'many', matchedOn, people };
}

function personOf({ id, properties }: HubspotRecord): CrmPerson {
  const value = (name: string): string | null => properties[name]?.trim() || null;
  return {
    id,
    current: {
      email: value('email')?.toLowerCase() ?? null,
      phone: asInternational(value('phone') ?? value('mobilephone')),
      firstName: value('firstname'),
      lastName: value('lastname'),
    },
  };
}

/** A number without its country's code stays as typed: guessing the country could make it somebody else's. */
function asInternational(typed: string | null): string | null {
  return typed === null ? null : (parsePhoneNumberFromString(typed)?.number ?? typed);
}

const distinct = (people: readonly CrmPerson[]): readonly CrmPerson[] => [
  ...new Map(people.map((person) => [person.id, person])).values(),
];

async function findLinked(client: HubspotClient, linkedId: string | null, call: CrmCall): Promise<CrmPerson | null> {
  // A source may carry anything as an id; HubSpot's are digits, and anything else would be refused, not missed.
  if (linkedId === null || !/^\d+$/.test(linkedId)) return null;
  const request = {
    operation: 'resolvePerson',
    type: 'contacts',
    id: linkedId,
    properties: PERSON_PROPERTIES,
  } as const;
  const record = await nullIfGone(readRecord(client, request, call));
  // The id of a merged contact answers with the survivor, whose id is the one to keep.
  return record === null || record.archived === true ? null : personOf(record);
}

export async function findByEmails(
  client: HubspotClient,
  emails: readonly string[],
  call: CrmCall,
): Promise<readonly CrmPerson[]> {
  const wanted = new Set(emails.map((email) => email.trim().toLowerCase()).filter((email) => email !== ''));
  const found: CrmPerson[] = [];
  for (const email of wanted) {
    const request = {
      operation: 'resolvePerson',
      type: 'contacts',
      id: email,
      idProperty: 'email',
      properties: PERSON_PROPERTIES,
    } as const;
    const record = await nullIfGone(readRecord(client, request, call));
    if (record !== null && record.archived !== true) found.push(personOf(record));
  }
  return distinct(found);
}

async function findByPhones(
  client: HubspotClient,
  phones: readonly string[],
  call: CrmCall,
): Promise<readonly CrmPerson[]> {
  const found: CrmPerson[] = [];
  const wanted = new Map(
    phones.map((phone) => parsePhoneNumberFromString(phone)).flatMap((phone) => (phone ? [[phone.number, phone]] : [])),
  );
  for (const phone of wanted.values()) {
    const candidates = await searchPhone(client, phone, call);
    for (const candidate of candidates)
      if (candidate.archived !== true && hasPhone(candidate, phone)) found.push(personOf(candidate));
  }
  return distinct(found);
}

/** First and last name; HubSpot's search compares them without regard to capitals. Half a name finds nobody. */
export async function findPeopleByName(
  client: HubspotClient,
  name: { readonly first: string; readonly last: string },
  call: CrmCall,
): Promise<readonly CrmPerson[]> {
  const filters = [
    { propertyName: 'firstname', operator: 'EQ', value: name.first.trim() },
    { propertyName: 'lastname', operator: 'EQ', value: name.last.trim() },
  ];
  if (filters.some(({ value }) => value === '')) return [];
  const body = { filterGroups: [{ filters }], properties: PERSON_PROPERTIES, sorts: [], limit: MOST_CANDIDATES };
  const { results } = await client.request(
    {
      ...{ operation: 'findPeopleByName', method: 'POST', path: objectPath('contacts', 'search'), body },
      ...{ effect: 'safe', search: true, schema: searchSchema },
    },
    call,
  );
  return results.filter((contact) => contact.archived !== true).map(personOf);
}

async function searchPhone(
  client: HubspotClient,
  phone: PhoneNumber,
  call: CrmCall,
): Promise<readonly HubspotRecord[]> {
  const filterGroups = PHONE_SEARCH_PROPERTIES.map((propertyName) => ({
    filters: [{ propertyName, operator: 'EQ', value: phone.nationalNumber }],
  }));
  const found: HubspotRecord[] = [];
  let after: string | undefined;
  do {
    const body = {
      filterGroups,
      properties: PERSON_PROPERTIES,
      sorts: [],
      limit: SEARCH_PAGE,
      ...(after === undefined ? {} : { after }),
    };
    const answer = await client.request(
      {
        operation: 'resolvePerson',
        method: 'POST',
        path: objectPath('contacts', 'search'),
        body,
        effect: 'safe',
        search: true,
        schema: searchSchema,
      },
      call,
    );
    found.push(...answer.results);
    const next: string | undefined = answer.paging?.next?.after;
    after = next === after ? undefined : next;
  } while (after !== undefined);
  return found;
}

/** Numbers are stored as typed. One without a country code is read in the wanted number's country. */
function hasPhone(contact: HubspotRecord, wanted: PhoneNumber): boolean {
  return PHONE_PROPERTIES.some((property) => {
    const typed = contact.properties[property];
    if (!typed) return false;
    const options =
      wanted.country === undefined
        ? { defaultCallingCode: wanted.countryCallingCode }
        : { defaultCountry: wanted.country };
    return parsePhoneNumberFromString(typed, options)?.number === wanted.number;
  });
}
