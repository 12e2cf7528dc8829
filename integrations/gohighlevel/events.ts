/**
 * From HighLevel's webhooks to changes of records.
 * Invariant: pure and never throws; only what is about our own location counts, because the vendor's one key signs for all of them.
 */
import { firstComplaint } from '../complaints';
import { isObject, parseJsonBody } from '../json-body';
import type { CrmChange, CrmRecordType, ReadCrmDelivery } from '../webhook-port';
import { appointmentBody, envelope, recordBody } from './payload';

/** The vendor's samples of updates and deletions say `AppointmentCreate`: what happened is for whoever reads the record. */
const RECORDS: Readonly<
  Record<string, { record: CrmRecordType; what: CrmChange['what']; fields?: readonly string[] }>
> = {
  AppointmentCreate: { record: 'appointment', what: 'created' },
  AppointmentUpdate: { record: 'appointment', what: 'changed' },
  AppointmentDelete: { record: 'appointment', what: 'deleted' },
  ContactCreate: { record: 'person', what: 'created' },
  ContactUpdate: { record: 'person', what: 'changed' },
  ContactDndUpdate: { record: 'person', what: 'changed', fields: ['dnd'] },
  ContactTagUpdate: { record: 'person', what: 'changed', fields: ['tags'] },
  // A merge is told as the end of one contact and a change of the other.
  ContactDelete: { record: 'person', what: 'deleted' },
  OpportunityCreate: { record: 'opportunity', what: 'created' },
  OpportunityUpdate: { record: 'opportunity', what: 'changed' },
  OpportunityAssignedToUpdate: { record: 'opportunity', what: 'changed', fields: ['assignedTo'] },
  OpportunityMonetaryValueUpdate: { record: 'opportunity', what: 'changed', fields: ['monetaryValue'] },
  OpportunityStageUpdate: { record: 'opportunity', what: 'changed', fields: ['pipelineStageId'] },
  OpportunityStatusUpdate: { record: 'opportunity', what: 'changed', fields: ['status'] },
  OpportunityDelete: { record: 'opportunity', what: 'deleted' },
};

/** Reads one delivery. */
export function readDelivery(rawBody: Buffer, ourLocationId: string): ReadCrmDelivery {
  const parsed = parseJsonBody(rawBody);
  if (!parsed.ok) return { kind: 'unreadable', trigger: null, reason: parsed.reason };
  const head = envelope.safeParse(parsed.value);
  if (!head.success) return { kind: 'unreadable', trigger: null, reason: firstComplaint(head.error) };
  const { type: trigger, locationId, timestamp } = head.data;
  if (!Object.hasOwn(RECORDS, trigger)) {
    return { kind: 'ignored', trigger, reason: 'this type is about no record that is synced' };
  }
  if (locationId !== ourLocationId) return { kind: 'ignored', trigger, reason: 'about another location' };
  const { record, what, fields = [] } = RECORDS[trigger]!;
  const said = record === 'appointment' ? appointmentOf(parsed.value) : recordOf(parsed.value);
  if (typeof said === 'string') return { kind: 'unreadable', trigger, reason: said };
  const occurredAtMs = said.changedAtMs ?? timestamp ?? null;
  const change = { record, what, fields, crmId: said.id, intoCrmId: null, occurredAtMs };
  return { kind: 'changes', trigger, changes: [change], unreadable: null };
}

interface Said {
  readonly id: string;
  readonly changedAtMs: number | null;
}

function appointmentOf(body: unknown): Said | string {
  const parsed = appointmentBody.safeParse(body);
  if (!parsed.success) return firstComplaint(parsed.error);
  const { id, dateUpdated = null } = parsed.data.appointment;
  return { id, changedAtMs: dateUpdated };
}

function recordOf(body: unknown): Said | string {
  const parsed = recordBody.safeParse(body);
  return parsed.success ? { id: parsed.data.id, changedAtMs: null } : firstComplaint(parsed.error);
}

/** The body without names, addresses and notes: they would outlive the erasure of the person. */
export function withoutValues(rawBody: Buffer): Buffer {
  const parsed = parseJsonBody(rawBody);
  if (!parsed.ok || !isObject(parsed.value)) return rawBody;
  const { type, locationId, id, timestamp, webhookId, appointment } = parsed.value;
  const slim = isObject(appointment) ? { id: appointment['id'], dateUpdated: appointment['dateUpdated'] } : undefined;
  return Buffer.from(JSON.stringify({ type, locationId, id, timestamp, webhookId, appointment: slim }));
}

/** Without an id of its own, a body that came before may be the third of three changes: to a stage, away, and back to it. */
export function repeatMayBeNews(rawBody: Buffer): boolean {
  const parsed = parseJsonBody(rawBody);
  const head = parsed.ok ? envelope.safeParse(parsed.value) : null;
  return head?.success === true && typeof head.data.webhookId !== 'string';
}
