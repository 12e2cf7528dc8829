/**
 * One booking: where it stands, what was written and sent and why, what waits for a person, and what can be done about it.
 * Invariant: what is live and what is recorded are told apart; forms stand outside of what refreshes by itself.
 */
import type { BookingDetail, BookingCrmView, BookingMessageView, TimelineEntry } from '../../../db/booking-view';
import type { PersonData } from '../../../domain/person';
import { bookingActs } from './booking-acts-view';
import { html, type Html } from './html';
import { empty, facts, liveRegion, table, type Frame } from './layout';
import { bookingPath } from './booking-lines-view';
import { taskPath } from './task-lines-view';
import { fromNow, moment, momentAt, shortMoment } from './times';
import { counted, factLabel, messageLabel, plain, stateChip, statusChip, taskWords } from './words';

export interface BookingPageData {
  readonly booking: BookingDetail;
  readonly guest: PersonData | null;
  readonly host: PersonData | null;
  /** What its workflow says it waits for; null: no answer, so only what is recorded is known. */
  readonly waitingFor: string | null;
  /** Of its workflow in the Temporal Web UI; null: no address is configured. */
  readonly workflowUrl: string | null;
}

export function bookingPage(frame: Frame, data: BookingPageData): Html {
  const { booking } = data;
  return html`<h1>${data.guest?.name ?? 'Booking'}</h1>
    <p class="lead ids">${booking.id}</p>
    <div class="columns">
      ${liveRegion(
        { id: 'live', path: bookingPath(booking.id), everySeconds: 3 },
        html`${state(frame, data)} ${tasks(frame, booking)} ${crms(booking)} ${messages(frame, booking)}
        ${timeline(frame, booking)}`,
      )}
      <aside>${bookingActs(frame, booking)} ${people(data)} ${identity(data)}</aside>
    </div>`;
}

function state(frame: Frame, { booking, waitingFor }: BookingPageData): Html {
  const { slot } = booking;
  return html`<section aria-label="Where it stands" class="panel">
    ${facts([
      [
        'Status',
        html`${statusChip(booking.status)}${booking.statusReason === null ? null : html` <small>${booking.statusReason}</small>`}`,
      ],
      ['Slot', slot === null ? 'No time yet' : moment(slot.startMs, slot.zone)],
      ...(slot === null || slot.zone === frame.zone ? [] : ([['Here', momentAt(slot.startMs, frame.zone)]] as const)),
      ...(slot === null
        ? []
        : ([
            ['Length', `${Math.round((slot.endMs - slot.startMs) / 60_000)} min, ${whenWords(slot, frame.nowMs)}`],
          ] as const)),
      [
        'Waiting for',
        waitingFor ??
          html`<span class="quiet"
            >Live state unavailable: its workflow does not answer. This is what was recorded.</span
          >`,
      ],
    ])}
  </section>`;
}

function whenWords(slot: { readonly startMs: number; readonly endMs: number }, nowMs: number): string {
  if (nowMs < slot.startMs) return `begins ${fromNow(slot.startMs, nowMs)}`;
  return nowMs < slot.endMs ? 'going on now' : `ended ${fromNow(slot.endMs, nowMs)}`;
}

function tasks(frame: Frame, { tasks: all }: BookingDetail): Html {
  if (all.length === 0) return null;
  return html`<section aria-labelledby="tasks">
    <h2 id="tasks">Tasks</h2>
    ${table(
      'Tasks of this booking',
      [
        {
          label: 'Task',
          cell: ({ id, kind }) => html`<a id=${`task-${id}`} href=${taskPath(id)}>${taskWords(kind).label}</a>`,
        },
        { label: 'State', cell: ({ state: word }) => stateChip(word) },
        { label: 'Owner', class: 'ids', cell: ({ owner }) => owner },
        { label: 'Due', class: 'when', cell: ({ dueAtMs }) => shortMoment(dueAtMs, frame) },
      ],
      all,
    )}
  </section>`;
}

function crms({ crm }: BookingDetail): Html {
  return html`<section aria-labelledby="crm">
    <h2 id="crm">CRM</h2>
    ${crm.length === 0 ? empty('Nothing was written to a CRM yet.') : crm.map(crmCard)}
  </section>`;
}

function crmCard(crm: BookingCrmView): Html {
  const id = (value: string | null): Html =>
    value === null ? html`<span class="quiet">none</span>` : html`<code>${value}</code>`;
  return html`<div class="panel">
    <h3>${crm.connection} ${stateChip(crm.state)}</h3>
    ${crm.reason === null ? null : html`<p>${plain(crm.reason)}</p>`}
    ${facts([
      ['Contact', id(crm.personId)],
      ['Appointment', html`${id(crm.appointmentId)}${crm.outcome === null ? null : html` ${plain(crm.outcome)}`}`],
      [
        'Opportunity',
        html`${id(crm.opportunityId)}${crm.stage === null ? null : html` in stage <code>${crm.stage}</code>`}`,
      ],
    ])}
  </div>`;
}

function messages(frame: Frame, { messages: all }: BookingDetail): Html {
  return html`<section aria-labelledby="messages">
    <h2 id="messages">Messages</h2>
    ${
      all.length === 0
        ? empty('No message is planned for this booking.')
        : table<BookingMessageView>(
            'Messages of this booking',
            [
              {
                label: 'Message',
                cell: ({ kind, channel, recipient }) =>
                  html`${messageLabel(kind)} <small>${channel} to ${recipient}</small>`,
              },
              { label: 'Due', class: 'when', cell: ({ dueAtMs }) => shortMoment(dueAtMs, frame) },
              { label: 'State', cell: ({ state: word }) => stateChip(word) },
              { label: 'Why', cell: ({ reason, settledAtMs }) => reason ?? settled(frame, settledAtMs) },
            ],
            all,
          )
    }
  </section>`;
}

function settled(frame: Frame, atMs: number | null): Html {
  return atMs === null
    ? html`<span class="quiet">as the policy says</span>`
    : html`<small>${shortMoment(atMs, frame)}</small>`;
}

function timeline(frame: Frame, { timeline: entries }: BookingDetail): Html {
  return html`<section aria-labelledby="timeline">
    <h2 id="timeline">What happened, and why <span class="count">${entries.length}</span></h2>
    ${entries.length === 0 ? empty('Nothing was heard of it yet.') : null}
    <ol class="timeline" reversed>
      ${[...entries].reverse().map((entry) => timelineItem(frame, entry))}
    </ol>
  </section>`;
}

function timelineItem(frame: Frame, entry: TimelineEntry): Html {
  return html`<li class=${entry.outcome}>
    <div>
      <strong>${factLabel(entry.type)}</strong> ${stateChip(entry.outcome)}
      <small>${shortMoment(entry.atMs, frame)} · <span class="ids">${entry.source}</span></small>
    </div>
    <p>${entry.why === null ? 'Its booking has not taken it in yet.' : sentence(entry.why)}</p>
  </li>`;
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

function people({ guest, host }: BookingPageData): Html {
  return html`<section aria-labelledby="people">
    <h2 id="people">People</h2>
    <div class="panel">
      ${facts([
        ['Guest', guest === null ? html`<span class="quiet">Not known, or erased</span>` : (guest.name ?? '–')],
        ...(guest === null
          ? []
          : ([
              ['E-mail', guest.email ?? '–'],
              ['Phone', guest.phone ?? '–'],
              ['Zone', guest.zone ?? '–'],
            ] as const)),
        ['Host', host?.name ?? host?.email ?? '–'],
      ])}
    </div>
  </section>`;
}

function identity({ booking, workflowUrl }: BookingPageData): Html {
  return html`<section aria-labelledby="identity">
    <h2 id="identity">Identity</h2>
    <div class="panel">
      ${facts([
        ['Source', html`<span class="ids">${booking.connection}</span>`],
        [
          'Chain',
          html`<ol class="chain">
            ${booking.chain.map((uid) => html`<li><code>${uid}</code></li>`)}
          </ol>`,
        ],
        ['Version', String(booking.version)],
        ['Contact match', plain(booking.contactMatch)],
      ])}
      ${
        workflowUrl === null
          ? null
          : html`<p><a href=${workflowUrl} rel="noreferrer">Its workflow in the Temporal Web UI</a></p>`
      }
      <p class="quiet">${`${counted(booking.chain.length, 'uid')}, oldest first`}</p>
    </div>
  </section>`;
}
