/**
 * What contacts, meetings, deals and notes have in common: read one, read many, who is linked to whom, change some properties.
 * Invariant: "not there" is only said when HubSpot said so; any other trouble inside a batch is thrown, never read as absence.
 */
import type { z } from 'zod';
import { CrmError, type CrmCall } from '../ports';
import {
  associationsSchema,
  batchReadSchema,
  createdSchema,
  recordSchema,
  searchSchema,
  type HubspotRecord,
} from './answers';
import { HUBSPOT_VERSIONS, type HubspotClient } from './client';
import { carriesReference } from './reference';

export type ObjectType = 'contacts' | 'meetings' | 'deals' | 'notes';

/** HubSpot's own association types, as its client lists them. */
export const ASSOCIATION_TYPE = {
  meetingToContact: 200,
  meetingToDeal: 212,
  dealToContact: 3,
  noteToContact: 202,
} as const;

/** Property values are strings in requests; a number is refused. */
export type Properties = Readonly<Record<string, string>>;

export interface InlineAssociation {
  readonly toId: string;
  readonly typeId: number;
}

/** Objects per batch read (HubSpot: 100). */
const BATCH_SIZE = 100;

export const objectPath = (type: ObjectType, ...rest: readonly string[]): readonly string[] => [
  'crm',
  'objects',
  HUBSPOT_VERSIONS.objects,
  type,
  ...rest,
];

/** One page of a search; what was written in the last seconds may be missing. */
export function searchObjects(
  client: HubspotClient,
  { type, operation, body }: { readonly type: ObjectType; readonly operation: string; readonly body: object },
  call: CrmCall,
): Promise<z.infer<typeof searchSchema>> {
  return client.request(
    {
      operation,
      method: 'POST',
      path: objectPath(type, 'search'),
      body,
      effect: 'safe',
      search: true,
      schema: searchSchema,
    },
    call,
  );
}

/** Leaves out what is null or blank: an empty string would clear the property. */
export function withoutEmpty(values: Readonly<Record<string, string | null>>): Properties {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => (entry[1] ?? '').trim() !== ''),
  );
}

/** The promise's value, or null where it fails with `target_gone`. */
export async function nullIfGone<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof CrmError && error.errorClass === 'target_gone') return null;
    throw error;
  }
}

export interface ReadRequest {
  readonly operation: string;
  readonly type: ObjectType;
  readonly properties: readonly string[];
}

/** Strong read by id, or by a unique property. Archived records answer 404 like missing ones. */
export function readRecord(
  client: HubspotClient,
  request: ReadRequest & { readonly id: string; readonly idProperty?: string },
  call: CrmCall,
): Promise<HubspotRecord> {
  const { operation, type, id, idProperty, properties } = request;
  return client.request(
    {
      operation,
      method: 'GET',
      path: objectPath(type, id),
      query: { properties, ...(idProperty === undefined ? {} : { idProperty }) },
      effect: 'safe',
      schema: recordSchema,
    },
    call,
  );
}

/** Strong read of many; ids that no longer exist, and archived ones, are left out. */
export async function readRecords(
  client: HubspotClient,
  request: ReadRequest & { readonly ids: readonly string[] },
  call: CrmCall,
): Promise<readonly HubspotRecord[]> {
  const { operation, type, ids, properties } = request;
  const found: HubspotRecord[] = [];
  for (let start = 0; start < ids.length; start += BATCH_SIZE) {
    const inputs = ids.slice(start, start + BATCH_SIZE).map((id) => ({ id }));
    const body = { inputs, properties, propertiesWithHistory: [] };
    const answer = await client.request(
      {
        operation,
        method: 'POST',
        path: objectPath(type, 'batch', 'read'),
        body,
        effect: 'safe',
        schema: batchReadSchema,
      },
      call,
    );
    assertOnlyMissing(operation, answer.errors);
    found.push(...answer.results.filter((record) => record.archived !== true));
  }
  return found;
}

/** Ids of the records of type `to` that are linked with one record, all pages. Reads no search index. */
export async function readLinkedIds(
  client: HubspotClient,
  request: { readonly operation: string; readonly from: ObjectType; readonly id: string; readonly to: ObjectType },
  call: CrmCall,
): Promise<readonly string[]> {
  const { operation, from, id, to } = request;
  const path = ['crm', 'associations', HUBSPOT_VERSIONS.associations, from, to, 'batch', 'read'];
  const ids = new Set<string>();
  let after: string | undefined;
  do {
    const body = { inputs: [{ id, ...(after === undefined ? {} : { after }) }] };
    const answer = await client.request(
      { operation, method: 'POST', path, body, effect: 'safe', schema: associationsSchema },
      call,
    );
    assertOnlyMissing(operation, answer.errors);
    for (const { to: links } of answer.results) for (const link of links) ids.add(link.toObjectId);
    const next: string | undefined = answer.results[0]?.paging?.next?.after;
    after = next === after ? undefined : next;
  } while (after !== undefined);
  return [...ids];
}

/** Among all of a contact's records of a type, the one whose text carries our reference; of two, the older one is the one to keep. */
export async function findByReference(
  client: HubspotClient,
  wanted: {
    readonly operation: string;
    readonly type: ObjectType;
    readonly property: string;
    readonly externalKey: string;
    readonly personId: string;
  },
  call: CrmCall,
): Promise<{ readonly id: string } | null> {
  const { operation, type, property, externalKey, personId } = wanted;
  const ids = await readLinkedIds(client, { operation, from: 'contacts', id: personId, to: type }, call);
  const records = await readRecords(client, { operation, type, ids, properties: [property] }, call);
  const ours = records.filter(({ properties }) => carriesReference(properties[property] ?? '', externalKey));
  const [oldest] = [...ours].sort(
    (a, b) =>
      (a.createdAt ?? '').localeCompare(b.createdAt ?? '') || a.id.length - b.id.length || a.id.localeCompare(b.id),
  );
  return oldest === undefined ? null : { id: oldest.id };
}

/** Creates one record with its links in the same request, so that a failure leaves no orphan. */
export async function createRecord(
  client: HubspotClient,
  request: {
    readonly operation: string;
    readonly type: ObjectType;
    readonly properties: Properties;
    readonly associations: readonly InlineAssociation[];
  },
  call: CrmCall,
): Promise<{ readonly id: string }> {
  const { operation, type, properties, associations } = request;
  const body = {
    properties,
    associations: associations.map(({ toId, typeId }) => ({
      to: { id: toId },
      types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: typeId }],
    })),
  };
  const { id } = await client.request(
    { operation, method: 'POST', path: objectPath(type), body, effect: 'create', schema: createdSchema },
    call,
  );
  return { id };
}

/** Sets the given properties and leaves the others; repeating it changes nothing. */
export async function patchRecord(
  client: HubspotClient,
  request: {
    readonly operation: string;
    readonly type: ObjectType;
    readonly id: string;
    readonly properties: Properties;
  },
  call: CrmCall,
): Promise<void> {
  const { operation, type, id, properties } = request;
  await client.request(
    {
      operation,
      method: 'PATCH',
      path: objectPath(type, id),
      body: { properties },
      effect: 'safe',
      schema: createdSchema,
    },
    call,
  );
}

/** Inputs that don't exist, or have no links, are reported as errors of a batch. Anything else must not pass as "none". */
function assertOnlyMissing(operation: string, errors: z.infer<typeof batchReadSchema>['errors']): void {
  const missing = (error: { category?: string | null | undefined; subCategory?: unknown }): boolean =>
    error.category === 'OBJECT_NOT_FOUND' ||
    (typeof error.subCategory === 'string' && error.subCategory.endsWith('NO_ASSOCIATIONS_FOUND'));
  const others = (errors ?? []).filter((error) => !missing(error));
  if (others.length === 0) return;
  throw new CrmError(
    'unavailable',
    `HubSpot ${operation}: ${others.length} part(s) of the batch failed, so "not found" can't be concluded; repeat later`,
  );
}
