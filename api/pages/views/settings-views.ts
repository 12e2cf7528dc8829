/** Connections, match rules and the mapping in force. Invariant: no secret is shown; an empty part says what to do. */
import type { ConnectionLine } from '../../../db/connection-lines';
import type { MatchRule } from '../../../db/match-rules';
import { BOOKING_STATUSES, type BookingStatus } from '../../../domain/booking';
import type { CrmMapping } from '../../../domain/settings';
import { bookingPath, guestName } from './booking-lines-view';
import { lagWords } from './deliveries-view';
import { html, type Html } from './html';
import { actForm, empty, facts, liveRegion, table, type Column, type Frame } from './layout';
import { fromNow, momentAt, shortMoment } from './times';
import { counted, decisionLabel, plain, vendorName, stateChip, stateWord, STATUS_WORDS, statusChip } from './words';

export interface ConnectionCard {
  readonly id: string;
  readonly kind: string;
  readonly role: 'source' | 'crm';
  readonly feeds: readonly string[];
  readonly line: ConnectionLine;
}

export function connectionsView(frame: Frame, cards: readonly ConnectionCard[]): Html {
  return html`<h1>Connections</h1>
    <p class="lead">${`Accounts at vendors, as booksync.yaml names them. Times in ${frame.zone}.`}</p>
    ${liveRegion(
      { id: 'live', path: '/console/connections', everySeconds: 10 },
      html`<div class="candidates">${cards.map((card) => connectionCard(frame, card))}</div>`,
    )}`;
}

function connectionCard(frame: Frame, { id, kind, role, feeds, line }: ConnectionCard): Html {
  const isDown = line.health?.state === 'down';
  return html`<section class="panel" aria-label=${id}>
    <h2><span class="ids">${id}</span> ${stateChip(isDown ? 'down' : 'up')}</h2>
    ${facts([
      ['Kind', `${vendorName(kind)}, ${role === 'source' ? `a source for ${feeds.join(', ') || 'no CRM'}` : 'a CRM'}`],
      ...(isDown && line.health
        ? [
            [
              'Since',
              `${momentAt(line.health.sinceMs, frame.zone)}: ${plain(line.health.reason ?? 'no answer')}`,
            ] as const,
          ]
        : []),
      [
        'Last event',
        line.lastDeliveryAtMs === null
          ? 'Nothing has come yet'
          : `${momentAt(line.lastDeliveryAtMs, frame.zone)}, ${fromNow(line.lastDeliveryAtMs, frame.nowMs)}`,
      ],
      ...(role === 'source' ? sourceFacts(frame, line) : crmFacts(line)),
      [
        'Token',
        line.tokenRenewedAtMs === null
          ? 'Does not renew itself'
          : `Renewed ${fromNow(line.tokenRenewedAtMs, frame.nowMs)}`,
      ],
    ])}
  </section>`;
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

/** What the appointment says, the same in every CRM. */
const APPOINTMENT_WORDS: Readonly<Record<BookingStatus, string>> = {
  requested: 'None before it is confirmed',
  scheduled: 'Scheduled',
  reschedule_requested: 'Keeps its slot, rescheduled',
  canceled: 'Canceled',
  rejected: 'Canceled, if there is one',
  awaiting_outcome: 'Stays scheduled',
  showed: 'Showed',
  no_show: 'No-show',
};

export function mappingView(mappings: Readonly<Record<string, CrmMapping>>): Html {
  const all = Object.entries(mappings);
  return html`<h1>Mapping</h1>
    <p class="lead">
      What each status does in each CRM, as booksync.yaml says. Changed there, checked by${' '}
      <code>booksync doctor</code>.
    </p>
    ${all.length === 0 ? empty('No CRM is mapped. Name one under sync in booksync.yaml, and give it a section under mapping.') : null}
    ${all.map(([connection, mapping]) => mappingSection(connection, mapping))}`;
}

function mappingSection(connection: string, mapping: CrmMapping): Html {
  const { lead } = mapping;
  const columns: Column<BookingStatus>[] = [
    { label: 'Status', cell: (status) => statusChip(status) },
    { label: 'Appointment', cell: (status) => APPOINTMENT_WORDS[status] },
    { label: 'Deal goes to', cell: (status) => stageCell(mapping, status) },
    ...(lead === null ? [] : [{ label: 'Lead status', cell: (status: BookingStatus) => leadCell(lead, status) }]),
  ];
  return html`<section aria-labelledby=${`mapping-${connection}`}>
    <h2 id=${`mapping-${connection}`} class="ids">${connection}</h2>
    <div class="panel">
      ${facts([
        [
          'Pipeline',
          mapping.pipelineId === null ? 'None: deals are left alone' : html`<code>${mapping.pipelineId}</code>`,
        ],
        ['Direction', mapping.forwardOnly ? 'Deals only move forward' : 'Deals may move either way'],
        ['Stages', mapping.stageOrder.length === 0 ? '–' : html`<code>${mapping.stageOrder.join(' → ')}</code>`],
        ['Lead status', lead === null ? 'Not written' : leadRule(lead)],
      ])}
    </div>
    ${table(`What each status does in ${connection}`, columns, BOOKING_STATUSES)}
  </section>`;
}

function stageCell({ byStatus }: CrmMapping, status: BookingStatus): Html {
  const { stageId = null, onlyFrom = null } = byStatus[status] ?? {};
  if (stageId === null) return html`<span class="quiet">stays where it is</span>`;
  return html`<code>${stageId}</code
    >${onlyFrom === null ? null : html` <small>only from ${onlyFrom.join(', ')}</small>`}`;
}

function leadRule({ rule, field }: NonNullable<CrmMapping['lead']>): string {
  const which =
    rule.kind === 'newest'
      ? 'the booking heard of last'
      : `the first of ${rule.order.map((one) => STATUS_WORDS[one].label).join(', ')}`;
  return `By ${which}${field === null ? '' : `, in the field ${field}`}`;
}

function leadCell({ byStatus }: NonNullable<CrmMapping['lead']>, status: BookingStatus): Html {
  const { value = null, tags = [] } = byStatus[status] ?? {};
  if (value === null && tags.length === 0) return html`<span class="quiet">–</span>`;
  return html`${value ?? ''}${tags.map((tag) => html` <span class="chip quiet">${tag}</span>`)}`;
}
