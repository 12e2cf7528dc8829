/**
 * HubSpot contacts: creating them, and writing to them.
 * Invariant: an e-mail belongs to one contact; where it is another's, that contact is adopted, or the e-mail left out.
 */
import {
  CrmError,
  type CapturedLead,
  type CrmCall,
  type PersonField,
  type PersonFields,
  type PersonWords,
} from '../ports';
import type { HubspotClient } from './client';
import { findByEmail } from './contacts';
import { isConflict, readErrorBody } from './error-body';
import { createRecord, nullIfGone, patchRecord, readRecord, withoutEmpty } from './records';

/** Our field → HubSpot's property. */
const PROPERTY_OF = {
  email: 'email',
  phone: 'phone',
  firstName: 'firstname',
  lastName: 'lastname',
} as const satisfies Record<PersonField, string>;
const FIELDS = Object.keys(PROPERTY_OF) as readonly PersonField[];

/** Creates a contact; where the e-mail is taken, the contact that has it is adopted. */
export async function createPerson(
  client: HubspotClient,
  fields: PersonFields,
  call: CrmCall,
): Promise<{ readonly id: string; readonly created: boolean; readonly dropped: readonly PersonField[] }> {
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
    return { id, created: true, dropped: [] };
  } catch (error) {
    if (!isConflict(error)) throw error;
    return { id: await existingId(client, error, properties['email'], call), created: false, dropped: [] };
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
  const found = email === undefined ? null : await findByEmail(client, email.trim().toLowerCase(), call);
  if (found !== null) return found.id;
  throw conflict;
}

/** An e-mail that belongs to another contact is dropped, the rest is written: phones and names may repeat. */
export async function writePerson(
  client: HubspotClient,
  { id, changes }: { readonly id: string; readonly changes: Partial<PersonFields> },
  call: CrmCall,
): Promise<{ readonly dropped: readonly PersonField[] }> {
  const write = async (fields: Partial<PersonFields>): Promise<void> => {
    const properties = propertiesOf(fields);
    if (Object.keys(properties).length === 0) return;
    await patchRecord(client, { operation: 'writePerson', type: 'contacts', id, properties }, call);
  };
  try {
    await write(changes);
    return { dropped: [] };
  } catch (error) {
    if (!isConflict(error) || !changes.email) throw error;
    await write({ ...changes, email: null });
    return { dropped: ['email'] };
  }
}

/** Only what is named; an empty string is what clears a property. */
export async function resetPerson(
  client: HubspotClient,
  { id, values }: { readonly id: string; readonly values: Partial<PersonFields> },
  call: CrmCall,
): Promise<void> {
  const named = FIELDS.filter((field) => values[field] !== undefined);
  if (named.length === 0) return;
  const properties = Object.fromEntries(named.map((field) => [PROPERTY_OF[field], values[field] ?? '']));
  await patchRecord(client, { operation: 'resetPerson', type: 'contacts', id, properties }, call);
}

export async function readPersonWords(
  client: HubspotClient,
  { id, fields }: { readonly id: string; readonly fields: readonly string[] },
  call: CrmCall,
): Promise<PersonWords | null> {
  const request = { operation: 'readPersonWords', type: 'contacts', id, properties: fields } as const;
  const record = await nullIfGone(readRecord(client, request, call));
  // The id of a contact that was merged away may lead to who is left.
  if (record === null || record.archived === true || record.id !== id) return null;
  return { values: Object.fromEntries(fields.map((field) => [field, record.properties[field] || null])), tags: [] };
}

/** Custom properties by their names; an empty string is what clears one. */
export async function writePersonFields(
  client: HubspotClient,
  { id, values }: { readonly id: string; readonly values: Readonly<Record<string, string | null>> },
  call: CrmCall,
): Promise<void> {
  const properties = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? '']));
  if (Object.keys(properties).length === 0) return;
  await patchRecord(client, { operation: 'writePersonFields', type: 'contacts', id, properties }, call);
}

/** HubSpot sets its own source properties by itself and lets nobody write them: ours goes to a property that the mapping names. */
export async function captureLead(
  client: HubspotClient,
  { personId: id, lead }: { readonly personId: string; readonly lead: CapturedLead },
  call: CrmCall,
): Promise<void> {
  const { source, sourceField, ownerId } = lead;
  const given = { ...(sourceField !== null && { [sourceField]: source }), hubspot_owner_id: ownerId };
  const properties = withoutEmpty(given);
  if (Object.keys(properties).length === 0) return;
  await patchRecord(client, { operation: 'captureLead', type: 'contacts', id, properties }, call);
}

function propertiesOf(fields: Partial<PersonFields>): Readonly<Record<string, string>> {
  return withoutEmpty(Object.fromEntries(FIELDS.map((field) => [PROPERTY_OF[field], fields[field] ?? null])));
}
