/** The mapping: what each status does in each CRM, and what a changed one would do to live bookings. Invariant: looking changes nothing. */
import type { ChangedBooking, MappingPreview } from '../../../db/mapping-apply';
import { BOOKING_STATUSES, type BookingStatus } from '../../../domain/booking';
import type { CrmMapping } from '../../../domain/settings';
import { bookingPath, guestName } from './booking-lines-view';
import { html, type Html } from './html';
import { actForm, empty, facts, table, type Column, type Frame } from './layout';
import { UNDO_PATH } from './undo-view';
import { counted, fieldLabel, STATUS_WORDS, statusChip } from './words';

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
    <p>
      <a href=${UNDO_PATH}>Take back what was written under a mapping that was wrong</a>
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
    <p class="below"><a class="button" href=${previewPath(connection)}>What it would change in open bookings</a></p>
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

const previewPath = (connection: string): string => `/console/mapping/${encodeURIComponent(connection)}/preview`;

export interface MappingPreviewData {
  readonly connection: string;
  /** As the file says that this process runs with. */
  readonly mapping: CrmMapping;
  readonly preview: MappingPreview;
  /** The version with which a worker runs; null: none has started with one. */
  readonly inForce: string | null;
  /** Of the first ones. */
  readonly changed: readonly NamedChange[];
}
export type NamedChange = ChangedBooking & { readonly guest: string | null };

export function mappingPreviewView(frame: Frame, data: MappingPreviewData): Html {
  const { connection, preview, inForce, changed } = data;
  return html`<h1>What the mapping would change</h1>
    <p class="lead">
      Open bookings that were written to <span class="ids">${connection}</span> under another mapping than the one in
      booksync.yaml, by what was written there last. This only shows; the CRM is not asked.
    </p>
    <div class="panel">
      ${facts([
        ['This file', html`<code>${preview.version}</code>`],
        ['In force', inForce === null ? 'None yet: no worker has started with one' : html`<code>${inForce}</code>`],
        ['Written under another', counted(preview.older, 'open booking')],
        ['Would change', html`<strong>${counted(preview.changed.length, 'booking')}</strong>`],
      ])}
    </div>
    ${
      preview.changed.length === 0
        ? empty(
            'Nothing would change: what the CRM was given fits this file.',
            html`<p><a href="/console/mapping">Mapping</a></p>`,
          )
        : html`${byStatus(data)} ${changes(changed, preview.changed.length)} ${apply(frame, data)}`
    }`;
}

function byStatus({ mapping, preview }: MappingPreviewData): Html {
  const count = (status: BookingStatus): number => preview.changed.filter((one) => one.status === status).length;
  const columns: Column<BookingStatus>[] = [
    { label: 'Status', cell: (status) => statusChip(status) },
    { label: 'Deal goes to', cell: (status) => stageCell(mapping, status) },
    { label: 'Bookings that would change', class: 'number', cell: (status) => count(status) },
  ];
  return html`<section aria-labelledby="statuses">
    <h2 id="statuses">By status</h2>
    ${table(
      'Bookings that would change, by status',
      columns,
      BOOKING_STATUSES.filter((status) => count(status) > 0),
    )}
  </section>`;
}

function changes(changed: readonly NamedChange[], all: number): Html {
  const columns: Column<NamedChange>[] = [
    {
      label: 'Booking',
      cell: ({ bookingId, guest }) =>
        html`<a href=${bookingPath(bookingId)}>${guestName(guest)}</a> <small class="ids">${bookingId}</small>`,
    },
    { label: 'Status', cell: ({ status }) => statusChip(status) },
    { label: 'Deal', cell: ({ change: { stage } }) => (stage === null ? quiet : moved(stage.from, stage.to)) },
    { label: 'Lead status', cell: ({ change }) => leadChange(change) },
  ];
  return html`<section aria-labelledby="bookings">
    <h2 id="bookings">Bookings</h2>
    ${all > changed.length ? html`<p>${`The first ${changed.length} of ${all}.`}</p>` : null}
    ${table('Bookings that would change', columns, changed)}
  </section>`;
}

const quiet = html`<span class="quiet">stays</span>`;
const moved = (from: string | null, to: string): Html =>
  html`${from === null ? html`<span class="quiet">none</span>` : html`<code>${from}</code>`} → <code>${to}</code>`;

function leadChange({ fields, tags }: ChangedBooking['change']): Html {
  const parts: Html[] = [
    ...Object.entries(fields).map(([field, value]) => html`<div>${fieldLabel(field)} → <code>${value}</code></div>`),
    ...tags.add.map((tag) => html`<div>gets the tag <code>${tag}</code></div>`),
    ...tags.remove.map((tag) => html`<div>loses the tag <code>${tag}</code></div>`),
  ];
  return parts.length === 0 ? quiet : parts;
}

function apply(frame: Frame, { connection, preview, inForce }: MappingPreviewData): Html {
  if (inForce !== preview.version) {
    return html`<p class="said bad" role="status">
      The worker does not run with this file yet. Restart it with this file; then these bookings can be written under
      it.
    </p>`;
  }
  return actForm(
    frame,
    {
      action: previewPath(connection),
      fields: { version: preview.version, count: String(preview.changed.length) },
      class: 'acts below',
    },
    html`<button class="main">${`Write ${counted(preview.changed.length, 'booking')} again`}</button>
      <small>At the rate that the connection allows. A deal that a person moved since stays where it is.</small>`,
  );
}
