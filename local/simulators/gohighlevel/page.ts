/**
 * The page where anyone can play the rep, and see what the service wrote and what HighLevel told about it.
 * Invariant: works without scripts; every name and address is escaped.
 */
import type { Journal, JournalEntry } from '../journal';
import { clockText, documentOf, html, startInput } from '../page-html';
import type { Html } from '../page-html';
import type { Account } from './account';
import { appointmentCards, contactCards, opportunityCards } from './page-cards';
import { location } from './seed';
import type { SentWebhook, WebhooksOut } from './webhooks-out';

const HOUR_MS = 3_600_000;
const SHOWN = 25;
const SHOWN_REQUESTS = 60;

export interface Said {
  readonly text: string;
  readonly isBad: boolean;
}

export function renderPage(parts: {
  readonly account: Account;
  readonly out: WebhooksOut;
  readonly journal: Journal;
  readonly said: Said | null;
}): string {
  const { account, out, journal, said } = parts;
  const counts = account.effects.counts();
  return documentOf(
    'HighLevel simulator',
    html`<main>
      <h1>HighLevel simulator</h1>
      <p class="quiet">
        Play the rep here and watch what the service makes of it. Nothing leaves this machine.${' '}
        ${`It is ${clockText(account.clock(), location.zone)} in ${location.zone}.`}
      </p>
      ${said === null ? null : html`<p role="status" class=${said.isBad ? 'said bad' : 'said'}>${said.text}</p>`}
      <p>
        ${`What leads noticed: ${counts.guest_notified} messages about appointments, ${counts.stage_moved} moved stages, `}
        ${`${counts.opportunity_created} new opportunities, ${counts.status_changed} changed statuses.`}
      </p>
      <h2>Appointments</h2>
      ${bookForm(account)} ${appointmentCards(account)}
      <h2>Opportunities</h2>
      ${opportunityCards(account)}
      <h2>Contacts</h2>
      ${contactForm()} ${contactCards(account)}
      <h2>Webhooks</h2>
      ${webhooks(account, out)}
      <h2>Requests</h2>
      ${requests(journal)}
    </main>`,
  );
}

function bookForm(account: Account): Html {
  const contacts = account.contacts.live();
  if (contacts.length === 0) return null;
  const next = (Math.floor(account.clock() / HOUR_MS) + 24) * HOUR_MS;
  return html`<div class="card">
    <form method="post" action="/gohighlevel/act">
      <input type="hidden" name="action" value="createAppointment" />
      <label
        >Contact
        <select name="contactId">
          ${contacts.map(({ id, texts }) => html`<option value=${id}>${texts.email ?? texts.phone ?? id}</option>`)}
        </select>
      </label>
      <label>Title<input name="title" value="" /></label>
      <label>Start ${startInput(next, location.zone)}</label>
      <button>Book as a rep</button>
    </form>
  </div>`;
}

function contactForm(): Html {
  return html`<div class="card">
    <form method="post" action="/gohighlevel/act">
      <input type="hidden" name="action" value="createContact" />
      <label>First name<input name="firstName" value="" /></label>
      <label>Last name<input name="lastName" value="" /></label>
      <label>E-mail<input name="email" type="email" value="" placeholder="dana.sample@example.com" /></label>
      <label>Phone<input name="phone" value="" placeholder="+1 303 555 0142" /></label>
      <button>Add a contact</button>
    </form>
  </div>`;
}

function webhooks(account: Account, out: WebhooksOut): Html {
  const { webhookUrl, loss, duplicate, delayMs } = account.settings();
  const waiting = out.pending().length;
  return html`<div>
    <div class="card">
      <form method="post" action="/gohighlevel/settings">
        <label>To<input name="webhookUrl" type="url" size="48" value=${webhookUrl ?? ''} /></label>
        <label>Lost, %<input name="loss" type="number" min="0" max="100" value=${Math.round(loss * 100)} /></label>
        <label
          >Sent twice, %<input name="duplicate" type="number" min="0" max="100" value=${Math.round(duplicate * 100)}
        /></label>
        <label>Delay, seconds<input name="delayMs" type="number" min="0" step="any" value=${delayMs / 1_000} /></label>
        <button>Save</button>
      </form>
    </div>
    ${webhookUrl === null ? html`<p class="said bad">Nobody is told: no URL is set.</p>` : null}
    <p>${waiting} waiting or under way, ${out.lost()} lost.</p>
    ${
      waiting === 0
        ? null
        : html`<form method="post" action="/gohighlevel/flush"><button class="plain">Send what waits</button></form>`
    }
    ${table(['When', 'What', 'Record', 'Answer'], out.log().slice(0, SHOWN).map(webhookRow))}
  </div>`;
}

function webhookRow({ atMs, type, id, answer, attempt }: SentWebhook): Html {
  const isFine = typeof answer === 'number' && answer >= 200 && answer < 300;
  return html`<tr>
    <td class="when">${clockText(atMs, location.zone)}</td>
    <td>${type}</td>
    <td>
      <a href=${`#${id}`}><code>${id}</code></a>
    </td>
    <td class=${isFine ? 'ok' : 'fail'}>${answer}${attempt > 1 ? ` (attempt ${attempt})` : ''}</td>
  </tr>`;
}

/** The newest first. Query strings hold addresses and numbers: this page shows them, as HighLevel's own pages would. */
function requests(journal: Journal): Html {
  const newest = journal.entries().slice(-SHOWN_REQUESTS).reverse();
  const { violations } = journal.counters();
  return html`<div>
    <p>${journal.counters().requests} requests, ${violations} of them broke the contract.</p>
    ${table(['No.', 'When', 'Request', 'Answer', 'Breach'], newest.map(requestRow))}
  </div>`;
}

function requestRow({ n, at, method, path, status, violation }: JournalEntry): Html {
  return html`<tr>
    <td>${n}</td>
    <td class="when">${clockText(Date.parse(at), location.zone)}</td>
    <td><code>${method} ${path}</code></td>
    <td class=${status !== null && status < 400 ? 'ok' : 'fail'}>${status ?? 'cut'}</td>
    <td>${violation ?? ''}</td>
  </tr>`;
}

function table(heads: readonly string[], rows: readonly Html[]): Html {
  return html`<table>
    <thead>
      <tr>
        ${heads.map((head) => html`<th>${head}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
