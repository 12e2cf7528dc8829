/**
 * The page's records: contacts, deals and meetings, with what a rep can do to them.
 * Invariant: every form is an act of `_admin/act`; names and titles are escaped.
 */
import { clockText, html, postForm, startInput } from '../page-html';
import type { FormButton, Html } from '../page-html';
import type { Portal } from './portal';
import type { HubspotRecord } from './record';
import type { ObjectType } from './schema';
import { PORTAL_ZONE, pipelines } from './seed';

const SHOWN = 50;
const DAY_MS = 86_400_000;

/** A form that does one act: its hidden fields, what is asked for, and the button. */
function actForm(fields: Readonly<Record<string, string>>, button: FormButton, inputs: Html = null): Html {
  return postForm('/hubspot/act', fields, button, inputs);
}

/** The newest live records of a type. */
function newest(portal: Portal, type: ObjectType): readonly HubspotRecord[] {
  return portal.objects
    .ofType(type)
    .filter(({ archived }) => !archived)
    .slice(-SHOWN)
    .reverse();
}

const valueOf = (record: HubspotRecord, name: string): string => record.properties[name] ?? '';

export function contactCards(portal: Portal): Html {
  const contacts = newest(portal, 'contacts');
  if (contacts.length === 0) return html`<p class="quiet">No contacts.</p>`;
  return html`<div>${contacts.map((contact) => contactCard(portal, contact))}</div>`;
}

function contactCard(portal: Portal, contact: HubspotRecord): Html {
  const contactId = contact.id;
  const field = (name: string, text: string): Html =>
    html`<label>${text}<input name=${name} value=${valueOf(contact, name)} /></label>`;
  const name = `${valueOf(contact, 'firstname')} ${valueOf(contact, 'lastname')}`.trim();
  const other = html`<label>Merge with contact<input name="otherId" required pattern="[0-9]+" size="8" /></label>`;
  const title = html`<label>Title<input name="title" value="Meeting" required /></label>`;
  return html`<article class="card" id=${contactId}>
    <header>
      <strong>${name === '' ? 'Contact' : name}</strong>
      <span>${valueOf(contact, 'email')} ${valueOf(contact, 'phone')}</span>
      <code>${contactId}</code>
      ${linked(portal, contact, 'deals')} ${linked(portal, contact, 'meetings')}
    </header>
    ${actForm({ action: 'editContact', contactId }, { text: 'Save' }, [
      field('firstname', 'First name'),
      field('lastname', 'Last name'),
      field('email', 'E-mail'),
      field('phone', 'Phone'),
    ])}
    ${actForm({ action: 'createMeeting', contactId }, { text: 'New meeting' }, [
      title,
      startInput(portal.clock() + DAY_MS, PORTAL_ZONE),
    ])}
    ${actForm({ action: 'mergeContacts', primaryId: contactId }, { text: 'Merge', kind: 'plain' }, other)}
    ${actForm({ action: 'deleteContact', contactId }, { text: 'Delete', kind: 'bad' })}
  </article>`;
}

function linked(portal: Portal, record: HubspotRecord, type: ObjectType): Html {
  return portal.associations.of(record, type).map((id) => html`<a href=${`#${id}`}>${`${type} ${id}`}</a> `);
}

export function dealCards(portal: Portal): Html {
  const deals = newest(portal, 'deals');
  if (deals.length === 0) return html`<p class="quiet">No deals.</p>`;
  return html`<div>${deals.map((deal) => dealCard(portal, deal))}</div>`;
}

function dealCard(portal: Portal, deal: HubspotRecord): Html {
  const stages = pipelines.find(({ id }) => id === deal.properties['pipeline'])?.stages ?? [];
  const current = deal.properties['dealstage'];
  const choice = html`<label
    >Stage
    <select name="stageId">
      ${stages.map(({ id, label }) => html`<option value=${id} selected=${id === current}>${label}</option>`)}
    </select>
  </label>`;
  const moves = portal.changes.automations()[deal.id]?.stageMoves ?? 0;
  return html`<article class="card" id=${deal.id}>
    <header>
      <strong>${valueOf(deal, 'dealname')}</strong>
      <span class="badge">${stages.find(({ id }) => id === current)?.label ?? current}</span>
      <code>${deal.id}</code>
      ${linked(portal, deal, 'contacts')} ${linked(portal, deal, 'meetings')}
      <span class="quiet">${moves} stage moves by apps</span>
    </header>
    ${actForm({ action: 'moveStage', dealId: deal.id }, { text: 'Move' }, choice)}
    ${actForm({ action: 'deleteDeal', dealId: deal.id }, { text: 'Delete', kind: 'bad' })}
  </article>`;
}

export function meetingCards(portal: Portal): Html {
  const meetings = newest(portal, 'meetings');
  if (meetings.length === 0) return html`<p class="quiet">No meetings.</p>`;
  return html`<div>${meetings.map((meeting) => meetingCard(portal, meeting))}</div>`;
}

function meetingCard(portal: Portal, meeting: HubspotRecord): Html {
  const meetingId = meeting.id;
  const outcome = meeting.properties['hs_meeting_outcome'] ?? null;
  const startMs = Date.parse(valueOf(meeting, 'hs_meeting_start_time') || valueOf(meeting, 'hs_timestamp'));
  const outcomes = portal.properties.find('meetings', 'hs_meeting_outcome')?.options ?? [];
  const others = outcomes.filter(({ value, hidden }) => value !== outcome && !hidden);
  return html`<article class="card" id=${meetingId}>
    <header>
      <strong>${clockText(startMs, PORTAL_ZONE)}</strong>
      <span class="quiet">${PORTAL_ZONE}</span>
      <span class="badge">${outcome ?? 'no outcome'}</span>
      <span>${valueOf(meeting, 'hs_meeting_title')}</span>
      <code>${meetingId}</code>
      ${linked(portal, meeting, 'contacts')} ${linked(portal, meeting, 'deals')}
    </header>
    ${others.map(({ value, label }) =>
      actForm({ action: 'setOutcome', meetingId, outcome: value }, { text: label, kind: 'plain' }),
    )}
    ${actForm({ action: 'moveMeeting', meetingId }, { text: 'Move' }, startInput(startMs + DAY_MS, PORTAL_ZONE))}
    ${actForm({ action: 'deleteMeeting', meetingId }, { text: 'Delete', kind: 'bad' })}
  </article>`;
}
