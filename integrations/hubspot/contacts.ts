/**
 * HubSpot contacts: finding the person.
 * Invariant: a contact is only matched by its id, an equal e-mail or an equal full phone number.
 */
import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js';
import { climbLadder } from '../person-ladder';
import { MOST_NAMESAKES, type CrmCall, type CrmPerson, type PersonMatch, type PersonQuery } from '../ports';
import type { HubspotRecord } from './answers';
import type { HubspotClient } from './client';
import { nullIfGone, readRecord, searchObjects } from './records';

/** Searchable forms hold area code and local number, without the country code (HubSpot's search guide). */
const PHONE_SEARCH_PROPERTIES = [
  'hs_searchable_calculated_phone_number',
  'hs_searchable_calculated_mobile_number',
] as const;
const PHONE_PROPERTIES = ['phone', 'mobilephone'] as const;
const SEARCH_PAGE = 100;

const PERSON_PROPERTIES = ['email', 'phone', 'firstname', 'lastname', 'company', 'mobilephone'] as const;

/** Link, then e-mail, then phone; the first rung with a hit decides. */
export function resolvePerson(client: HubspotClient, query: PersonQuery, call: CrmCall): Promise<PersonMatch> {
  return climbLadder(query, {
    linked: (id) => findLinked(client, id, call),
    byEmail: (email) => findByEmail(client, email, call),
    byPhone: (phone) => findByPhone(client, phone, call),
  });
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
      company: value('company'),
    },
  };
}

/** A number without its country's code stays as typed: guessing the country could make it somebody else's. */
function asInternational(typed: string | null): string | null {
  return typed === null ? null : (parsePhoneNumberFromString(typed)?.number ?? typed);
}

async function findLinked(client: HubspotClient, id: string, call: CrmCall): Promise<CrmPerson | null> {
  // HubSpot's ids are digits, and anything else would be refused, not missed.
  if (!/^\d+$/.test(id)) return null;
  // The id of a merged contact answers with the survivor, whose id is the one to keep.
  return readContact(client, { id }, call);
}

/** `email` in lower case; a strong read, no search. */
export function findByEmail(client: HubspotClient, email: string, call: CrmCall): Promise<CrmPerson | null> {
  return readContact(client, { id: email, idProperty: 'email' }, call);
}

async function readContact(
  client: HubspotClient,
  by: { readonly id: string; readonly idProperty?: 'email' },
  call: CrmCall,
): Promise<CrmPerson | null> {
  const request = { operation: 'resolvePerson', type: 'contacts', ...by, properties: PERSON_PROPERTIES } as const;
  const record = await nullIfGone(readRecord(client, request, call));
  return record === null || record.archived === true ? null : personOf(record);
}

async function findByPhone(client: HubspotClient, phone: PhoneNumber, call: CrmCall): Promise<readonly CrmPerson[]> {
  const candidates = await searchPhone(client, phone, call);
  return candidates.filter((one) => one.archived !== true && hasPhone(one, phone)).map(personOf);
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
  const body = { filterGroups: [{ filters }], properties: PERSON_PROPERTIES, sorts: [], limit: MOST_NAMESAKES };
  const { results } = await searchObjects(client, { type: 'contacts', operation: 'findPeopleByName', body }, call);
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
    const answer = await searchObjects(client, { type: 'contacts', operation: 'resolvePerson', body }, call);
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
