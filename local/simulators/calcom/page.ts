/**
 * The page where anyone can play the guest and the host, and see what Cal.com told us about it.
 * Invariant: works without scripts; every name and address is escaped.
 */
import type { Account } from './account';
import { bookingCards } from './page-bookings';
import { clockText, documentOf, html, startInput } from './page-html';
import type { Html } from './page-html';
import { eventTypes } from './seed';
import type { CalcomSettings } from './settings';
import type { SentWebhook, WebhooksOut } from './webhooks-out';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ZONE = 'America/Denver';
const SHOWN_WEBHOOKS = 25;

export interface Said {
  readonly text: string;
  readonly isBad: boolean;
}

export function renderPage(account: Account, out: WebhooksOut, said: Said | null): string {
  const now = account.clock();
  return documentOf(
    'Cal.com simulator',
    html`<main>
      <h1>Cal.com simulator</h1>
      <p class="quiet">
        Play the guest or the host here and watch what the service makes of it. Nothing leaves this machine.${' '}
        ${`It is ${clockText(now, ZONE)} in ${ZONE}.`}
      </p>
      ${said === null ? null : html`<p role="status" class=${said.isBad ? 'said bad' : 'said'}>${said.text}</p>`}
      <h2>Book an appointment</h2>
      ${bookForm(now)}
      <h2>Bookings</h2>
      ${bookingCards(account)}
      <h2>What was sent</h2>
      ${webhooks(account, out)}
      <h2>How the line behaves</h2>
      ${settingsForm(account.settings())}
    </main>`,
  );
}

function bookForm(now: number): Html {
  const tomorrow = Math.ceil((now + DAY_MS) / HOUR_MS) * HOUR_MS;
  return html`<div class="card">
    <form method="post" action="/calcom/act">
      <input type="hidden" name="action" value="book" />
      <label
        >What
        <select name="eventType">
          ${eventTypes.map(({ slug, title }) => html`<option value=${slug}>${title} (${slug})</option>`)}
        </select>
      </label>
      <label>Name<input name="name" value="Dana Sample" required /></label>
      <label>E-mail<input name="email" type="email" value="dana.sample@example.com" /></label>
      <label>Phone<input name="phone" value="" placeholder="+1 303 555 0142" /></label>
      <label>Start ${startInput(tomorrow, ZONE)}</label>
      <label>Time zone<input name="zone" value=${ZONE} required /></label>
      <button>Book</button>
    </form>
    <p class="quiet">
      The start is in the zone beside it. It may lie in the past: so you can play the end of a meeting without waiting
      for it. Without an e-mail address, Cal.com invents one from the phone number.
    </p>
  </div>`;
}

function webhooks(account: Account, out: WebhooksOut): Html {
  const pending = out.pending();
  const log = out.log().slice(0, SHOWN_WEBHOOKS);
  const nobody = account.subscriptions.all().every(({ active }) => !active);
  return html`<div>
    ${nobody ? html`<p class="said bad">Nobody is told: there is no active webhook subscription.</p>` : null}
    <p>${pending.length} waiting or under way, ${out.lost()} lost.</p>
    ${
      pending.length === 0
        ? null
        : html`<form method="post" action="/calcom/flush"><button class="plain">Send what waits</button></form>`
    }
    <table>
      <thead>
        <tr>
          <th>When</th>
          <th>What</th>
          <th>Booking</th>
          <th>To</th>
          <th>Answer</th>
        </tr>
      </thead>
      <tbody>
        ${log.map((sent) => webhookRow(sent))}
      </tbody>
    </table>
  </div>`;
}

function webhookRow({ atMs, trigger, uid, url, attempt, answer }: SentWebhook): Html {
  const isFine = typeof answer === 'number' && answer >= 200 && answer < 300;
  return html`<tr>
    <td class="when">${clockText(atMs, ZONE)}</td>
    <td>${trigger}</td>
    <td>
      <a href=${`#${uid}`}><code>${uid}</code></a>
    </td>
    <td>${url}</td>
    <td class=${isFine ? 'ok' : 'fail'}>${answer}${attempt > 1 ? ` (attempt ${attempt})` : ''}</td>
  </tr>`;
}

function settingsForm(settings: CalcomSettings): Html {
  const share = (name: 'loss' | 'duplicate' | 'reorder', text: string): Html =>
    html`<label
      >${text}<input name=${name} type="number" min="0" max="100" value=${Math.round(settings[name] * 100)}
    /></label>`;
  const seconds = (name: 'delayMs' | 'lieAfterCancelMs', text: string): Html =>
    html`<label>${text}<input name=${name} type="number" min="0" step="any" value=${settings[name] / 1_000} /></label>`;
  return html`<div class="card">
    <form method="post" action="/calcom/settings">
      ${share('loss', 'Lost, %')} ${share('duplicate', 'Sent twice, %')} ${share('reorder', 'Out of order, %')}
      ${seconds('delayMs', 'Delay, seconds')} ${seconds('lieAfterCancelMs', 'API denies a cancellation for, seconds')}
      ${choice(
        'delivery',
        'Sender',
        [
          ['legacy', 'one attempt'],
          ['queue', 'three attempts'],
        ],
        settings.delivery,
      )}
      ${choice(
        'generation',
        'Payloads',
        [
          ['newer', 'newer builds'],
          ['older', 'older builds'],
        ],
        settings.generation,
      )}
      <button>Save</button>
    </form>
  </div>`;
}

function choice(
  name: string,
  text: string,
  options: readonly (readonly [value: string, label: string])[],
  chosen: string,
): Html {
  return html`<label
    >${text}
    <select name=${name}>
      ${options.map(([value, label]) => html`<option value=${value} selected=${value === chosen}>${label}</option>`)}
    </select>
  </label>`;
}
