/**
 * What sources sent and what became of it, without its content.
 * Invariant: of a body only its shape is shown; a replay is offered wherever it can do something.
 */
import type { ConnectionLine } from '../../../db/connection-lines';
import type { DeliveryState, DeliverySummary } from '../../../db/deliveries';
import { html, type Html } from './html';
import { actForm, empty, facts, table, type Column, type Frame } from './layout';
import { moment, shortMoment, spanWords } from './times';
import { counted, stateChip, stateWord } from './words';

export interface DeliveriesData {
  readonly deliveries: readonly DeliverySummary[];
  readonly state: DeliveryState | null;
  readonly nextCursor: string | null;
  readonly connections: readonly ConnectionLine[];
}

const DELIVERY_STATES: readonly DeliveryState[] = ['stored', 'done', 'ignored', 'dead'];

export const deliveryPath = (id: string): string => `/console/deliveries/${id}`;

export function deliveriesView(frame: Frame, data: DeliveriesData): Html {
  const { deliveries, state } = data;
  return html`<h1>Deliveries</h1>
    <p class="lead">${`Every request of a source, kept as it came; newest first, times in ${frame.zone}.`}</p>
    ${perConnection(data.connections)}
    <form method="get" action="/console/deliveries" class="filters">
      <label>
        State
        <select name="state">
          <option value="">All</option>
          ${DELIVERY_STATES.map((one) => html`<option value=${one} selected=${one === state}>${stateWord(one).label}</option>`)}
        </select>
      </label>
      <button>Show</button>
    </form>
    ${deliveries.length === 0 ? nothing(state) : list(frame, data)}
    ${data.nextCursor === null ? null : html`<p><a href=${pathOf(state, data.nextCursor)}>Next page</a></p>`}`;
}

function perConnection(lines: readonly ConnectionLine[]): Html {
  const columns: Column<ConnectionLine>[] = [
    { label: 'Connection', class: 'ids', cell: ({ connection }) => connection },
    { label: 'Waiting', class: 'number', cell: ({ deliveries }) => deliveries.stored },
    { label: 'Done', class: 'number', cell: ({ deliveries }) => deliveries.done },
    { label: 'Ignored', class: 'number', cell: ({ deliveries }) => deliveries.ignored },
    { label: 'Dead', class: 'number', cell: ({ deliveries }) => deliveries.dead },
    { label: 'Usual lag', class: 'number', cell: ({ typicalLagMs }) => lagWords(typicalLagMs) },
  ];
  return html`<section aria-label="By connection" class="spaced">
    ${table('Deliveries by connection, of the newest 5,000 of each state', columns, lines)}
  </section>`;
}

/** Milliseconds below ten seconds, else words. */
export function lagWords(ms: number | null): Html {
  if (ms === null) return html`<span class="quiet">–</span>`;
  return spanWords(ms) ?? (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`);
}

function list(frame: Frame, { deliveries }: DeliveriesData): Html {
  const columns: Column<DeliverySummary>[] = [
    {
      label: 'Replay',
      cell: ({ id, state }) =>
        state === 'stored'
          ? html`<span class="quiet">waits</span>`
          : html`<label class="tick"
              ><input type="checkbox" name="ids" value=${id} /><span class="hidden">${`Replay ${id}`}</span></label
            >`,
    },
    {
      label: 'Received',
      class: 'when',
      cell: ({ id, receivedAtMs }) => html`<a href=${deliveryPath(id)}>${shortMoment(receivedAtMs, frame)}</a>`,
    },
    { label: 'Event', class: 'ids', cell: ({ trigger }) => trigger ?? html`<span class="quiet">not read</span>` },
    { label: 'State', cell: ({ state }) => stateChip(state) },
    {
      label: 'Why',
      cell: ({ reason, repeats }) =>
        html`${reason}${repeats === 0 ? null : html` <small>${`came again ${counted(repeats, 'time')}`}</small>`}`,
    },
    { label: 'Connection', class: 'ids', cell: ({ connection }) => connection },
  ];
  return actForm(
    frame,
    { action: '/console/deliveries/replay', class: 'block' },
    html`${table('Deliveries, newest first', columns, deliveries)}
      <p><button>Replay the chosen ones</button></p>`,
  );
}

function nothing(state: DeliveryState | null): Html {
  if (state === 'dead') return empty('No dead letters: everything that came could be read and placed.');
  if (state === 'stored') return empty('Nothing waits for the dispatcher.');
  if (state === 'ignored') return empty('Nothing was ignored.');
  return empty(
    "Nothing has come yet. Point the booking tool's webhook at /webhooks/<connection>, or run `booksync doctor --fix`.",
  );
}

function pathOf(state: DeliveryState | null, cursor: string): string {
  return `/console/deliveries?${new URLSearchParams({ ...(state && { state }), cursor }).toString()}`;
}

export interface DeliveryPageData {
  readonly delivery: DeliverySummary & { readonly headers: Readonly<Record<string, string>> };
  /** Keys and types of the body; null: it is no JSON, or gone. */
  readonly shape: unknown;
  /** What is to be said about the body in words. */
  readonly bodyWords: string;
}

export function deliveryPage(frame: Frame, { delivery, shape, bodyWords }: DeliveryPageData): Html {
  return html`<h1>Delivery</h1>
    <p class="lead ids">${delivery.id}</p>
    <div class="panel">
      ${facts([
        ['State', stateChip(delivery.state)],
        ['Why', delivery.reason ?? html`<span class="quiet">–</span>`],
        ['Connection', html`<span class="ids">${delivery.connection}</span>`],
        ['Event', html`<span class="ids">${delivery.trigger ?? 'not read'}</span>`],
        ['Received', moment(delivery.receivedAtMs, frame.zone)],
        ['Settled', delivery.settledAtMs === null ? 'Not yet' : moment(delivery.settledAtMs, frame.zone)],
        ['Attempts', String(delivery.attempts)],
        ['Came again', delivery.repeats === 0 ? 'Never' : counted(delivery.repeats, 'time')],
        ['Facts', counted(delivery.factIds.length, 'fact')],
      ])}
    </div>
    ${
      delivery.state === 'stored'
        ? html`<p>It waits for the dispatcher.</p>`
        : actForm(
            frame,
            { action: '/console/deliveries/replay', fields: { ids: delivery.id } },
            html`<button>Replay it</button>`,
          )
    }
    <h2>Headers</h2>
    <div class="panel">
      ${facts(Object.entries(delivery.headers).map(([name, value]) => [name, html`<code>${value}</code>`] as const))}
    </div>
    <h2>Body, without what it says</h2>
    <p class="quiet">${bodyWords}</p>
    ${shape === null ? null : html`<pre tabindex="0">${JSON.stringify(shape, null, 2)}</pre>`}`;
}
