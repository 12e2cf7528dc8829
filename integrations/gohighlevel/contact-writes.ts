/**
 * HighLevel contacts: creating, filling, custom fields, tags.
 * Invariant: neither `tags` nor `createNewIfDuplicateAllowed` is ever sent with a contact: the one replaces all tags, the other makes a double.
 */
import type { PersonField, PersonFields } from '../../domain/person-match';
import { CrmError, type CapturedLead, type CrmCall } from '../ports';
import {
  anyAnswer,
  changedContactAnswer,
  createdContactAnswer,
  upsertAnswer,
  type GohighlevelContact,
} from './answers';
import type { GohighlevelClient, GohighlevelRequest } from './client';
import { fullNumber } from './contacts';
import { readErrorBody } from './error-body';
import { isDuplicateContact } from './errors';
import { NAMES_OF } from './wire';

type Identity = 'email' | 'phone';
const IDENTITIES: readonly Identity[] = ['email', 'phone'];

interface Created {
  readonly id: string;
  readonly created: boolean;
  readonly dropped: readonly PersonField[];
}

/**
 * An upsert matches as the location's "Allow Duplicate Contact" setting says. Where e-mail and phone belong to two contacts,
 * the first match is written and the other value dropped, with status 200: that is what `dropped` tells.
 */
export async function createPerson(client: GohighlevelClient, fields: PersonFields, call: CrmCall): Promise<Created> {
  const body = bodyOf(fields);
  if (Object.keys(body).length === 0) {
    const message = 'HighLevel createPerson: a contact needs an e-mail, a phone or a name, and none is known';
    throw new CrmError('invalid_data', message, { fields: ['email', 'phone', 'firstName', 'lastName'] });
  }
  const given = { operation: 'createPerson', method: 'POST', effect: 'create' } as const;
  const sent = { ...given, body: { locationId: client.locationId, ...body } };
  try {
    if (body.email === undefined && body.phone === undefined) {
      const path = ['contacts'] as const;
      const { contact } = await client.request(
        { ...sent, path, trailingSlash: true, schema: createdContactAnswer },
        call,
      );
      return { id: contact.id, created: true, dropped: [] };
    }
    const path = ['contacts', 'upsert'] as const;
    const { contact, new: isNew } = await client.request({ ...sent, path, schema: upsertAnswer }, call);
    return { id: contact.id, created: isNew !== false, dropped: droppedOf(fields, contact) };
  } catch (error) {
    const existingId = duplicateOf(error)?.meta.contactId;
    if (!existingId) throw error;
    return { id: existingId, created: false, dropped: [] };
  }
}

/** An e-mail or phone that belongs to another contact is dropped, the rest is written. */
export async function writePerson(
  client: GohighlevelClient,
  { id, changes }: { readonly id: string; readonly changes: Partial<PersonFields> },
  call: CrmCall,
): Promise<{ readonly dropped: readonly PersonField[] }> {
  let left = changes;
  const dropped: Identity[] = [];
  for (;;) {
    const body = bodyOf(left);
    if (Object.keys(body).length === 0) return { dropped };
    try {
      const { contact } = await client.request(
        { ...changeOf(id, 'writePerson'), body, schema: changedContactAnswer },
        call,
      );
      return { dropped: [...dropped, ...(contact ? droppedOf(left, contact) : [])] };
    } catch (error) {
      const taken = takenIdentities(error, left);
      if (taken.length === 0) throw error;
      dropped.push(...taken);
      left = { ...left, ...Object.fromEntries(taken.map((field) => [field, null])) };
    }
  }
}

/** Only what is named; null is what empties a field. */
export async function resetPerson(
  client: GohighlevelClient,
  { id, values }: { readonly id: string; readonly values: Partial<PersonFields> },
  call: CrmCall,
): Promise<void> {
  const body = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  if (Object.keys(body).length === 0) return;
  await client.request({ ...changeOf(id, 'resetPerson'), body, schema: anyAnswer }, call);
}

/** Custom fields by their ids; an empty text is what clears one. */
export async function writePersonFields(
  client: GohighlevelClient,
  { id, values }: { readonly id: string; readonly values: Readonly<Record<string, string | null>> },
  call: CrmCall,
): Promise<void> {
  const { fieldValue } = NAMES_OF[client.apiVersion];
  const customFields = Object.entries(values).map(([field, value]) => ({ id: field, [fieldValue]: value ?? '' }));
  if (customFields.length === 0) return;
  await client.request({ ...changeOf(id, 'writePersonFields'), body: { customFields }, schema: anyAnswer }, call);
}

/** `source` and `assignedTo` are the contact's own fields; an upsert would take them for somebody who was there already, too. */
export async function captureLead(
  client: GohighlevelClient,
  { personId, lead }: { readonly personId: string; readonly lead: CapturedLead },
  call: CrmCall,
): Promise<void> {
  const { source, ownerId } = lead;
  const body = { ...(source !== null && { source }), ...(ownerId !== null && { assignedTo: ownerId }) };
  if (Object.keys(body).length === 0) return;
  await client.request({ ...changeOf(personId, 'captureLead'), body, schema: anyAnswer }, call);
}

export async function changeTags(
  client: GohighlevelClient,
  change: { readonly personId: string; readonly add: readonly string[]; readonly remove: readonly string[] },
  call: CrmCall,
): Promise<void> {
  const { personId, add, remove } = change;
  const send = async (method: 'POST' | 'DELETE', tags: readonly string[]): Promise<void> => {
    if (tags.length === 0) return;
    const path = ['contacts', personId, 'tags'] as const;
    const request = { operation: 'changeTags', method, path, body: { tags }, effect: 'safe' } as const;
    await client.request({ ...request, schema: anyAnswer }, call);
  };
  await send('POST', add);
  await send('DELETE', remove);
}

/** A change of a contact must not name the location: HighLevel refuses it. */
function changeOf(id: string, operation: string): Omit<GohighlevelRequest<never>, 'schema'> {
  return { operation, method: 'PUT', path: ['contacts', id], effect: 'safe' };
}

/** Without what is null or blank: an empty text would clear the field. Phones as E.164, where they can be read as one. */
function bodyOf(fields: Partial<PersonFields>): Partial<Record<PersonField, string>> {
  const { firstName, lastName, email, phone } = fields;
  const all = { firstName, lastName, email, phone: fullNumber(phone) ?? phone };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => (value ?? '').trim() !== ''));
}

function droppedOf(sent: Partial<PersonFields>, contact: GohighlevelContact): readonly Identity[] {
  return IDENTITIES.filter((field) => {
    const value = sent[field]?.trim();
    return value ? !isSameIdentity(field, value, contact[field] ?? '') : false;
  });
}

/** A phone without its country is completed by HighLevel with the location's. */
function isSameIdentity(field: Identity, sent: string, held: string): boolean {
  if (field === 'email') return sent.toLowerCase() === held.trim().toLowerCase();
  const full = fullNumber(sent);
  if (full !== null) return full === fullNumber(held);
  const digits = sent.replace(/\D/g, '').replace(/^0+/, '');
  return digits !== '' && held.replace(/\D/g, '').endsWith(digits);
}

function duplicateOf(error: unknown) {
  if (!(error instanceof CrmError) || error.errorClass !== 'crm_rule') return null;
  const body = readErrorBody(error.vendorText ?? '');
  return isDuplicateContact(body) ? body : null;
}

/** Which of the identities sent belong to another contact; where HighLevel does not say which, all that were sent. */
function takenIdentities(error: unknown, sent: Partial<PersonFields>): readonly Identity[] {
  const duplicate = duplicateOf(error);
  if (duplicate === null) return [];
  const candidates = IDENTITIES.filter((field) => sent[field]);
  const named = candidates.filter((field) => field === duplicate.meta.matchingField);
  return named.length > 0 ? named : candidates;
}
