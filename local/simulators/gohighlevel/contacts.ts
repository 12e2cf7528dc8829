/**
 * The rules of contacts: what a body means, who is a duplicate of whom, what a deletion takes along.
 * Invariant: e-mails are lower case and phones E.164; where the location allows no duplicates, both are unique among live contacts.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { Account } from './account';
import type { ContactFields } from './contact-bodies';
import { customFieldValues } from './custom-fields';
import { badRequest, duplicateContact, unprocessable } from './errors';
import { contactTexts, nameOf } from './records';
import type { Contact, ContactText } from './records';
import { location, users } from './seed';

const EMAIL = /^[^\s@,;<>"]+@[^\s@,;<>"]+\.[a-z0-9-]{2,}$/i;
type Identity = 'email' | 'phone';

const emptyTexts = Object.fromEntries(contactTexts.map((name) => [name, null])) as Record<ContactText, string | null>;

/** A phone with its country code, as E.164; null when it is none. */
export function e164(phone: string): string | null {
  const parsed = parsePhoneNumberFromString(phone, location.country);
  return parsed?.isPossible() === true ? parsed.number : null;
}

/** The changes that a body's fields mean. Throws 422 for an e-mail or a user, 400 for a phone; what guests typed is no violation. */
export function contactChanges(account: Account, fields: ContactFields, before: Contact | null) {
  const texts = { ...(before?.texts ?? emptyTexts) };
  for (const name of contactTexts) {
    const value = fields[name];
    if (value !== undefined) texts[name] = value === null || value === '' ? null : stored(name, value);
  }
  if (texts.assignedTo !== null && !users.some(({ id }) => id === texts.assignedTo)) {
    throw unprocessable('assignedTo is not a user of this location');
  }
  const values = customFieldValues(account, 'contact', fields.customFields ?? [], before?.customFields ?? []);
  return {
    texts: named(texts, fields),
    tags: fields.tags === undefined ? (before?.tags ?? []) : tagNames(fields.tags),
    customFields: values,
    dnd: fields.dnd ?? before?.dnd ?? false,
    dndSettings: fields.dndSettings ?? before?.dndSettings ?? null,
  };
}

function stored(name: ContactText, value: string): string {
  if (name === 'email') {
    const email = value.trim().toLowerCase();
    if (!EMAIL.test(email)) throw unprocessable('email must be an email');
    return email;
  }
  if (name !== 'phone') return value;
  const phone = e164(value);
  if (phone === null) throw badRequest('Invalid phone number');
  return phone;
}

/** A full name alone is split at its first space. */
function named(texts: Record<ContactText, string | null>, fields: ContactFields): Record<ContactText, string | null> {
  const isAlone = fields.firstName === undefined && fields.lastName === undefined;
  if (!isAlone || typeof fields.name !== 'string') return texts;
  const [first = '', ...rest] = fields.name.trim().split(/\s+/);
  return { ...texts, firstName: first === '' ? null : first, lastName: rest.length === 0 ? null : rest.join(' ') };
}

/** HighLevel keeps tags in lower case, each once. */
export function tagNames(tags: readonly string[]): string[] {
  return [...new Set(tags.map((tag) => tag.trim().toLowerCase()))];
}

/** Who has this e-mail or phone, oldest first; in the index that lags, if the settings let it. */
export function holderOf(account: Account, field: Identity, value: string | null, lagMs = 0): Contact | null {
  if (value === null) return null;
  return account.contacts.asOf(lagMs).find(({ texts }) => texts[field] === value) ?? null;
}

/** Throws 400 with the id that is in the way. */
export function refuseDuplicate(account: Account, texts: Contact['texts'], ownId: string | null): void {
  if (account.settings().allowDuplicateContact) return;
  for (const field of account.settings().matchingOrder) {
    const holder = holderOf(account, field, texts[field]);
    if (holder !== null && holder.id !== ownId) {
      throw duplicateContact({ id: holder.id, name: nameOf(holder), matchingField: field });
    }
  }
}

export interface Upserted {
  readonly contact: Contact;
  readonly isNew: boolean;
}

/**
 * Finds by the first identity of the location's order that anybody has, else creates. What belongs to somebody else is
 * dropped without a word, as the vendor documents.
 */
export function upsertContact(account: Account, fields: ContactFields, mayDouble: boolean): Upserted {
  const { allowDuplicateContact, matchingOrder } = account.settings();
  const wanted = contactChanges(account, fields, null);
  const found =
    allowDuplicateContact && mayDouble
      ? null
      : (matchingOrder.map((field) => holderOf(account, field, wanted.texts[field])).find((one) => one !== null) ??
        null);
  if (found === null) return { contact: createContact(account, wanted), isNew: true };
  const identities = allowDuplicateContact ? [] : (['email', 'phone'] as const);
  const kept = Object.fromEntries(
    identities
      .filter((field) => {
        const holder = holderOf(account, field, wanted.texts[field]);
        return holder !== null && holder.id !== found.id;
      })
      .map((field) => [field, undefined]),
  );
  return { contact: changeContact(account, found, { ...fields, ...kept }), isNew: false };
}

export function createContact(account: Account, changes: ReturnType<typeof contactChanges>): Contact {
  noteTags(account, changes.tags);
  const contact = account.contacts.add(changes);
  account.emit({ type: 'ContactCreate', contact });
  return contact;
}

/** Throws what `contactChanges` throws, and 400 when an identity belongs to another contact. */
export function changeContact(account: Account, before: Contact, fields: ContactFields): Contact {
  const changes = contactChanges(account, fields, before);
  refuseDuplicate(account, changes.texts, before.id);
  noteTags(account, changes.tags);
  const contact = account.contacts.change(before.id, changes);
  account.emit({ type: 'ContactUpdate', contact });
  if (contact.tags.join() !== before.tags.join()) account.emit({ type: 'ContactTagUpdate', contact });
  return contact;
}

export function setTags(account: Account, contact: Contact, tags: readonly string[]): Contact {
  noteTags(account, tags);
  const changed = account.contacts.change(contact.id, { tags: [...tags] });
  account.emit({ type: 'ContactTagUpdate', contact: changed });
  return changed;
}

/** The location's list of tags knows every tag that was ever set. */
function noteTags(account: Account, tags: readonly string[]): void {
  const known = new Set(account.tags.live().map(({ name }) => name));
  for (const name of tags) if (!known.has(name)) account.tags.add({ name });
}

/** Its appointments and opportunities go with it. */
export function deleteContact(account: Account, contact: Contact): void {
  for (const event of account.events.live()) {
    if (event.contactId !== contact.id) continue;
    account.emit({ type: 'AppointmentDelete', event: account.events.remove(event.id) });
  }
  for (const opportunity of account.opportunities.live()) {
    if (opportunity.contactId !== contact.id) continue;
    account.emit({ type: 'OpportunityDelete', opportunity: account.opportunities.remove(opportunity.id) });
  }
  account.emit({ type: 'ContactDelete', contact: account.contacts.remove(contact.id) });
}
