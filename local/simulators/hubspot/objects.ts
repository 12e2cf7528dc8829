/**
 * The portal's records: created, changed, archived, found by id or e-mail at once, and by search only after the index's lag.
 * Invariant: a contact's e-mail is unique among live contacts whatever its case; ids are numeric strings that never come back.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { contactExists, notFound } from './errors';
import { objectTypes, schemas } from './schema';
import type { ObjectType } from './schema';
import { PORTAL_COUNTRY, pipelines } from './seed';
import { instantText } from './values';
import type { StoredProperties } from './values';

export interface HubspotRecord {
  readonly id: string;
  readonly type: ObjectType;
  readonly properties: StoredProperties;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly archived: boolean;
}

export interface ObjectStore {
  /** Throws 409 when the e-mail is taken. */
  create(type: ObjectType, properties: StoredProperties): HubspotRecord;
  /** Throws 404 for an unknown or archived record, 409 when the e-mail is taken. */
  update(type: ObjectType, id: string, changes: StoredProperties): HubspotRecord;
  archive(type: ObjectType, id: string): void;
  /** The live record, or the archived one when asked for it; throws 404. */
  get(type: ObjectType, id: string, archived?: boolean): HubspotRecord;
  find(type: ObjectType, id: string): HubspotRecord | null;
  findContactByEmail(email: string): HubspotRecord | null;
  /** Live records of a type as the search index shows them, oldest id first: the state of `lagMs` ago. */
  searchable(type: ObjectType, lagMs: number): readonly HubspotRecord[];
  all(): readonly HubspotRecord[];
  restore(saved: { readonly lastId: number; readonly records: readonly HubspotRecord[] }): void;
  lastId(): number;
  clear(): void;
}

const FIRST_ID = 30_000;

export function createObjectStore(clock: () => number): ObjectStore {
  const tables = new Map<ObjectType, Map<string, HubspotRecord>>(objectTypes.map((type) => [type, new Map()]));
  /** Earlier pictures of records that search may still show, oldest first. */
  const earlier = new Map<string, HubspotRecord[]>();
  const contactByEmail = new Map<string, string>();
  let lastId = FIRST_ID;

  const table = (type: ObjectType): Map<string, HubspotRecord> => tables.get(type) ?? new Map<string, HubspotRecord>();
  const find = (type: ObjectType, id: string): HubspotRecord | null => table(type).get(id) ?? null;
  const get = (type: ObjectType, id: string, archived = false): HubspotRecord => {
    const record = find(type, id);
    if (record === null || record.archived !== archived) throw notFound();
    return record;
  };
  const emailOf = (record: HubspotRecord | null): string | null =>
    record === null || record.archived || record.type !== 'contacts' ? null : (record.properties['email'] ?? null);

  const put = (record: HubspotRecord): HubspotRecord => {
    const before = find(record.type, record.id);
    const email = emailOf(record);
    const holder = email === null ? undefined : contactByEmail.get(email);
    if (holder !== undefined && holder !== record.id) throw contactExists(holder);
    const oldEmail = emailOf(before);
    if (oldEmail !== null) contactByEmail.delete(oldEmail);
    if (email !== null) contactByEmail.set(email, record.id);
    if (before !== null) earlier.set(record.id, [...(earlier.get(record.id) ?? []), before].slice(-20));
    table(record.type).set(record.id, record);
    return record;
  };

  return {
    find,
    get,
    create(type, given) {
      const id = String(lastId + 1);
      const now = clock();
      const record = put({
        id,
        type,
        properties: derived(type, { ...given, hs_object_id: id }, { createdAtMs: now, updatedAtMs: now }),
        createdAtMs: now,
        updatedAtMs: now,
        archived: false,
      });
      lastId += 1;
      return record;
    },
    update(type, id, changes) {
      const before = get(type, id);
      const updatedAtMs = Math.max(clock(), before.updatedAtMs);
      const instants = { createdAtMs: before.createdAtMs, updatedAtMs };
      return put({ ...before, properties: derived(type, { ...before.properties, ...changes }, instants), updatedAtMs });
    },
    archive(type, id) {
      put({ ...get(type, id), archived: true, updatedAtMs: clock() });
    },
    findContactByEmail(email) {
      const id = contactByEmail.get(email.trim().toLowerCase());
      return id === undefined ? null : find('contacts', id);
    },
    searchable(type, lagMs) {
      const indexedUntilMs = clock() - lagMs;
      const shown: HubspotRecord[] = [];
      for (const record of table(type).values()) {
        const picture = pictureAt(record, earlier.get(record.id) ?? [], indexedUntilMs);
        if (picture !== null && !picture.archived) shown.push(picture);
      }
      return shown;
    },
    all: () => [...tables.values()].flatMap((records) => [...records.values()]),
    restore(saved) {
      lastId = saved.lastId;
      for (const record of saved.records) put(record);
    },
    lastId: () => lastId,
    clear() {
      for (const records of tables.values()) records.clear();
      earlier.clear();
      contactByEmail.clear();
      lastId = FIRST_ID;
    },
  };
}

function pictureAt(current: HubspotRecord, before: readonly HubspotRecord[], untilMs: number): HubspotRecord | null {
  if (current.updatedAtMs <= untilMs) return current;
  return before.findLast((picture) => picture.updatedAtMs <= untilMs) ?? null;
}

/** Fills what HubSpot computes itself. */
function derived(
  type: ObjectType,
  properties: StoredProperties,
  instants: { readonly createdAtMs: number; readonly updatedAtMs: number },
): StoredProperties {
  const { createdProperty, modifiedProperty } = schemas[type];
  const base = {
    ...properties,
    [createdProperty]: instantText(String(instants.createdAtMs)),
    [modifiedProperty]: instantText(String(instants.updatedAtMs)),
  };
  if (type === 'contacts') {
    return {
      ...base,
      hs_searchable_calculated_phone_number: localNumber(properties['phone'] ?? null),
      hs_searchable_calculated_mobile_number: localNumber(properties['mobilephone'] ?? null),
    };
  }
  if (type !== 'deals') return base;
  const pipelineId = properties['pipeline'] ?? 'default';
  const stages = pipelines.find(({ id }) => id === pipelineId)?.stages ?? [];
  const closed = stages.find(({ id }) => id === properties['dealstage'])?.closed ?? 'no';
  return {
    ...base,
    pipeline: pipelineId,
    hs_is_closed: String(closed !== 'no'),
    hs_is_closed_won: String(closed === 'won'),
  };
}

/** Area code and local number without the country code, as phone searches in HubSpot want it. */
function localNumber(phone: string | null): string | null {
  if (phone === null) return null;
  const parsed = parsePhoneNumberFromString(phone, PORTAL_COUNTRY);
  const digits = parsed?.nationalNumber ?? phone.replace(/\D/g, '');
  return digits === '' ? null : digits;
}
