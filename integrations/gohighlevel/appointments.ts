/**
 * HighLevel appointments: the one record of a booking in the location's calendar.
 * Invariant: whatever we write asks HighLevel to tell nobody and to check no slot; the booking was made elsewhere. Nothing is deleted.
 */
import type { NewAppointment } from '../../domain/crm-appointment';
import { hasReference } from '../reference';
import {
  CrmError,
  type AppointmentChanges,
  type AppointmentFields,
  type AppointmentSnapshot,
  type AppointmentStatus,
  type CrmCall,
} from '../ports';
import {
  anyAnswer,
  appointmentAnswer,
  calendarEventsAnswer,
  contactAppointmentsAnswer,
  createdAppointmentAnswer,
  type GohighlevelAppointment,
} from './answers';
import type { GohighlevelClient, GohighlevelRequest } from './client';
import { carriesReference, descriptionOf, withSentence } from './reference';

/**
 * HighLevel's words; cancelled has two L. Waiting for the guest's new time is `new`, its word for "not confirmed": no time is
 * agreed on, so `confirmed` would be wrong, and `cancelled` would end what goes on.
 */
const STATUS_WORD: Readonly<Record<AppointmentStatus, string>> = {
  scheduled: 'confirmed',
  rescheduled: 'new',
  canceled: 'cancelled',
  showed: 'showed',
  no_show: 'noshow',
};
/** `invalid`, and v3's undocumented `completed` and `active`, have no meaning here. */
const STATUS_OF: ReadonlyMap<string, AppointmentStatus> = new Map(
  (Object.keys(STATUS_WORD) as AppointmentStatus[]).map((status) => [STATUS_WORD[status], status]),
);

const APPOINTMENTS = ['calendars', 'events', 'appointments'] as const;
/** `toNotify` false: the location's automations don't run. Without the other one, a slot outside its hours is refused. */
const QUIETLY = { toNotify: false, ignoreFreeSlotValidation: true } as const;

export function createAppointment(
  client: GohighlevelClient,
  fields: AppointmentFields,
  call: CrmCall,
): Promise<{ readonly id: string }> {
  const { calendarId, locationId } = client;
  const body = { calendarId, locationId, contactId: fields.personId, ...bodyOf(fields) };
  const request = { operation: 'createAppointment', method: 'POST', path: APPOINTMENTS, body } as const;
  return client.request({ ...request, effect: 'create', schema: createdAppointmentAnswer }, call);
}

/** Sets everything that is known; an address or owner that is no longer known stays, it may be a person's. So does the calendar. */
export async function updateAppointment(
  client: GohighlevelClient,
  { id, fields }: { readonly id: string; readonly fields: AppointmentFields },
  call: CrmCall,
): Promise<void> {
  await client.request({ ...changeOf('updateAppointment', id), body: bodyOf(fields) }, call);
}

export async function changeAppointment(
  client: GohighlevelClient,
  { id, changes }: { readonly id: string; readonly changes: AppointmentChanges },
  call: CrmCall,
): Promise<void> {
  const { slot, status, title, ownerId } = changes;
  const body = {
    ...(slot && { startTime: offsetText(slot.startMs) }),
    ...(slot?.endMs != null && { endTime: offsetText(slot.endMs) }),
    ...(status !== undefined && { appointmentStatus: STATUS_WORD[status] }),
    ...(title !== undefined && { title }),
    ...(ownerId !== undefined && { assignedUserId: ownerId }),
  };
  if (Object.keys(body).length === 0) return;
  await client.request({ ...changeOf('changeAppointment', id), body: { ...body, ...QUIETLY } }, call);
}

/** Marks as canceled and adds the reason below the text that is there; a repeat adds nothing. */
export async function cancelAppointment(
  client: GohighlevelClient,
  { id, reason }: { readonly id: string; readonly reason: string },
  call: CrmCall,
): Promise<void> {
  const operation = 'cancelAppointment';
  const event = await readEvent(client, { operation, id }, call);
  if (event === null) {
    throw new CrmError('target_gone', `HighLevel ${operation}: the appointment was deleted`);
  }
  const description = withSentence(event.description ?? '', reason);
  const body = { appointmentStatus: STATUS_WORD.canceled, description, ...QUIETLY };
  await client.request({ ...changeOf(operation, id), body }, call);
}

export async function readAppointment(
  client: GohighlevelClient,
  id: string,
  call: CrmCall,
): Promise<AppointmentSnapshot | null> {
  const event = await readEvent(client, { operation: 'readAppointment', id }, call);
  return event && snapshotOf(event);
}

function snapshotOf(event: GohighlevelAppointment): AppointmentSnapshot {
  return { id: event.id, ...stateOf(event), title: event.title || null, ownerId: event.assignedUserId || null };
}

function stateOf(event: GohighlevelAppointment): Omit<AppointmentSnapshot, 'id' | 'title' | 'ownerId'> {
  return {
    startMs: instantOf(event.startTime),
    endMs: instantOf(event.endTime),
    status: STATUS_OF.get(event.appointmentStatus ?? '') ?? null,
    archived: false,
  };
}

/** Longer spans of a calendar are asked for in parts, as the vendor demands of free slots. */
export const LONGEST_SPAN_MS = 31 * 24 * 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/**
 * From our calendar's list, which holds no deleted ones; whatever is not in it was moved away or deleted, or is in another calendar, and
 * is read by itself.
 */
export async function readAppointments(
  client: GohighlevelClient,
  asked: readonly { readonly id: string; readonly startMs: number }[],
  call: CrmCall,
): Promise<ReadonlyMap<string, AppointmentSnapshot>> {
  const listed = new Map<string, GohighlevelAppointment>();
  let untilMs = Number.NEGATIVE_INFINITY;
  for (const { startMs } of [...asked].sort((a, b) => a.startMs - b.startMs)) {
    if (startMs < untilMs) continue;
    untilMs = Math.min(startMs + LONGEST_SPAN_MS, Math.max(...asked.map((one) => one.startMs)) + DAY_MS);
    const span = { operation: 'readAppointments', calendarId: client.calendarId, fromMs: startMs, toMs: untilMs };
    for (const event of await listEvents(client, span, call)) listed.set(event.id, event);
  }
  const found = new Map<string, AppointmentSnapshot>();
  for (const { id } of asked) {
    const event = listed.get(id) ?? (await readEvent(client, { operation: 'readAppointments', id }, call));
    if (event !== null && event.deleted !== true) found.set(id, snapshotOf(event));
  }
  return found;
}

/** What begins in a span of a calendar, which is no longer than `LONGEST_SPAN_MS`. */
export async function listEvents(
  client: GohighlevelClient,
  span: {
    readonly operation: string;
    readonly calendarId: string;
    readonly fromMs: number;
    readonly toMs: number;
  },
  call: CrmCall,
): Promise<readonly GohighlevelAppointment[]> {
  const { operation, calendarId } = span;
  const query = {
    locationId: client.locationId,
    calendarId,
    startTime: String(span.fromMs),
    endTime: String(span.toMs),
  };
  const { events } = await client.request(
    { operation, method: 'GET', path: ['calendars', 'events'], query, effect: 'safe', schema: calendarEventsAnswer },
    call,
  );
  return events;
}

export async function readNewAppointment(
  client: GohighlevelClient,
  id: string,
  call: CrmCall,
): Promise<NewAppointment | null> {
  const event = await readEvent(client, { operation: 'readNewAppointment', id }, call);
  if (event === null) return null;
  const { status, ...state } = stateOf(event);
  return {
    ...state,
    // `new` waits for the location's own confirmation: the time is agreed on.
    status: event.appointmentStatus === STATUS_WORD.rescheduled ? 'scheduled' : status,
    personIds: event.contactId ? [event.contactId] : [],
    ownerId: event.assignedUserId || null,
    calendarId: event.calendarId || null,
    isOurs: hasReference(event.description ?? ''),
  };
}

/**
 * Looks through all appointments of the contact, which reads no search index. Their list holds no description, so each is
 * read; where two carry the key, the older one is the one to keep.
 */
export async function findAppointment(
  client: GohighlevelClient,
  { externalKey, personId }: { readonly externalKey: string; readonly personId: string },
  call: CrmCall,
): Promise<{ readonly id: string } | null> {
  const operation = 'findAppointment';
  const path = ['contacts', personId, 'appointments'] as const;
  const { events } = await client.request(
    { operation, method: 'GET', path, effect: 'safe', schema: contactAppointmentsAnswer },
    call,
  );
  const ours: GohighlevelAppointment[] = [];
  for (const { id } of events) {
    const event = await readEvent(client, { operation, id }, call);
    if (event !== null && carriesReference(event.description ?? '', externalKey)) ours.push(event);
  }
  const [oldest] = ours.sort(
    (a, b) => (instantOf(a.dateAdded) ?? 0) - (instantOf(b.dateAdded) ?? 0) || (a.id < b.id ? -1 : 1),
  );
  return oldest === undefined ? null : { id: oldest.id };
}

/** Null for what is not there, or marked as deleted. */
async function readEvent(
  client: GohighlevelClient,
  { operation, id }: { readonly operation: string; readonly id: string },
  call: CrmCall,
): Promise<GohighlevelAppointment | null> {
  try {
    const { event } = await client.request(
      { operation, method: 'GET', path: [...APPOINTMENTS, id], effect: 'safe', schema: appointmentAnswer },
      call,
    );
    return event.deleted === true ? null : event;
  } catch (error) {
    if (error instanceof CrmError && error.errorClass === 'target_gone') return null;
    throw error;
  }
}

function changeOf(operation: string, id: string): GohighlevelRequest<object> {
  return { operation, method: 'PUT', path: [...APPOINTMENTS, id], effect: 'safe', schema: anyAnswer };
}

function bodyOf({ externalKey, ...fields }: AppointmentFields): Readonly<Record<string, unknown>> {
  const { slot, status, title, body, joinUrl, location, ownerId } = fields;
  const state = {
    startTime: offsetText(slot.startMs),
    endTime: offsetText(slot.endMs),
    appointmentStatus: STATUS_WORD[status],
    ...QUIETLY,
  };
  if (fields.keepsWords) return state;
  const address = location ?? joinUrl;
  // There is one field for both; the link goes to the text where the place needs the field.
  const link = joinUrl !== null && joinUrl !== address && !body.includes(joinUrl) ? `Join: ${joinUrl}` : null;
  return {
    ...state,
    description: descriptionOf([body, link], externalKey),
    ...(title.trim() === '' ? {} : { title }),
    ...(address ? { address } : {}),
    ...(ownerId === null ? {} : { assignedUserId: ownerId }),
  };
}

/** ISO 8601 with the offset written out, as in the contract's samples. UTC, because a slot has a zone's name and no offset. */
function offsetText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, '+00:00');
}

/** Null for a time without an offset: it is the wall clock of a zone that the answer does not name. */
export function instantOf(value: string | number | null | undefined): number | null {
  if (typeof value === 'number') return value;
  if (!value || !/(?:Z|[+-]\d{2}:?\d{2})$/.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? null : ms;
}
