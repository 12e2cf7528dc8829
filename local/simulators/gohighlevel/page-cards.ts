/**
 * The page's cards: appointments, opportunities, contacts, with the buttons of a rep.
 * Invariant: a button that is shown works, unless somebody was faster.
 */
import { clockText, html, postForm, startInput } from '../page-html';
import type { FormButton, Html } from '../page-html';
import type { Account } from './account';
import { pipelinesOf } from './opportunities';
import { nameOf, opportunityStatuses } from './records';
import type { CalendarEvent, Contact, Opportunity } from './records';
import { location, users } from './seed';

const SHOWN = 50;
const DAY_MS = 86_400_000;

const actForm = (fields: Readonly<Record<string, string>>, button: FormButton, inputs: Html = null): Html =>
  postForm('/gohighlevel/act', fields, button, inputs);

function cards<T>(all: readonly T[], what: string, card: (one: T) => Html): Html {
  if (all.length === 0) return html`<p class="quiet">No ${what} yet.</p>`;
  const older = all.length - SHOWN;
  return html`<div>
    ${all.slice(-SHOWN).reverse().map(card)}
    ${older > 0 ? html`<p class="quiet">${older} older ones are not shown.</p>` : null}
  </div>`;
}

export function appointmentCards(account: Account): Html {
  const appointments = account.events.all().filter(({ kind }) => kind === 'appointment');
  return cards(appointments, 'appointments', (event) => appointmentCard(account, event));
}

const CLASSES: Partial<Record<CalendarEvent['status'], string>> = {
  new: 'pending',
  confirmed: 'accepted',
  showed: 'accepted',
  cancelled: 'cancelled',
  noshow: 'absent',
};

function appointmentCard(account: Account, event: CalendarEvent): Html {
  const { id, startMs, status, title, isDeleted, assignedUserId } = event;
  const user = users.find((one) => one.id === assignedUserId);
  return html`<article class="card" id=${id}>
    <header>
      <strong>${clockText(startMs, location.zone)}</strong>
      <span class=${`badge ${CLASSES[status] ?? ''}`}>${isDeleted ? 'deleted' : status}</span>
      <span>${title}${user === undefined ? '' : ` with ${user.firstName} ${user.lastName}`}</span>
    </header>
    <p>${contactLink(account, event.contactId)}</p>
    <p class="quiet"><code>${id}</code> ${event.description}</p>
    ${isDeleted ? null : html`<div>${appointmentForms(event)}</div>`}
  </article>`;
}

function appointmentForms({ id, startMs, status }: CalendarEvent): readonly Html[] {
  const mark = (to: CalendarEvent['status'], text: string): Html =>
    status === to ? null : actForm({ action: 'markAppointment', id, status: to }, { text, kind: 'plain' });
  return [
    actForm(
      { action: 'moveAppointment', id },
      { text: 'Move', kind: 'plain' },
      startInput(startMs + DAY_MS, location.zone),
    ),
    mark('confirmed', 'Confirmed'),
    mark('showed', 'Showed'),
    mark('noshow', 'No-show'),
    mark('invalid', 'Invalid'),
    status === 'cancelled' ? null : actForm({ action: 'cancelAppointment', id }, { text: 'Cancel', kind: 'bad' }),
    actForm({ action: 'deleteAppointment', id }, { text: 'Delete', kind: 'bad' }),
  ];
}

export function opportunityCards(account: Account): Html {
  return cards(account.opportunities.live(), 'opportunities', (one) => opportunityCard(account, one));
}

function opportunityCard(account: Account, opportunity: Opportunity): Html {
  const { id, name, status, pipelineId, pipelineStageId, contactId } = opportunity;
  const stages = pipelinesOf(account).find((pipeline) => pipeline.id === pipelineId)?.stages ?? [];
  const stage = stages.find((one) => one.id === pipelineStageId);
  const stageList = html`<select name="stageId" aria-label="Stage">
    ${stages.map((one) => html`<option value=${one.id} selected=${one.id === pipelineStageId}>${one.name}</option>`)}
  </select>`;
  const statusList = html`<select name="status" aria-label="Status">
    ${opportunityStatuses.map((one) => html`<option value=${one} selected=${one === status}>${one}</option>`)}
  </select>`;
  return html`<article class="card" id=${id}>
    <header>
      <strong>${name}</strong>
      <span class="badge accepted">${stage?.name ?? 'a stage that was removed'}</span>
      <span class="badge">${status}</span>
    </header>
    <p>${contactLink(account, contactId)}</p>
    <p class="quiet"><code>${id}</code></p>
    <div>
      ${actForm({ action: 'moveStage', id }, { text: 'Move', kind: 'plain' }, stageList)}
      ${actForm({ action: 'setStatus', id }, { text: 'Set', kind: 'plain' }, statusList)}
      ${actForm({ action: 'deleteOpportunity', id }, { text: 'Delete', kind: 'bad' })}
    </div>
  </article>`;
}

export function contactCards(account: Account): Html {
  return cards(account.contacts.live(), 'contacts', (contact) => contactCard(account, contact));
}

function contactCard(account: Account, contact: Contact): Html {
  const { id, texts, tags } = contact;
  const others = account.contacts
    .live()
    .filter((other) => other.id !== id)
    .slice(-SHOWN);
  const into = html`<select name="into" aria-label="Into">
    ${others.map((other) => html`<option value=${other.id}>${nameOf(other) || other.id}</option>`)}
  </select>`;
  const notes = account.notes.live().filter(({ ownerId }) => ownerId === id);
  return html`<article class="card" id=${id}>
    <p>
      <span class="person">
        ${nameOf(contact) || 'No name'}
        <small>${[texts.email, texts.phone].filter((part) => part !== null).join(', ')}</small>
      </span>
      ${tags.map((tag) => html`<span class="badge">${tag}</span> `)}
    </p>
    <p class="quiet"><code>${id}</code></p>
    ${notes.map(({ body }) => html`<p class="quiet">${body}</p>`)}
    <div>
      ${others.length === 0 ? null : actForm({ action: 'mergeContacts', id }, { text: 'Merge', kind: 'plain' }, into)}
      ${actForm({ action: 'deleteContact', id }, { text: 'Delete', kind: 'bad' })}
    </div>
  </article>`;
}

function contactLink(account: Account, contactId: string | null): Html {
  const contact = contactId === null ? null : account.contacts.findAny(contactId);
  return contact === null ? null : html`<a href=${`#${contact.id}`}>${nameOf(contact) || 'Contact without a name'}</a>`;
}
