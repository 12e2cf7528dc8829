/**
 * `/contacts`: create, upsert, read, change, delete, search for duplicates, tags, a contact's appointments.
 * Invariant: reads by id are strong; the two searches lag as the settings say.
 */
import { randomUUID } from 'node:crypto';
import type { SimAnswer } from '../exchange';
import { checkLocation, existing, operation, param, queryText } from './account';
import type { Call, Operation } from './account';
import { readJsonBody, readWireBody } from './bodies';
import { contactCreateBody, contactUpdateBody, contactUpsertBody, tagsBody } from './contact-bodies';
import { contactSearch } from './contact-search';
import {
  changeContact,
  contactChanges,
  createContact,
  deleteContact,
  e164,
  holderOf,
  refuseDuplicate,
  setTags,
  tagNames,
  upsertContact,
} from './contacts';
import { malformed } from './errors';
import type { Contact } from './records';
import { contactEventRow, contactRow, createdContactRow } from './rows';

const READ = 'contacts.readonly';
const WRITE = 'contacts.write';

export const contactOperations: readonly Operation[] = [
  operation({ method: 'POST', template: '/contacts', scope: WRITE, run: create }),
  operation({ method: 'POST', template: '/contacts/upsert', scope: WRITE, run: upsert }),
  operation({ method: 'POST', template: '/contacts/search', scope: READ, run: contactSearch }),
  operation({
    method: 'GET',
    template: '/contacts/search/duplicate',
    scope: READ,
    malformed: 400,
    run: duplicate,
    query: { required: ['locationId'], optional: ['email', 'number'] },
  }),
  operation({ method: 'GET', template: '/contacts/{contactId}', scope: READ, run: get }),
  operation({ method: 'PUT', template: '/contacts/{contactId}', scope: WRITE, run: update }),
  operation({ method: 'DELETE', template: '/contacts/{contactId}', scope: WRITE, run: remove }),
  operation({ method: 'GET', template: '/contacts/{contactId}/appointments', scope: READ, run: appointments }),
  operation({ method: 'POST', template: '/contacts/{contactId}/tags', scope: WRITE, run: addTags }),
  operation({ method: 'DELETE', template: '/contacts/{contactId}/tags', scope: WRITE, run: removeTags }),
];

/** The contact that a path names; throws when it does not exist. */
export function contactOf(call: Call): Contact {
  return existing(call.account, call.account.contacts, param(call, 'contactId'), 'Contact');
}

function create(call: Call): SimAnswer {
  const { locationId, ...fields } = readWireBody(call, contactCreateBody);
  checkLocation(locationId);
  const changes = contactChanges(call.account, fields, null);
  refuseDuplicate(call.account, changes.texts, null);
  return { status: 201, body: { contact: createdContactRow(createContact(call.account, changes), call.wire) } };
}

function upsert(call: Call): SimAnswer {
  const { locationId, createNewIfDuplicateAllowed, ...fields } = readWireBody(call, contactUpsertBody);
  checkLocation(locationId);
  const { contact, isNew } = upsertContact(call.account, fields, createNewIfDuplicateAllowed === true);
  const status = isNew ? call.account.settings().upsertCreatedStatus : 200;
  return { status, body: { new: isNew, contact: contactRow(contact), traceId: randomUUID() } };
}

function duplicate(call: Call): SimAnswer {
  checkLocation(queryText(call, 'locationId') ?? '');
  const email = queryText(call, 'email');
  const number = queryText(call, 'number');
  if (email === null && number === null) throw malformed(['either email or number is required'], 400);
  const { duplicateLagMs } = call.account.settings();
  const found =
    holderOf(call.account, 'email', email?.trim().toLowerCase() ?? null, duplicateLagMs) ??
    holderOf(call.account, 'phone', number === null ? null : e164(number), duplicateLagMs);
  return { status: 200, body: { contact: found === null ? null : contactRow(found), traceId: randomUUID() } };
}

function get(call: Call): SimAnswer {
  return { status: 200, body: { contact: contactRow(contactOf(call)) } };
}

function update(call: Call): SimAnswer {
  const fields = readWireBody(call, contactUpdateBody);
  const contact = changeContact(call.account, contactOf(call), fields);
  return { status: 200, body: { ...succeeded(call), contact: contactRow(contact) } };
}

function remove(call: Call): SimAnswer {
  deleteContact(call.account, contactOf(call));
  return { status: 200, body: succeeded(call) };
}

/** The dated versions misspell it. */
const succeeded = ({ wire }: Call): object => (wire === 'v3' ? { succeeded: true } : { succeded: true });

function appointments(call: Call): SimAnswer {
  const contact = contactOf(call);
  const own = call.account.events.live().filter(({ contactId }) => contactId === contact.id);
  return { status: 200, body: { events: own.map((event) => contactEventRow(call.account, event)) } };
}

function addTags(call: Call): SimAnswer {
  const { tags } = readJsonBody(call, tagsBody);
  const contact = contactOf(call);
  return { status: 201, body: { tags: setTags(call.account, contact, tagNames([...contact.tags, ...tags])).tags } };
}

function removeTags(call: Call): SimAnswer {
  const gone = new Set(tagNames(readJsonBody(call, tagsBody).tags));
  const contact = contactOf(call);
  const left = contact.tags.filter((tag) => !gone.has(tag));
  return { status: 200, body: { tags: setTags(call.account, contact, left).tags } };
}
