/**
 * Bodies of webhooks, as the vendor's pages show them.
 * Invariant: appointments carry no name, e-mail or phone; a move says the new time only.
 */
import { nameOf } from './records';
import type { CalendarEvent, Contact, Opportunity } from './records';
import { offsetText } from './rows';
import type { Row } from './rows';
import { location, oauthClient } from './seed';
import { isoOf, set } from './values';
import type { Webhook } from './webhook-events';

/** `delivery` is left out where the settings say so, as in the vendor's samples of appointments. */
export function bodyOf(webhook: Webhook, delivery: { readonly timestamp: string; readonly webhookId: string } | null) {
  return JSON.stringify({ type: webhook.type, locationId: location.id, ...partsOf(webhook), ...delivery });
}

function partsOf(webhook: Webhook): Row {
  if ('event' in webhook) return { appointment: appointmentOf(webhook.event) };
  if ('contact' in webhook) return contactOf(webhook.contact);
  if ('opportunity' in webhook) return opportunityOf(webhook.opportunity);
  if (webhook.type === 'UNINSTALL') return { appId: oauthClient.appId };
  const { id, body, contactId, createdAtMs } = webhook.note;
  return set({ id, body, contactId, dateAdded: isoOf(createdAtMs) });
}

function appointmentOf(event: CalendarEvent): Row {
  return set({
    id: event.id,
    title: event.title,
    address: event.address,
    calendarId: event.calendarId,
    contactId: event.contactId,
    groupId: '',
    appointmentStatus: event.status,
    assignedUserId: event.assignedUserId,
    users: [event.assignedUserId],
    notes: event.description,
    source: event.source,
    startTime: offsetText(event.startMs),
    endTime: offsetText(event.endMs),
    dateAdded: isoOf(event.createdAtMs),
    dateUpdated: isoOf(event.updatedAtMs),
  });
}

function contactOf(contact: Contact): Row {
  const { texts, tags, customFields, dnd, id } = contact;
  const name = nameOf(contact);
  return set({
    ...texts,
    id,
    name: name === '' ? null : name,
    gender: null,
    timezone: null,
    dnd,
    tags,
    customFields,
    attachments: [],
    dateAdded: isoOf(contact.createdAtMs),
  });
}

function opportunityOf(opportunity: Opportunity): Row {
  const { id, assignedTo, contactId, monetaryValue, name, pipelineId, pipelineStageId, status } = opportunity;
  const dateAdded = isoOf(opportunity.createdAtMs);
  return set({ id, assignedTo, contactId, monetaryValue, name, pipelineId, pipelineStageId, status, dateAdded });
}
