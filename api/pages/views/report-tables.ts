/**
 * The report's tables, each once for the page and for its CSV.
 * Invariant: both show the same rows and columns; CSV has plain values, the page words.
 */
import type { FollowUpRow, MismatchCause, ReconciliationRow } from '../../../db/report-views';
import type { OutcomeBy } from '../../../domain/report-line';
import { dayInWords, funnelSteps, reminderRows } from '../../../domain/report/plotted';
import { RATE_NAMES, shareOf } from '../../../domain/report/rates';
import type { ShownReport } from '../../../domain/report/shown';
import { timeToBookBuckets } from '../../../domain/report/time-to-book';
import type { WeekRates } from '../../../domain/report/weekly';
import { percent, RATE_WORDS } from '../../../domain/report/words';
import { bookingPath, guestName } from './booking-lines-view';
import { html, type Html } from './html';
import { table, type Column } from './layout';
import { shortMoment } from './times';
import { chip, counted, plain, statusChip, STATUS_WORDS } from './words';

export type NamedFollowUp = FollowUpRow & { readonly guest: string | null };
export type NamedMismatch = ReconciliationRow & { readonly guest: string | null };

export const TABLE_NAMES = [
  'rates',
  'weeks',
  'funnel',
  'time-to-book',
  'reminders',
  'follow-up',
  'mismatches',
] as const;
export type TableName = (typeof TABLE_NAMES)[number];

type Value = string | number | null;
export interface ReportTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Value[])[];
  /** The first rows; all of them without `first`. */
  readonly shown: (first?: number) => Html;
}

/** `value` is what a program reads; `cell`, where given, what people see. */
interface ReportColumn<Row> {
  readonly label: string;
  readonly value: (row: Row) => Value;
  readonly cell?: (row: Row) => Html;
  readonly class?: string;
  /** Only for programs. */
  readonly isCsvOnly?: true;
}

function reportTable<Row>(caption: string, columns: readonly ReportColumn<Row>[], rows: readonly Row[]): ReportTable {
  const shownColumns = columns
    .filter(({ isCsvOnly }) => !isCsvOnly)
    .map(({ label, value, cell, class: name }): Column<Row> => ({
      label,
      cell: cell ?? ((row) => value(row) ?? '–'),
      ...(name !== undefined && { class: name }),
    }));
  return {
    head: columns.map(({ label }) => label),
    rows: rows.map((row) => columns.map(({ value }) => value(row))),
    shown: (first = rows.length) => table(caption, shownColumns, rows.slice(0, first)),
  };
}

function count<Row>(label: string, value: (row: Row) => number): ReportColumn<Row> {
  return { label, value, class: 'number' };
}

function share<Row>(label: string, of: (row: Row) => number | null): ReportColumn<Row> {
  const rounded = (row: Row): number | null => {
    const exact = of(row);
    return exact === null ? null : Number(exact.toFixed(4));
  };
  return { label, value: rounded, cell: (row) => shareInWords(of(row)), class: 'number' };
}

const shareInWords = (value: number | null): string => (value === null ? '–' : percent(value));
const iso = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString());

export function ratesTable(shown: ShownReport): ReportTable {
  const columns: ReportColumn<ShownReport['rates']['no_show']>[] = [
    { label: 'Rate', value: ({ name }) => RATE_WORDS[name].label },
    count('Cases that count', ({ hits }) => hits),
    count('Of', ({ cases }) => cases),
    share('Share', ({ share: own }) => own),
    share('Low', ({ range }) => range?.low ?? null),
    share('High', ({ range }) => range?.high ?? null),
    share('Period before', ({ prior }) => shareOf(prior)),
    share('Four weeks before', ({ fourWeekShare }) => fourWeekShare),
    share('Coverage', () => shown.coverage),
    { label: 'Trusted', value: () => (shown.doubts.length === 0 ? 'yes' : 'no') },
  ];
  return reportTable(
    'Rates of these days',
    columns,
    RATE_NAMES.map((name) => shown.rates[name]),
  );
}

export function weeksTable(weeks: readonly WeekRates[]): ReportTable {
  const columns: ReportColumn<WeekRates>[] = [
    { label: 'Week of', value: ({ slotWeek }) => slotWeek, cell: ({ slotWeek }) => dayInWords(slotWeek) },
    count('Bookings', ({ bookings }) => bookings),
    count('Due', ({ due }) => due),
    share('Coverage', ({ coverage }) => coverage),
    count('Showed', ({ showed }) => showed),
    count('No-shows', ({ noShows }) => noShows),
    share('No-show rate', ({ shares }) => shares.no_show),
    share('Reschedule rate', ({ shares }) => shares.reschedule),
    share('Early-cancel rate', ({ shares }) => shares.early_cancel),
  ];
  return reportTable('Rates by week of the appointment', columns, weeks);
}

export function funnelTable({ counts }: ShownReport): ReportTable {
  const columns: ReportColumn<ReturnType<typeof funnelSteps>[number]>[] = [
    { label: 'Step', value: ({ label }) => label },
    count('People', (step) => step.count),
    share('Of the leads', (step) => step.share),
  ];
  return reportTable('From lead to appointment', columns, funnelSteps(counts));
}

export function timeToBookTable({ counts }: ShownReport): ReportTable {
  const columns: ReportColumn<ReturnType<typeof timeToBookBuckets>[number]>[] = [
    { label: 'From lead to first booking', value: ({ label }) => label },
    count('Leads', (bucket) => bucket.count),
  ];
  return reportTable('Time to book', columns, timeToBookBuckets(counts.timeToBookHours));
}

export function remindersTable({ counts }: ShownReport): ReportTable {
  const columns: ReportColumn<ReturnType<typeof reminderRows>[number]>[] = [
    { label: 'Before the appointment', value: ({ label }) => label },
    count('Showed', ({ showed }) => showed),
    count('No-shows', ({ noShows }) => noShows),
    share('Show rate', ({ showed, cases }) => shareOf({ hits: showed, cases })),
  ];
  return reportTable('Who came, by reminder', columns, reminderRows(counts));
}

interface Clock {
  readonly zone: string;
  readonly nowMs: number;
}

function guestColumn<Row extends { readonly bookingId: string; readonly guest: string | null }>(): ReportColumn<Row> {
  return {
    label: 'Guest',
    value: ({ guest }) => guest,
    cell: ({ bookingId, guest }) => html`<a href=${bookingPath(bookingId)}>${guestName(guest)}</a>`,
  };
}

const BY_WORDS: Readonly<Record<OutcomeBy, string>> = {
  guest: 'Guest',
  host: 'Host',
  source: 'Booking tool',
  crm: 'Person in the CRM',
  operator: 'Person here',
  automatic: 'Head count',
};

export function followUpTable(clock: Clock, rows: readonly NamedFollowUp[]): ReportTable {
  const columns: ReportColumn<NamedFollowUp>[] = [
    {
      label: 'Since',
      class: 'when',
      value: ({ sinceMs }) => iso(sinceMs),
      cell: ({ sinceMs }) => shortMoment(sinceMs, clock),
    },
    guestColumn(),
    { label: 'What', value: ({ what }) => STATUS_WORDS[what].label, cell: ({ what }) => statusChip(what) },
    { label: 'By', value: ({ outcomeBy }) => (outcomeBy === null ? '' : BY_WORDS[outcomeBy]) },
    slotColumn(clock),
    { label: 'Follow-up', value: (row) => followUpWords(row), cell: (row) => followUpState(row) },
    { label: 'Source', class: 'ids', value: ({ source }) => source },
    { label: 'Booking', isCsvOnly: true, value: ({ bookingId }) => bookingId },
  ];
  return reportTable('No-shows and cancellations, newest first', columns, rows);
}

function slotColumn<Row extends { readonly slotStartMs: number | null }>(clock: Clock): ReportColumn<Row> {
  return {
    label: 'Appointment',
    class: 'when',
    value: ({ slotStartMs }) => iso(slotStartMs),
    cell: ({ slotStartMs }) => (slotStartMs === null ? '–' : shortMoment(slotStartMs, clock)),
  };
}

function followUpWords({ rebooked, openTask, messagesSent }: FollowUpRow): string {
  const done = [
    ...(rebooked ? ['booked again'] : []),
    ...(openTask ? ['task open'] : []),
    ...(messagesSent > 0 ? [`${counted(messagesSent, 'message')} sent`] : []),
  ];
  return done.length === 0 ? 'nothing yet' : done.join(', ');
}

function followUpState(row: FollowUpRow): Html {
  const tone = row.rebooked ? 'good' : row.openTask || row.messagesSent > 0 ? 'busy' : 'bad';
  const words = followUpWords(row);
  return chip({ label: plain(words), tone });
}

const CAUSES: Readonly<Record<MismatchCause, string>> = {
  parked: 'The CRM does not answer: it is written as soon as it does',
  refused: 'The CRM refused it: a task asks what to do',
  person_moved_it: 'Somebody changed it in the CRM, and it stays so',
  dropped: 'Somebody deleted it in the CRM',
  waiting_for_contact: 'Nobody in the CRM is known to be this guest: a task asks who',
  not_synced_yet: 'It is being written',
};

export function mismatchesTable(clock: Clock, rows: readonly NamedMismatch[]): ReportTable {
  const columns: ReportColumn<NamedMismatch>[] = [
    slotColumn(clock),
    guestColumn(),
    {
      label: 'Booking says',
      value: ({ status }) => STATUS_WORDS[status].label,
      cell: ({ status }) => statusChip(status),
    },
    { label: 'CRM shows', value: ({ crmOutcome }) => (crmOutcome === null ? null : plain(crmOutcome)) },
    { label: 'Why', value: ({ cause }) => CAUSES[cause] },
    { label: 'CRM', class: 'ids', value: ({ crm }) => crm },
    { label: 'Booking', isCsvOnly: true, value: ({ bookingId }) => bookingId },
  ];
  return reportTable('Bookings that a CRM shows differently', columns, rows);
}
