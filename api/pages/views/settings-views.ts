/** Connections and match rules. Invariant: no secret is shown; an empty part says what to do. */
import type { ConnectionLine } from '../../../db/connection-lines';
import type { MatchRule } from '../../../db/match-rules';
import { needsPerson, TROUBLE_WORDS } from '../../../domain/connections';
import { bookingPath, guestName } from './booking-lines-view';
import { lagWords } from './deliveries-view';
import { html, type Html } from './html';
import { actForm, empty, facts, liveRegion, table, type Column, type Frame } from './layout';
import { fromNow, momentAt, shortMoment } from './times';
import { counted, decisionLabel, plain, vendorName, stateChip, stateWord } from './words';

export interface ConnectionCard {
  readonly id: string;
  readonly kind: string;
  readonly role: 'source' | 'crm';
  readonly feeds: readonly string[];
  readonly line: ConnectionLine;
  /** Whether its owner can connect it from here. */
  readonly connects: boolean;
}

export function connectionsView(frame: Frame, cards: readonly ConnectionCard[]): Html {
  return html`<h1>Connections</h1>
    <p class="lead">${`Accounts at vendors, as booksync.yaml names them. Times in ${frame.zone}.`}</p>
    ${liveRegion(
      { id: 'live', path: '/console/connections', everySeconds: 10 },
      html`<div class="candidates">${cards.map((card) => connectionCard(frame, card))}</div>`,
    )}`;
}

function connectionCard(frame: Frame, { id, kind, role, feeds, line, connects }: ConnectionCard): Html {
  const isDown = line.health?.state === 'down';
  return html`<section class="panel" aria-label=${id}>
    <h2><span class="ids">${id}</span> ${stateChip(isDown ? 'down' : 'up')}</h2>
    ${facts([
      ['Kind', `${vendorName(kind)}, ${role === 'source' ? `a source for ${feeds.join(', ') || 'no CRM'}` : 'a CRM'}`],
      ...(isDown && line.health
        ? [['Since', `${momentAt(line.health.sinceMs, frame.zone)}: ${troubleWords(line.health.reason)}`] as const]
        : []),
      [
        'Last event',
        line.lastDeliveryAtMs === null
          ? 'Nothing has come yet'
          : `${momentAt(line.lastDeliveryAtMs, frame.zone)}, ${fromNow(line.lastDeliveryAtMs, frame.nowMs)}`,
      ],
      ...(role === 'source' ? sourceFacts(frame, line) : crmFacts(line)),
      ['Token', tokenWords(frame, line, connects)],
    ])}
    ${connects ? connectForm(frame, id, line) : null}
  </section>`;
}

function troubleWords(reason: string | null): string {
  if (reason === null) return 'it does not answer';
  return needsPerson(reason) ? `it ${TROUBLE_WORDS[reason]}` : plain(reason);
}

function tokenWords(frame: Frame, { tokenRenewedAtMs: atMs }: ConnectionLine, connects: boolean): string {
  if (atMs !== null) return `Renewed ${fromNow(atMs, frame.nowMs)}`;
  return connects ? 'None is stored: the account was not connected from here yet' : 'Does not renew itself';
}

/** Makes a link; connecting itself is up to the account's owner. */
function connectForm(frame: Frame, id: string, { tokenRenewedAtMs }: ConnectionLine): Html {
  const words = tokenRenewedAtMs === null ? 'Connect the account' : 'Connect it again';
  return actForm(
    frame,
    { action: `/console/connections/${encodeURIComponent(id)}/connect` },
    html`<button aria-label=${`${words}: ${id}`}>${words}</button>`,
  );
}

type Rows = readonly (readonly [string, Html])[];

function sourceFacts(frame: Frame, { deliveries, typicalLagMs, poll, subscription }: ConnectionLine): Rows {
  const polled = poll?.polledAtMs ?? null;
  return [
    [
      'Deliveries',
      html`${`${deliveries.done} done, ${deliveries.stored} waiting, ${deliveries.ignored} ignored, `}${deliveries.dead === 0 ? 'none dead' : html`<a href="/console/deliveries?state=dead">${`${deliveries.dead} dead`}</a>`}`,
    ],
    ['Usual lag', lagWords(typicalLagMs)],
    [
      'Last poll',
      polled === null
        ? 'Not polled yet'
        : `${fromNow(polled, frame.nowMs)}${poll?.reason ? `; the last attempt: ${poll.reason}` : ''}`,
    ],
    ['Subscription', subscription === null ? 'Not checked yet' : findings(frame, subscription)],
  ];
}

function findings(frame: Frame, { checkedAtMs, findings: all }: NonNullable<ConnectionLine['subscription']>): Html {
  const when = html`<small>${`checked ${fromNow(checkedAtMs, frame.nowMs)}`}</small>`;
  if (all.length === 0) return html`<span class="good">As it should be</span> ${when}`;
  return html`<strong class="bad">${counted(all.length, 'finding')}</strong> ${when}
    <ul>
      ${all.map(({ problem, fixable }) => html`<li>${problem}. ${fixable ? html`<code>booksync doctor --fix</code> mends it.` : 'Mend it at the source.'}</li>`)}
    </ul>`;
}

function crmFacts({ bookings }: ConnectionLine): Rows {
  const states = Object.entries(bookings).filter(([, count]) => count > 0);
  const words = states.map(
    ([state, count]) =>
      html`<a href=${`/console/bookings?crm=${state}`}>${`${count} ${stateWord(state).label.toLowerCase()}`}</a> `,
  );
  return [['Bookings', states.length === 0 ? 'None written yet' : words]];
}

export type NamedRule = MatchRule & { readonly guest: string | null };

export function rulesView(frame: Frame, rules: readonly NamedRule[], nextCursor: string | null): Html {
  const columns: Column<NamedRule>[] = [
    { label: 'Guest', cell: ({ guest, bookingId }) => html`<a href=${bookingPath(bookingId)}>${guestName(guest)}</a>` },
    { label: 'In', class: 'ids', cell: ({ connection }) => connection },
    {
      label: 'Is',
      cell: ({ choice }) =>
        html`${decisionLabel(choice.choice)}${choice.choice === 'use_contact' ? html` <code>${choice.crmPersonId}</code>` : null}`,
    },
    { label: 'Holds for', cell: ({ bookings }) => counted(bookings, 'booking') },
    {
      label: 'Decided',
      class: 'when',
      cell: ({ decidedAtMs, decidedBy }) => html`${shortMoment(decidedAtMs, frame)} <small>by ${decidedBy}</small>`,
    },
    {
      label: 'Remove',
      cell: ({ id, guest }) =>
        actForm(
          frame,
          { action: `/console/rules/${id}/remove`, class: 'block' },
          html`<button aria-label=${`Remove the rule for ${guest ?? 'this guest'}`}>Remove</button>`,
        ),
    },
  ];
  return html`<h1>Rules</h1>
    <p class="lead">
      Who a guest is in a CRM, as a person decided it. A rule holds for all bookings of the guest until it is removed.
    </p>
    ${
      rules.length === 0
        ? empty(
            'No rule yet. Deciding a "Choose the contact" task makes one.',
            html`<p><a href="/console/tasks?kind=match_contact">Tasks that choose a contact</a></p>`,
          )
        : table('Match rules, newest first', columns, rules)
    }
    ${nextCursor === null ? null : html`<p><a href=${`/console/rules?cursor=${encodeURIComponent(nextCursor)}`}>Next page</a></p>`}`;
}
