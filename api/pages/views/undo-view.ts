/**
 * Taking CRM writes back: which, what would become of each, and what became of it.
 * Invariant: looking changes nothing; every kind of record has a line, also one that has no words of its own here.
 */
import type { KnownMapping, UndoRun } from '../../../db/undo-runs';
import type { UndoOutcome } from '../../../db/undo';
import { UNDO_KINDS, type UndoKind } from '../../../domain/undo';
import { bookingPath } from './booking-lines-view';
import { html, type Html } from './html';
import { actForm, empty, facts, liveRegion, table, type Column, type Frame } from './layout';
import { momentAt, shortMoment } from './times';
import { chip, counted, plain, type Word } from './words';

export interface UndoChange {
  /** In words. */
  readonly field: string;
  /** What we wrote, what the CRM holds now, what was there before; null: not read, or not to be shown. */
  readonly ours: string | null;
  readonly now: string | null;
  readonly before: string | null;
}

export interface UndoLine {
  readonly bookingId: string;
  readonly connection: string;
  readonly type: string;
  readonly crmId: string;
  readonly changes: readonly UndoChange[];
  readonly end: 'back' | 'asked' | 'stays';
  /** Why, or on which condition. */
  readonly what: string;
}

/** As the form has it. */
export interface UndoQuery {
  readonly booking: string | null;
  /** "<connection>/<version>" */
  readonly mapping: string | null;
  /** Clock of the account's zone. */
  readonly from: string;
  readonly to: string;
  /** Null: all of a booking, and of a mapping those that it decides. */
  readonly kind: UndoKind | null;
}

export interface UndoPageData {
  readonly query: UndoQuery;
  /** Null: nothing was asked for yet, or it made no sense. */
  readonly lines: readonly UndoLine[] | null;
  /** Of what is shown, so that nothing else is taken back. */
  readonly seen: string;
  readonly mappings: readonly KnownMapping[];
  readonly runs: readonly UndoRun[];
}

/** On which condition a record goes back. */
export const STILL_OURS = 'The CRM still holds what we wrote.';
export const STANDS_ALREADY = 'It stands there already; only our own record of it changes.';
export const IF_OURS = 'Where the CRM still holds what we wrote; else it stays, and a task asks.';

export const UNDO_PATH = '/console/undo';
export const undoOfBooking = (id: string): string => `${UNDO_PATH}?${new URLSearchParams({ booking: id }).toString()}`;

export function undoView(frame: Frame, data: UndoPageData): Html {
  const { query, lines } = data;
  return html`<h1>Take CRM writes back</h1>
    ${query.booking === null ? ofMapping(frame, data) : ofBooking(query, query.booking)}
    ${lines === null ? null : preview(frame, data, lines)} ${query.booking === null ? earlier(frame, data.runs) : null}`;
}

function ofBooking(query: UndoQuery, id: string): Html {
  return html`<p class="lead">
      What was written to CRMs for <a class="ids" href=${bookingPath(id)}>${id}</a>. This only shows what would happen.
    </p>
    <form method="get" action=${UNDO_PATH} class="filters">
      <input type="hidden" name="booking" value=${id} />
      ${kindField(query, 'Everything')}
      <button>Show what would happen</button>
    </form>`;
}

function kindField({ kind }: UndoQuery, all: string): Html {
  return html`<label>
    Of which kind
    <select name="kind">
      <option value="">${all}</option>
      ${UNDO_KINDS.map((one) => html`<option value=${one} selected=${one === kind}>${recordWord(one)}</option>`)}
    </select>
  </label>`;
}

function ofMapping(frame: Frame, { query, mappings }: UndoPageData): Html {
  if (mappings.length === 0) {
    const text =
      'No mapping was in force yet, so nothing was written under one. A worker that starts with one says so.';
    return empty(text, html`<p><a href="/console/mapping">Mapping</a></p>`);
  }
  return html`<p class="lead">
      What was written under a mapping that was wrong. Choose it, and when it was written; this only shows what would
      happen.
    </p>
    <form method="get" action=${UNDO_PATH} class="filters">
      <label>
        Mapping
        <select name="mapping" required>
          ${mappings.map(({ connection, version, sinceMs }) => {
            const value = `${connection}/${version}`;
            const words = `${connection}, ${version}, since ${momentAt(sinceMs, frame.zone)}`;
            return html`<option value=${value} selected=${value === query.mapping}>${words}</option>`;
          })}
        </select>
      </label>
      <label>From<input type="datetime-local" name="from" required value=${query.from} /></label>
      <label>To<input type="datetime-local" name="to" required value=${query.to} /></label>
      ${kindField(query, 'What a mapping decides')}
      <button>Show what would happen</button>
    </form>
    <p><small>${`Times in ${frame.zone}.`}</small></p>`;
}

const ENDS: Readonly<Record<UndoLine['end'], Word>> = {
  back: { label: 'Goes back', tone: 'good' },
  asked: { label: 'A task asks', tone: 'busy' },
  stays: { label: 'Stays', tone: 'quiet' },
};

function preview(frame: Frame, { query, seen }: UndoPageData, lines: readonly UndoLine[]): Html {
  if (lines.length === 0) {
    return empty(
      query.booking === null
        ? 'Nothing that stands was written under this mapping in this time.'
        : 'Nothing was written to a CRM for this booking, or it was taken back before.',
    );
  }
  const count = (end: UndoLine['end']): number => lines.filter((line) => line.end === end).length;
  const { booking, mapping, from, to, kind } = query;
  const fields = { booking: booking ?? '', mapping: mapping ?? '', from, to, kind: kind ?? '', seen };
  const acting = count('back') + count('asked');
  return html`<section aria-labelledby="preview">
    <h2 id="preview">What would happen</h2>
    <p role="status">
      ${`${counted(lines.length, 'record')}: ${count('back')} would go back, ${count('asked')} would become a question, ${count('stays')} would stay.`}
    </p>
    ${table('What would happen to each record', lineColumns(query.booking === null), lines)}
    ${
      acting === 0
        ? html`<p>Nothing of this can be taken back, for the reasons above.</p>`
        : actForm(
            frame,
            { action: UNDO_PATH, fields, class: 'acts below' },
            html`<button class="main">${`Take ${counted(acting, 'record')} back`}</button>
              <small
                >Each is read again before it is written. What went back stays so until its booking has news.</small
              >`,
          )
    }
  </section>`;
}

const RECORD_WORDS: Readonly<Record<string, string>> = {
  opportunity: 'Deal',
  person: 'Contact',
  lead: 'Lead status',
};
const recordWord = (type: string): string => RECORD_WORDS[type] ?? plain(type);

const recordCell = ({ type, connection, crmId }: Pick<UndoLine, 'type' | 'connection' | 'crmId'>): Html =>
  html`${recordWord(type)} <code>${crmId}</code>
    <div><small class="ids">${connection}</small></div>`;

/** One line for each field of the record, in the same order in every column. */
const each = (changes: readonly UndoChange[], shown: (change: UndoChange) => Html): Html =>
  changes.map((change) => html`<div>${shown(change)}</div>`);
const valueOf = (value: string | null, without: string): Html =>
  value === null ? html`<span class="quiet">${without}</span>` : html`<span title=${value}>${value}</span>`;

function lineColumns(withBooking: boolean): Column<UndoLine>[] {
  return [
    { label: 'Record', cell: recordCell },
    ...(withBooking ? [bookingColumn<UndoLine>()] : []),
    { label: 'Field', class: 'brief', cell: ({ changes }) => each(changes, ({ field }) => field) },
    {
      label: 'We wrote',
      class: 'brief',
      cell: ({ changes }) => each(changes, ({ ours }) => valueOf(ours, 'not shown')),
    },
    {
      label: 'CRM holds now',
      class: 'brief',
      cell: ({ changes }) => each(changes, ({ now }) => valueOf(now, 'not read')),
    },
    {
      label: 'Before',
      class: 'brief',
      cell: ({ changes }) => each(changes, ({ before }) => valueOf(before, 'not shown')),
    },
    { label: 'What happens', cell: ({ end, what }) => html`${chip(ENDS[end])} <small>${sentence(what)}</small>` },
  ];
}

const bookingColumn = <Row extends { readonly bookingId: string }>(): Column<Row> => ({
  label: 'Booking',
  class: 'ids',
  cell: ({ bookingId }) => html`<a href=${bookingPath(bookingId)}>${bookingId}</a>`,
});

const sentence = (text: string): string => {
  const words = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(words) ? words : `${words}.`;
};

function earlier(frame: Frame, runs: readonly UndoRun[]): Html {
  if (runs.length === 0) return null;
  return html`<section aria-labelledby="earlier">
    <h2 id="earlier">Taken back before</h2>
    ${table<UndoRun>(
      'Undos, newest first',
      [
        {
          label: 'When',
          class: 'when',
          cell: ({ id, atMs }) => html`<a href=${`${UNDO_PATH}/${id}`}>${shortMoment(atMs, frame)}</a>`,
        },
        { label: 'Of', class: 'ids', cell: ({ selection }) => selectionWords(selection) },
        { label: 'Records', class: 'number', cell: ({ records }) => records },
        { label: 'By', class: 'ids', cell: ({ by }) => by },
      ],
      runs,
    )}
  </section>`;
}

const selectionWords = (selection: UndoRun['selection']): string =>
  'bookingId' in selection ? selection.bookingId : `mapping ${selection.mappingVersion}`;

const STATES: Readonly<Record<UndoOutcome['state'], Word>> = {
  planned: { label: 'Waits', tone: 'busy' },
  reverted: { label: 'Taken back', tone: 'good' },
  conflict: { label: 'A task asks', tone: 'busy' },
  left: { label: 'Stays', tone: 'quiet' },
};

/** What became of one undo. It refreshes by itself while something waits. */
export function undoRunView(frame: Frame, run: UndoRun, outcomes: readonly UndoOutcome[]): Html {
  const columns: Column<UndoOutcome>[] = [
    { label: 'Record', cell: recordCell },
    bookingColumn(),
    { label: 'State', cell: ({ state }) => chip(STATES[state]) },
    { label: 'Why', cell: ({ reason }) => (reason === null ? html`<span class="quiet">–</span>` : sentence(reason)) },
  ];
  const body = html`<p role="status">
      ${
        run.waiting > 0
          ? `${counted(run.waiting, 'record')} of ${run.records} ${run.waiting === 1 ? 'waits' : 'wait'}; each CRM is written at its own rate.`
          : `${counted(run.records, 'record')}, all settled.`
      }
    </p>
    ${table('What became of each record', columns, outcomes)}`;
  return html`<h1>CRM writes taken back</h1>
    <div class="panel">
      ${facts([
        ['Of', html`<span class="ids">${selectionWords(run.selection)}</span>`],
        ['Asked', `${momentAt(run.atMs, frame.zone)}, by ${run.by}`],
      ])}
    </div>
    ${liveRegion({ id: 'live', path: `${UNDO_PATH}/${run.id}`, everySeconds: run.waiting > 0 ? 2 : 30 }, body)}
    <p><a href="/console/tasks?kind=conflict">Conflicts that wait for a person</a></p>`;
}
