/**
 * HubSpot meetings: the appointment of a booking.
 * Invariant: one meeting per booking, tied to it by its key property or the reference in its body; it is moved and marked, never deleted.
 */
import type { NewAppointment } from '../../domain/crm-appointment';
import type { AppointmentChanges, AppointmentFields, AppointmentSnapshot, AppointmentStatus, CrmCall } from '../ports';
import { hasReference } from '../reference';
import { anySchema, type HubspotRecord } from './answers';
import type { HubspotClient } from './client';
import { createKeyed, findKeyed, type KeyedAccount } from './keyed-records';
import {
  ASSOCIATION_TYPE,
  findByReference,
  nullIfGone,
  objectPath,
  patchRecord,
  readLinkedIds,
  readRecords,
  readRecord,
  withoutEmpty,
  type Properties,
} from './records';
import { htmlBody, withSentence } from './reference';

/** HubSpot's words for `hs_meeting_outcome`; canceled has one L. */
const OUTCOME_OF: Readonly<Record<AppointmentStatus, string>> = {
  scheduled: 'SCHEDULED',
  rescheduled: 'RESCHEDULED',
  canceled: 'CANCELED',
  showed: 'COMPLETED',
  no_show: 'NO_SHOW',
};
const STATUS_OF: ReadonlyMap<string, AppointmentStatus> = new Map(
  (Object.keys(OUTCOME_OF) as AppointmentStatus[]).map((status) => [OUTCOME_OF[status], status]),
);

/** A meeting that a former call made under the same key is adopted, and then shows these fields. */
export async function createAppointment(
  account: KeyedAccount,
  fields: AppointmentFields,
  call: CrmCall,
): Promise<{ readonly id: string }> {
  const { externalKey } = fields;
  const properties = propertiesOf(fields);
  const associations = [
    { toId: fields.personId, typeId: ASSOCIATION_TYPE.meetingToContact },
    ...(fields.opportunityId === null ? [] : [{ toId: fields.opportunityId, typeId: ASSOCIATION_TYPE.meetingToDeal }]),
  ];
  const request = { operation: 'createAppointment', type: 'meetings', externalKey, properties, associations } as const;
  const { id, created } = await createKeyed(account, request, call);
  if (!created) await updateAppointment(account.client, { id, fields }, call);
  return { id };
}

/** Sets everything that is known; a location or link that is no longer known stays, it may be a person's. */
export async function updateAppointment(
  client: HubspotClient,
  { id, fields }: { readonly id: string; readonly fields: AppointmentFields },
  call: CrmCall,
): Promise<void> {
  await patchRecord(
    client,
    { operation: 'updateAppointment', type: 'meetings', id, properties: propertiesOf(fields) },
    call,
  );
  if (fields.opportunityId === null) return;
  const path = objectPath('meetings', id, 'associations', 'default', 'deals', fields.opportunityId);
  await client.request(
    { operation: 'updateAppointment', method: 'PUT', path, effect: 'safe', schema: anySchema },
    call,
  );
}

export async function changeAppointment(
  client: HubspotClient,
  { id, changes }: { readonly id: string; readonly changes: AppointmentChanges },
  call: CrmCall,
): Promise<void> {
  const { slot, status, title = null, ownerId = null } = changes;
  const properties = withoutEmpty({
    ...(slot && timesOf(slot)),
    hs_meeting_outcome: status === undefined ? null : OUTCOME_OF[status],
    hs_meeting_title: title,
    hubspot_owner_id: ownerId,
  });
  if (Object.keys(properties).length === 0) return;
  await patchRecord(client, { operation: 'changeAppointment', type: 'meetings', id, properties }, call);
}

/** Marks as canceled and adds the reason below the text that is there; a repeat adds nothing. */
export async function cancelAppointment(
  client: HubspotClient,
  { id, reason }: { readonly id: string; readonly reason: string },
  call: CrmCall,
): Promise<void> {
  const operation = 'cancelAppointment';
  const record = await readRecord(client, { operation, type: 'meetings', id, properties: ['hs_meeting_body'] }, call);
  const properties = withoutEmpty({
    hs_meeting_outcome: OUTCOME_OF.canceled,
    hs_meeting_body: withSentence(record.properties['hs_meeting_body'] ?? '', reason),
  });
  await patchRecord(client, { operation, type: 'meetings', id, properties }, call);
}

export async function readAppointment(
  client: HubspotClient,
  id: string,
  call: CrmCall,
): Promise<AppointmentSnapshot | null> {
  const request = { operation: 'readAppointment', type: 'meetings', id, properties: STATE_PROPERTIES } as const;
  const record = await nullIfGone(readRecord(client, request, call));
  return record && snapshotOf(record);
}

const STATE_PROPERTIES = [
  ...['hs_meeting_start_time', 'hs_meeting_end_time', 'hs_meeting_outcome'],
  ...['hs_meeting_title', 'hubspot_owner_id'],
];

function snapshotOf(record: HubspotRecord): AppointmentSnapshot {
  const { id, properties } = record;
  const words = { title: properties['hs_meeting_title'] || null, ownerId: properties['hubspot_owner_id'] || null };
  return { id, ...stateOf(record), ...words };
}

function stateOf(record: HubspotRecord): Omit<AppointmentSnapshot, 'id' | 'title' | 'ownerId'> {
  return {
    startMs: instant(record.properties['hs_meeting_start_time']),
    endMs: instant(record.properties['hs_meeting_end_time']),
    status: STATUS_OF.get(record.properties['hs_meeting_outcome'] ?? '') ?? null,
    archived: record.archived === true,
  };
}

/** A hundred in one request. */
export async function readAppointments(
  client: HubspotClient,
  ids: readonly string[],
  call: CrmCall,
): Promise<ReadonlyMap<string, AppointmentSnapshot>> {
  const request = { operation: 'readAppointments', type: 'meetings', ids, properties: STATE_PROPERTIES } as const;
  const records = await readRecords(client, request, call);
  return new Map(records.map((record) => [record.id, snapshotOf(record)]));
}

/** With its contacts, from the associations: two strong reads. */
export async function readNewAppointment(
  client: HubspotClient,
  id: string,
  call: CrmCall,
): Promise<NewAppointment | null> {
  const operation = 'readNewAppointment';
  const properties = [...STATE_PROPERTIES, 'hs_meeting_body'];
  const record = await nullIfGone(readRecord(client, { operation, type: 'meetings', id, properties }, call));
  if (record === null) return null;
  const personIds = await readLinkedIds(client, { operation, from: 'meetings', id, to: 'contacts' }, call);
  return {
    ...stateOf(record),
    personIds,
    ownerId: record.properties['hubspot_owner_id'] || null,
    calendarId: null,
    isOurs: hasReference(record.properties['hs_meeting_body'] ?? ''),
  };
}

/** By the key property; else, for meetings that carry none, by the reference in their text. */
export async function findAppointment(
  account: KeyedAccount,
  { externalKey, personId }: { readonly externalKey: string; readonly personId: string },
  call: CrmCall,
): Promise<{ readonly id: string } | null> {
  const operation = 'findAppointment';
  const found = await findKeyed(account, { operation, type: 'meetings', externalKey }, call);
  if (found === 'notThere') return null;
  if (found !== 'unknown') return found;
  const wanted = { operation, type: 'meetings', property: 'hs_meeting_body', externalKey, personId } as const;
  return findByReference(account.client, wanted, call);
}

function propertiesOf(fields: AppointmentFields): Properties {
  const times = { ...timesOf(fields.slot), hs_meeting_outcome: OUTCOME_OF[fields.status] };
  if (fields.keepsWords) return withoutEmpty(times);
  return withoutEmpty({
    ...times,
    hs_meeting_title: fields.title,
    hs_meeting_body: htmlBody(fields.body, fields.externalKey),
    hs_meeting_location: fields.location,
    hs_meeting_external_url: fields.joinUrl,
    hubspot_owner_id: fields.ownerId,
  });
}

function timesOf({ startMs, endMs }: { readonly startMs: number; readonly endMs: number | null }) {
  const start = new Date(startMs).toISOString();
  return {
    // The activity's place in the timeline; HubSpot demands that it equals the start.
    hs_timestamp: start,
    hs_meeting_start_time: start,
    hs_meeting_end_time: endMs === null ? null : new Date(endMs).toISOString(),
  };
}

/** Dates come as ISO text, or as epoch milliseconds in digits. */
function instant(value: string | null | undefined): number | null {
  if (!value) return null;
  const ms = /^\d+$/.test(value) ? Number(value) : Date.parse(value);
  return Number.isFinite(ms) ? ms : null;
}
