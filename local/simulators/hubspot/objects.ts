/**
 * The portal's records: created, changed, archived, found by id or unique key at once, and by search only after the index's lag.
 * Invariant: unique values are unique among live records; ids are numeric strings that never come back.
 */
import { derived } from './derived';
import { notFound } from './errors';
import type { HubspotRecord, RecordChange } from './record';
import { objectTypes } from './schema';
import type { ObjectType } from './schema';
import { additionalEmails, createUniqueKeys } from './unique-keys';
import type { StoredProperties } from './values';

export interface ObjectStore {
  /** Throws 409 or 400 when a unique value is taken. */
  create(type: ObjectType, properties: StoredProperties): HubspotRecord;
  /** Throws 404 for an unknown or archived record, 409 or 400 when a unique value is taken. */
  update(type: ObjectType, id: string, changes: StoredProperties): HubspotRecord;
  archive(type: ObjectType, id: string): void;
  /** An archived record was merged into another one: what its id finds from now on is up to the settings. */
  pointTo(id: string, survivorId: string): void;
  /** The live record, or the archived one when asked for it; throws 404. */
  get(type: ObjectType, id: string, archived?: boolean): HubspotRecord;
  /** As `get`, with null instead of a 404. */
  look(type: ObjectType, id: string, archived?: boolean): HubspotRecord | null;
  /** The live record that has this value of a unique property. */
  findByKey(type: ObjectType, name: string, value: string): HubspotRecord | null;
  /** Runs several writes; when it throws, none of them happened and nobody hears of any. Not to be nested. */
  atomically<T>(run: () => T): T;
  /** Live records of a type as the search index shows them, oldest id first: the state of `lagMs` ago. */
  searchable(type: ObjectType, lagMs: number): readonly HubspotRecord[];
  /** Live and archived records of a type, oldest id first. */
  ofType(type: ObjectType): readonly HubspotRecord[];
  all(): readonly HubspotRecord[];
  saved(): SavedObjects;
  restore(saved: SavedObjects): void;
  clear(): void;
}

export interface SavedObjects {
  readonly lastId: number;
  readonly records: readonly HubspotRecord[];
  /** Id of a record that was merged → id of the one that it became part of. */
  readonly merged: readonly (readonly [string, string])[];
}

export interface ObjectStoreParts {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly uniqueNames: (type: ObjectType) => readonly string[];
  readonly settings: () => {
    readonly mergedIds: 'gone' | 'redirected';
    readonly additionalEmailsAreKeys: boolean;
  };
  readonly onChange: (change: RecordChange) => void;
}

const FIRST_ID = 30_000;
/** Earlier pictures of one record that search may still show. */
const KEPT_PICTURES = 20;

export function createObjectStore(parts: ObjectStoreParts): ObjectStore {
  const { clock, settings } = parts;
  const tables = new Map<ObjectType, Map<string, HubspotRecord>>(objectTypes.map((type) => [type, new Map()]));
  /** Oldest first. */
  const earlier = new Map<string, HubspotRecord[]>();
  const merged = new Map<string, string>();
  const keys = createUniqueKeys(parts.uniqueNames);
  let lastId = FIRST_ID;
  /** Set while several writes are one. */
  let batch: { readonly undo: (() => void)[]; readonly changes: RecordChange[] } | null = null;

  const table = (type: ObjectType): Map<string, HubspotRecord> => tables.get(type) ?? new Map<string, HubspotRecord>();
  const look = (type: ObjectType, id: string, archived = false): HubspotRecord | null => {
    const survivorId = merged.get(id);
    if (survivorId !== undefined) {
      return settings().mergedIds === 'redirected' && !archived ? look(type, survivorId) : null;
    }
    const record = table(type).get(id);
    return record === undefined || record.archived !== archived ? null : record;
  };
  const get = (type: ObjectType, id: string, archived = false): HubspotRecord => {
    const record = look(type, id, archived);
    if (record === null) throw notFound();
    return record;
  };
  const place = (record: HubspotRecord): RecordChange => {
    const before = table(record.type).get(record.id) ?? null;
    keys.replace(before, record);
    const pictures = earlier.get(record.id) ?? [];
    if (before !== null) earlier.set(record.id, [...pictures, before].slice(-KEPT_PICTURES));
    table(record.type).set(record.id, record);
    batch?.undo.push(() => {
      keys.undo(before, record);
      earlier.set(record.id, pictures);
      if (before === null) table(record.type).delete(record.id);
      else table(record.type).set(record.id, before);
    });
    return { before, after: record };
  };
  const put = (record: HubspotRecord): HubspotRecord => {
    const change = place(record);
    if (batch === null) parts.onChange(change);
    else batch.changes.push(change);
    return record;
  };

  return {
    get,
    look,
    create(type, given) {
      const id = String(lastId + 1);
      const now = clock();
      const instants = { createdAtMs: now, updatedAtMs: now };
      const properties = derived(type, { ...given, hs_object_id: id }, instants);
      const record = put({ id, type, properties, ...instants, archived: false });
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
    pointTo: (id, survivorId) => void merged.set(id, survivorId),
    findByKey(type, name, value) {
      const id = keys.holder(type, name, value);
      const record = id === null ? null : look(type, id);
      if (record === null || name !== 'email' || settings().additionalEmailsAreKeys) return record;
      return additionalEmails(record).includes(value.trim().toLowerCase()) ? null : record;
    },
    atomically(run) {
      const own = { undo: [] as (() => void)[], changes: [] as RecordChange[] };
      batch = own;
      try {
        const result = run();
        own.changes.forEach(parts.onChange);
        return result;
      } catch (error) {
        own.undo.reverse().forEach((step) => step());
        throw error;
      } finally {
        batch = null;
      }
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
    ofType: (type) => [...table(type).values()],
    all: () => [...tables.values()].flatMap((records) => [...records.values()]),
    saved: () => ({
      lastId,
      records: [...tables.values()].flatMap((records) => [...records.values()]),
      merged: [...merged],
    }),
    restore(saved) {
      lastId = saved.lastId;
      saved.records.forEach(place);
      for (const [loserId, survivorId] of saved.merged) merged.set(loserId, survivorId);
    },
    clear() {
      for (const records of tables.values()) records.clear();
      for (const part of [earlier, merged, keys]) part.clear();
      lastId = FIRST_ID;
    },
  };
}

function pictureAt(current: HubspotRecord, before: readonly HubspotRecord[], untilMs: number): HubspotRecord | null {
  if (current.updatedAtMs <= untilMs) return current;
  return before.findLast((picture) => picture.updatedAtMs <= untilMs) ?? null;
}
