/**
 * What a rep or an admin does in HubSpot itself, as data: for `POST /hubspot/_admin/act` and for the page's forms.
 * Invariant: a rep's act goes by the same rules as an app's, and the app's webhooks say that a person did it.
 */
import { z } from 'zod';
import type { HubspotRefusal } from './errors';
import { mergeContacts } from './merge';
import type { Portal } from './portal';
import type { HubspotRecord } from './record';
import type { ObjectType } from './schema';
import { archiveRecord, createRecord, updateRecord } from './writes';

const id = z.string().regex(/^\d+$/);
const instant = z.int();
const properties = z.record(z.string(), z.string());

const act = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('setOutcome'), meetingId: id, outcome: z.string() }),
  /** Without an end it stays as long as it was. */
  z.strictObject({ action: z.literal('moveMeeting'), meetingId: id, startMs: instant, endMs: instant.optional() }),
  z.strictObject({ action: z.literal('deleteMeeting'), meetingId: id }),
  z.strictObject({
    action: z.literal('createMeeting'),
    contactId: id,
    dealId: id.optional(),
    startMs: instant,
    minutes: z.int().positive().default(30),
    title: z.string().default('Meeting'),
    ownerId: id.optional(),
  }),
  z.strictObject({ action: z.literal('moveStage'), dealId: id, stageId: z.string() }),
  z.strictObject({ action: z.literal('editContact'), contactId: id, properties }),
  z.strictObject({ action: z.literal('mergeContacts'), primaryId: id, otherId: id }),
  z.strictObject({ action: z.literal('deleteContact'), contactId: id }),
  z.strictObject({ action: z.literal('deleteDeal'), dealId: id }),
  /** The admin ends every connection of the app: its tokens stop working, refresh tokens too. */
  z.strictObject({ action: z.literal('disconnectApp') }),
]);
type Act = z.output<typeof act>;
export type ActInput = z.input<typeof act>;

/**
 * Does it and returns the records that it made or changed. Throws a ZodError for what is no act, and a `HubspotRefusal`
 * when the portal does not allow it.
 */
export function perform(portal: Portal, input: unknown): readonly HubspotRecord[] {
  const given = act.parse(input);
  if (given.action === 'disconnectApp') {
    portal.tokens.revokeAll();
    return [];
  }
  return portal.changes.asRep(() => [performAsRep(portal, given)]);
}

function performAsRep(portal: Portal, given: Exclude<Act, { action: 'disconnectApp' }>): HubspotRecord {
  switch (given.action) {
    case 'setOutcome':
      return change(portal, 'meetings', given.meetingId, { hs_meeting_outcome: given.outcome });
    case 'moveMeeting':
      return moveMeeting(portal, given);
    case 'deleteMeeting':
      return remove(portal, 'meetings', given.meetingId);
    case 'createMeeting':
      return createMeeting(portal, given);
    case 'moveStage':
      return change(portal, 'deals', given.dealId, { dealstage: given.stageId });
    case 'editContact':
      return change(portal, 'contacts', given.contactId, given.properties);
    case 'mergeContacts':
      return mergeContacts(portal, given);
    case 'deleteContact':
      return remove(portal, 'contacts', given.contactId);
    case 'deleteDeal':
      return remove(portal, 'deals', given.dealId);
  }
}

function change(
  portal: Portal,
  type: ObjectType,
  recordId: string,
  given: Readonly<Record<string, string>>,
): HubspotRecord {
  return updateRecord(portal, portal.objects.get(type, recordId), given).record;
}

function remove(portal: Portal, type: ObjectType, recordId: string): HubspotRecord {
  const record = portal.objects.get(type, recordId);
  archiveRecord(portal, type, record.id);
  return portal.objects.get(type, record.id, true);
}

function moveMeeting(
  portal: Portal,
  { meetingId, startMs, endMs }: { meetingId: string; startMs: number; endMs?: number | undefined },
): HubspotRecord {
  const meeting = portal.objects.get('meetings', meetingId);
  const instantOf = (name: string): number => Date.parse(meeting.properties[name] ?? '');
  const lengthMs = instantOf('hs_meeting_end_time') - instantOf('hs_meeting_start_time');
  const end = endMs ?? startMs + (Number.isNaN(lengthMs) ? 0 : lengthMs);
  return updateRecord(portal, meeting, times(startMs, end)).record;
}

function createMeeting(portal: Portal, given: Extract<Act, { action: 'createMeeting' }>): HubspotRecord {
  const { contactId, dealId, startMs, minutes, title, ownerId } = given;
  const link = (to: string, associationTypeId: number) => ({
    to: { id: to },
    types: [{ associationCategory: 'HUBSPOT_DEFINED' as const, associationTypeId }],
  });
  return createRecord(portal, {
    type: 'meetings',
    properties: {
      ...times(startMs, startMs + minutes * 60_000),
      hs_meeting_title: title,
      hs_meeting_outcome: 'SCHEDULED',
      ...(ownerId === undefined ? {} : { hubspot_owner_id: ownerId }),
    },
    associations: [link(contactId, 200), ...(dealId === undefined ? [] : [link(dealId, 212)])],
  });
}

function times(startMs: number, endMs: number): Readonly<Record<string, string>> {
  const start = String(startMs);
  return { hs_timestamp: start, hs_meeting_start_time: start, hs_meeting_end_time: String(endMs) };
}

/** Why the portal refused, in its own words. */
export function reasonOf(refused: HubspotRefusal): string {
  const { message } = refused.answer.body as { readonly message?: string };
  return message ?? `refused with ${refused.answer.status}`;
}
