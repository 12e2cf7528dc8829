/**
 * HubSpot contacts: finding the person, creating, filling what is empty.
 * Invariant: a contact is only matched by its id, an equal e-mail or an equal full phone number; nothing a person typed is overwritten.
 */
import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js';
import { CrmError, type CrmCall, type PersonFields, type PersonMatch, type PersonQuery } from '../ports';
import { searchSchema, type HubspotRecord } from './answers';
import type { HubspotClient } from './client';
import { readErrorBody } from './error-body';
import { createRecord, nullIfGone, objectPath, patchRecord, readRecord, withoutEmpty } from './records';

/** Searchable forms hold area code and local number, without the country code (HubSpot's search guide). */
const PHONE_SEARCH_PROPERTIES = [
  'hs_searchable_calculated_phone_number',
  'hs_searchable_calculated_mobile_number',
] as const;
const PHONE_PROPERTIES = ['phone', 'mobilephone'] as const;
const SEARCH_PAGE = 100;

/** Our field → HubSpot's property. */
const PROPERTY_OF = { email: 'email', phone: 'phone', firstName: 'firstname', lastName: 'lastname' } as const;
type Field = keyof typeof PROPERTY_OF;
const FIELDS: readonly Field[] = ['email', 'phone', 'firstName', 'lastName'];

/** Link, then e-mail, then phone; the first rung with a hit decides. */
export async function resolvePerson(client: HubspotClient, query: PersonQuery, call: CrmCall): Promise<PersonMatch> {
  const linked = await findLinked(client, query.linkedId, call);
  if (linked !== null) return { kind: 'one', id: linked, matchedOn: 'link' };
  const byEmail = await findByEmails(client, query.emails, call);
  if (byEmail.length > 0) return match(byEmail, 'email');
  const byPhone = await findByPhones(client, query.phones, call);
  return byPhone.length > 0 ? match(byPhone, 'phone') : { kind: 'none' };
}

function match(ids: readonly string[], matchedOn: 'email' | 'phone'): PersonMatch {
  const [first, ...others] = ids;
  return first !== undefined && others.length === 0
    ? { kind: 'one', id: first, matchedOn }
    : { kind: 'many', matchedOn, ids };
}

async function findLinked(client: HubspotClient, linkedId: string | null, call: CrmCall): Promise<string | null> {
  // A source may carry anything as an id; HubSpot's are digits, and anything else would be refused, not missed.
  if (linkedId === null || !/^\d+$/.test(linkedId)) return null;
  const request = { operation: 'resolvePerson', type: 'contacts', id: linkedId, properties: ['email'] } as const;
  const record = await nullIfGone(readRecord(client, request, call));
  // The id of a merged contact answers with the survivor, whose id is the one to keep.
  return record === null || record.archived === true ? null : record.id;
}

async function findByEmails(
  client: HubspotClient,
  emails: readonly string[],
  call: CrmCall,
): Promise<readonly string[]> {
  const wanted = new Set(emails.map((email) => email.trim().toLowerCase()).filter((email) => email !== ''));
  const ids = new Set<string>();
  for (const email of wanted) {
    const request = {
      operation: 'resolvePerson',
      type: 'contacts',
      id: email,
      idProperty: 'email',
      properties: ['email'],
    } as const;
    const record = await nullIfGone(readRecord(client, request, call));
    if (record !== null && record.archived !== true) ids.add(record.id);
  }
  return [...ids];
}

async function findByPhones(
  client: HubspotClient,
  phones: readonly string[],
  call: CrmCall,
): Promise<readonly string[]> {
  const ids = new Set<string>();
  const wanted = new Map(
    phones.map((phone) => parsePhoneNumberFromString(phone)).flatMap((phone) => (phone ? [[phone.number, phone]] : [])),
  );
  for (const phone of wanted.values()) {
    const candidates = await searchPhone(client, phone, call);
    for (const candidate of candidates)
      if (candidate.archived !== true && hasPhone(candidate, phone)) ids.add(candidate.id);
  }
  return [...ids];
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
      properties: PHONE_PROPERTIES,
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

/** Creates a contact; where the e-mail is taken, the contact that has it is adopted. */
export async function createPerson(
  client: HubspotClient,
  fields: PersonFields,
  call: CrmCall,
): Promise<{ readonly id: string; readonly created: boolean }> {
  const properties = propertiesOf(fields);
  if (!properties['email'] && !properties['firstname'] && !properties['lastname']) {
    throw new CrmError(
      'invalid_data',
      'HubSpot createPerson: a contact needs an e-mail, a first name or a last name, and none is known',
      {
        fields: ['email', 'firstname', 'lastname'],
      },
    );
  }
  try {
    const { id } = await createRecord(
      client,
      { operation: 'createPerson', type: 'contacts', properties, associations: [] },
      call,
    );
    return { id, created: true };
  } catch (error) {
    if (!isConflict(error)) throw error;
    return { id: await existingId(client, error, properties['email'], call), created: false };
  }
}

/** The id is only in the text ("Contact already exists. Existing ID: 6001"); where it is not, the e-mail tells. */
async function existingId(
  client: HubspotClient,
  conflict: CrmError,
  email: string | undefined,
  call: CrmCall,
): Promise<string> {
  const named = /Existing ID: (\d+)/.exec(readErrorBody(conflict.vendorText ?? '').message)?.[1];
  if (named !== undefined) return named;
  const [found] = email === undefined ? [] : await findByEmails(client, [email], call);
  if (found !== undefined) return found;
  throw conflict;
}

/** Fills empty properties only. An e-mail that belongs to another contact is left out, the rest is filled. */
export async function fillPerson(
  client: HubspotClient,
  { id, fields }: { readonly id: string; readonly fields: PersonFields },
  call: CrmCall,
): Promise<{ readonly filled: readonly string[] }> {
  const request = { operation: 'fillPerson', type: 'contacts', id, properties: Object.values(PROPERTY_OF) } as const;
  const record = await readRecord(client, request, call);
  const empty = FIELDS.filter(
    (field) => (record.properties[PROPERTY_OF[field]] ?? '').trim() === '' && (fields[field] ?? '').trim() !== '',
  );
  if (empty.length === 0) return { filled: [] };
  try {
    return await fill(client, { id, fields, names: empty }, call);
  } catch (error) {
    if (!isConflict(error) || !empty.includes('email')) throw error;
    return await fill(client, { id, fields, names: empty.filter((field) => field !== 'email') }, call);
  }
}

async function fill(
  client: HubspotClient,
  { id, fields, names }: { readonly id: string; readonly fields: PersonFields; readonly names: readonly Field[] },
  call: CrmCall,
): Promise<{ readonly filled: readonly string[] }> {
  if (names.length === 0) return { filled: [] };
  const properties = withoutEmpty(Object.fromEntries(names.map((field) => [PROPERTY_OF[field], fields[field]])));
  await patchRecord(client, { operation: 'fillPerson', type: 'contacts', id, properties }, call);
  return { filled: names };
}

function propertiesOf(fields: PersonFields): Readonly<Record<string, string>> {
  return withoutEmpty(Object.fromEntries(FIELDS.map((field) => [PROPERTY_OF[field], fields[field]])));
}

function isConflict(error: unknown): error is CrmError {
  return error instanceof CrmError && error.httpStatus === 409;
}
