/**
 * From HubSpot's webhook events to changes of records.
 * Invariant: pure and never throws. An event that can't be read is counted and said, and takes none of its neighbours with it.
 */
import { firstComplaint } from '../complaints';
import { isObject, parseJsonBody } from '../json-body';
import type { CrmChange, CrmRecordType, ReadCrmDelivery } from '../webhook-port';
import { webhookEvent, type HubspotEvent } from './payload';

/** HubSpot sends at most a hundred in one body; far beyond it, it is not HubSpot's. */
const MOST_EVENTS = 1_000;

/** Records that are synced, by the prefix of older subscriptions and by the type id of generic ones. */
const BY_PREFIX: ReadonlyMap<string, CrmRecordType> = new Map([
  ['contact', 'person'],
  ['deal', 'opportunity'],
]);
const BY_TYPE_ID: ReadonlyMap<string, CrmRecordType> = new Map([
  ['0-1', 'person'],
  ['0-3', 'opportunity'],
  ['0-47', 'appointment'],
]);

const WHAT: ReadonlyMap<string, CrmChange['what']> = new Map([
  ['creation', 'created'],
  ['propertyChange', 'changed'],
  ['restore', 'changed'],
  ['deletion', 'deleted'],
  ['privacyDeletion', 'deleted'],
  ['merge', 'merged'],
]);

/** Reads one delivery: the array that HubSpot posts. `portalId`: events of other accounts are passed over; null: any account. */
export function readDelivery(rawBody: Buffer, portalId: string | null): ReadCrmDelivery {
  const parsed = parseJsonBody(rawBody);
  if (!parsed.ok) return { kind: 'unreadable', trigger: null, reason: parsed.reason };
  const { value } = parsed;
  if (!Array.isArray(value)) return { kind: 'unreadable', trigger: null, reason: 'body: expected a list of events' };
  if (value.length > MOST_EVENTS) {
    return { kind: 'unreadable', trigger: null, reason: `body: expected at most ${MOST_EVENTS} events` };
  }
  return readEvents(value, portalId);
}

const KEPT = new Set([
  ...['eventId', 'subscriptionId', 'portalId', 'appId', 'occurredAt', 'subscriptionType', 'attemptNumber', 'objectId'],
  ...[
    'objectTypeId',
    'propertyName',
    'changeFlag',
    'changeSource',
    'primaryObjectId',
    'mergedObjectIds',
    'newObjectId',
  ],
]);

/** The body without the values of properties: an e-mail or a name would outlive the erasure of the person. */
export function withoutValues(rawBody: Buffer): Buffer {
  const parsed = parseJsonBody(rawBody);
  if (!parsed.ok || !Array.isArray(parsed.value)) return rawBody;
  const events = parsed.value.map((event: unknown) =>
    isObject(event) ? Object.fromEntries(Object.entries(event).filter(([name]) => KEPT.has(name))) : null,
  );
  return Buffer.from(JSON.stringify(events));
}

/** The events by themselves, however they came: pushed in a body, or pulled from a journal. */
export function readEvents(events: readonly unknown[], portalId: string | null): ReadCrmDelivery {
  const changes: CrmChange[] = [];
  const triggers = new Set<string>();
  const complaints: string[] = [];
  for (const [index, event] of events.entries()) {
    const parsed = webhookEvent.safeParse(event);
    const complaint = parsed.success ? whyUnreadable(parsed.data) : firstComplaint(parsed.error);
    if (complaint !== null) complaints.push(`[${index}] ${complaint}`);
    if (!parsed.success || complaint !== null) continue;
    triggers.add(parsed.data.subscriptionType);
    if (portalId === null || parsed.data.portalId === portalId) changes.push(...changesOf(parsed.data));
  }
  const trigger = triggers.size === 1 ? [...triggers][0]! : 'batch';
  const [first] = complaints;
  if (changes.length > 0) {
    return { kind: 'changes', trigger, changes, unreadable: first ? { count: complaints.length, first } : null };
  }
  if (first !== undefined) return { kind: 'unreadable', trigger: triggers.size === 0 ? null : trigger, reason: first };
  const reason = events.length === 0 ? 'an empty list of events' : 'about no record that is synced';
  return { kind: 'ignored', trigger, reason };
}

/** Null for what can be read, and for what is about no record that is synced: its shape is not ours to judge. */
function whyUnreadable(event: HubspotEvent): string | null {
  const about = aboutOf(event);
  if (about === null || event.objectId !== undefined) return null;
  if (about.what !== 'merged') return 'objectId: expected the id of a record';
  return event.newObjectId === undefined ? 'newObjectId: expected the id of the record that lives on' : null;
}

function aboutOf(event: HubspotEvent): Pick<CrmChange, 'record' | 'what'> | null {
  const [prefix = '', suffix = ''] = event.subscriptionType.split('.');
  const record = prefix === 'object' ? BY_TYPE_ID.get(event.objectTypeId ?? '') : BY_PREFIX.get(prefix);
  const what = WHAT.get(suffix);
  return record === undefined || what === undefined ? null : { record, what };
}

function changesOf(event: HubspotEvent): readonly CrmChange[] {
  const about = aboutOf(event);
  if (about === null) return [];
  const occurredAtMs = event.occurredAt ?? null;
  if (about.what === 'merged') return mergedOf(event, { record: about.record, occurredAtMs });
  const fields = event.propertyName ? [event.propertyName] : [];
  return event.objectId === undefined
    ? []
    : [{ ...about, crmId: event.objectId, intoCrmId: null, fields, occurredAtMs }];
}

/** Everybody who took part is named: a merge may end in a record with an id that is new. */
function mergedOf(event: HubspotEvent, of: Pick<CrmChange, 'record' | 'occurredAtMs'>): readonly CrmChange[] {
  const intoCrmId = event.newObjectId ?? event.objectId ?? null;
  if (intoCrmId === null) return [];
  const ids = new Set([event.primaryObjectId, ...(event.mergedObjectIds ?? []), event.objectId]);
  return [...ids].flatMap((crmId) =>
    crmId === undefined || crmId === intoCrmId ? [] : [{ ...of, crmId, what: 'merged', intoCrmId, fields: [] }],
  );
}
