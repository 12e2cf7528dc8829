/** What the location tells its subscriber. Invariant: whole records; what of them is told is up to webhook-bodies.ts. */
import type { CalendarEvent, Contact, Note, Opportunity } from './records';

type AppointmentType = 'AppointmentCreate' | 'AppointmentUpdate' | 'AppointmentDelete';
type ContactType = 'ContactCreate' | 'ContactUpdate' | 'ContactTagUpdate' | 'ContactDelete';
type OpportunityType =
  | 'OpportunityCreate'
  | 'OpportunityUpdate'
  | 'OpportunityStageUpdate'
  | 'OpportunityStatusUpdate'
  | 'OpportunityDelete';

/** What happened, before it is written down for the subscriber. */
export type Webhook =
  | { readonly type: AppointmentType; readonly event: CalendarEvent }
  | { readonly type: ContactType; readonly contact: Contact }
  | { readonly type: OpportunityType; readonly opportunity: Opportunity }
  | { readonly type: 'NoteCreate'; readonly note: Note }
  | { readonly type: 'UNINSTALL' };
export type WebhookType = Webhook['type'];

/** The record that it is about; empty for an uninstallation. */
export function subjectOf(webhook: Webhook): string {
  if ('event' in webhook) return webhook.event.id;
  if ('contact' in webhook) return webhook.contact.id;
  if ('opportunity' in webhook) return webhook.opportunity.id;
  return 'note' in webhook ? webhook.note.id : '';
}
