/**
 * The page where anyone can play the rep, and see what the service wrote and asked.
 * Invariant: works without scripts; every name, title and path is escaped.
 */
import { clockText, documentOf, html } from '../page-html';
import type { Html } from '../page-html';
import type { Journal, JournalEntry } from '../journal';
import { contactCards, dealCards, meetingCards } from './page-records';
import type { Portal } from './portal';
import { PORTAL_ZONE } from './seed';
import type { SentBatch, WebhooksOut } from './webhooks-out';

const SHOWN_WEBHOOKS = 25;
const SHOWN_REQUESTS = 50;

export interface Said {
  readonly text: string;
  readonly isBad: boolean;
}

export interface PageParts {
  readonly portal: Portal;
  readonly out: WebhooksOut;
  readonly journal: Journal;
}

export function renderPage({ portal, out, journal }: PageParts, said: Said | null): string {
  return documentOf(
    'HubSpot simulator',
    html`<main>
      <h1>HubSpot simulator</h1>
      <p class="quiet">
        Play the rep here and watch what the service makes of it. Nothing leaves this machine.${' '}
        ${`It is ${clockText(portal.clock(), PORTAL_ZONE)} in ${PORTAL_ZONE}.`}
      </p>
      ${said === null ? null : html`<p role="status" class=${said.isBad ? 'said bad' : 'said'}>${said.text}</p>`}
      <h2>Meetings</h2>
      ${meetingCards(portal)}
      <h2>Deals</h2>
      ${dealCards(portal)}
      <h2>Contacts</h2>
      ${contactCards(portal)}
      <h2>The app's connection</h2>
      <form method="post" action="/hubspot/act">
        <input type="hidden" name="action" value="disconnectApp" />
        <button class="bad">Disconnect the app</button>
      </form>
      <h2>What the app was told</h2>
      ${webhooks(portal, out)}
      <h2>What was asked</h2>
      ${requests(journal)}
    </main>`,
  );
}

function webhooks(portal: Portal, out: WebhooksOut): Html {
  const pending = out.pending().length;
  return html`<div>
    ${
      portal.settings().webhookUrl === null
        ? html`<p class="said bad">Nobody is told: the settings have no webhookUrl.</p>`
        : null
    }
    <p>${pending} waiting or under way, ${out.lost()} lost.</p>
    ${
      pending === 0
        ? null
        : html`<form method="post" action="/hubspot/flush"><button class="plain">Send what waits</button></form>`
    }
    <table>
      <thead>
        <tr>
          <th>When</th>
          <th>What</th>
          <th>Answer</th>
        </tr>
      </thead>
      <tbody>
        ${out.log().slice(0, SHOWN_WEBHOOKS).map(webhookRow)}
      </tbody>
    </table>
  </div>`;
}

function webhookRow({ atMs, events, answer }: SentBatch): Html {
  const isFine = typeof answer === 'number' && answer >= 200 && answer < 300;
  const what = events.map(({ subscriptionType, propertyName, objectId, attemptNumber }) => {
    const again = attemptNumber > 0 ? ' again' : '';
    return `${subscriptionType}${propertyName === null ? '' : ` ${propertyName}`} of ${objectId}${again}`;
  });
  return html`<tr>
    <td class="when">${clockText(atMs, PORTAL_ZONE)}</td>
    <td>${what.join(', ')}</td>
    <td class=${isFine ? 'ok' : 'fail'}>${answer}</td>
  </tr>`;
}

function requests(journal: Journal): Html {
  const entries = journal.entries().slice(-SHOWN_REQUESTS).reverse();
  return html`<div>
    <p>${journal.counters().requests} requests, ${journal.counters().violations} against the contract.</p>
    <table>
      <thead>
        <tr>
          <th>When</th>
          <th>Request</th>
          <th>Answer</th>
          <th>Against the contract</th>
        </tr>
      </thead>
      <tbody>
        ${entries.map(requestRow)}
      </tbody>
    </table>
  </div>`;
}

function requestRow({ at, method, path, status, applied, violation }: JournalEntry): Html {
  const answer = status === null ? `none${applied ? ', but carried out' : ''}` : String(status);
  return html`<tr>
    <td class="when">${clockText(Date.parse(at), PORTAL_ZONE)}</td>
    <td><code>${method} ${path}</code></td>
    <td class=${status !== null && status < 400 ? 'ok' : 'fail'}>${answer}</td>
    <td>${violation}</td>
  </tr>`;
}
