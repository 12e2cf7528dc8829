/**
 * The list of bookings: search by what a person would type, filters, pages.
 * Invariant: what is searched for is posted and shown, and never part of an address.
 */
import { BOOKING_STATUSES, type BookingStatus } from '../../../domain/booking';
import { bookingTable, type NamedLine } from './booking-lines-view';
import { html, type Html } from './html';
import { empty, formToken, type Frame } from './layout';
import { counted, stateWord, STATUS_WORDS } from './words';

export const CRM_STATES = ['pending', 'synced', 'parked', 'needs_contact', 'refused', 'skipped'] as const;

/** As the address carries it; dates are days of the account's zone, both included. */
export interface BookingsQuery {
  readonly status?: BookingStatus | undefined;
  readonly source?: string | undefined;
  readonly crm?: (typeof CRM_STATES)[number] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface BookingsData {
  readonly lines: readonly NamedLine[];
  readonly query: BookingsQuery;
  readonly nextCursor: string | null;
  readonly sources: readonly string[];
  /** What was looked for, '' where that is not known any more; null: nothing, this is the filtered list. */
  readonly search: string | null;
}

export function bookingsView(frame: Frame, data: BookingsData): Html {
  return html`<h1>Bookings</h1>
    <p class="lead">${`Latest slot first, times in ${frame.zone}.`}</p>
    <form method="post" action="/console/bookings" class="search" role="search">
      ${formToken(frame)}
      <label>
        Name, e-mail, phone with its country, or any uid
        <input type="search" name="search" required maxlength="300" value=${data.search ?? ''} autocomplete="off" />
      </label>
      <button class="main">Search</button>
    </form>
    ${data.search === null ? filtered(frame, data) : found(frame, data)}`;
}

function found(frame: Frame, { lines, search }: BookingsData): Html {
  const back = html`<p><a href="/console/bookings">All bookings</a></p>`;
  if (search === '') return back;
  if (lines.length === 0) {
    return empty(
      `No booking of "${search}" is known. A name is found by whole words, an e-mail address and a phone number only as a whole.`,
      back,
    );
  }
  return html`<p role="status">${`${counted(lines.length, 'booking')} of "${search}"`}</p>
    ${bookingTable(frame, lines, { caption: 'Bookings found', withDay: true })} ${back}`;
}

function filtered(frame: Frame, data: BookingsData): Html {
  return html`${filters(data)}
  ${
    data.lines.length === 0
      ? nothing(data.query)
      : bookingTable(frame, data.lines, { caption: 'Bookings, latest slot first', withDay: true })
  }
  ${data.nextCursor === null ? null : html`<p><a href=${pathOf(data.query, data.nextCursor)}>Next page</a></p>`}`;
}

function filters({ query, sources }: BookingsData): Html {
  return html`<form method="get" action="/console/bookings" class="filters">
    ${select(
      'Status',
      'status',
      query.status,
      BOOKING_STATUSES.map((value) => ({ value, label: STATUS_WORDS[value].label })),
    )}
    ${select(
      'Source',
      'source',
      query.source,
      sources.map((value) => ({ value, label: value })),
    )}
    ${select(
      'In a CRM',
      'crm',
      query.crm,
      CRM_STATES.map((value) => ({ value, label: stateWord(value).label })),
    )}
    <label>From<input type="date" name="from" value=${query.from ?? ''} /></label>
    <label>To<input type="date" name="to" value=${query.to ?? ''} /></label>
    <button>Show</button>
  </form>`;
}

function select(
  label: string,
  name: string,
  chosen: string | undefined,
  options: readonly { readonly value: string; readonly label: string }[],
): Html {
  return html`<label>
    ${label}
    <select name=${name}>
      <option value="">All</option>
      ${options.map((one) => html`<option value=${one.value} selected=${one.value === chosen}>${one.label}</option>`)}
    </select>
  </label>`;
}

function pathOf(query: BookingsQuery, cursor: string): string {
  const kept = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `/console/bookings?${new URLSearchParams([...kept, ['cursor', cursor]]).toString()}`;
}

function nothing(query: BookingsQuery): Html {
  const isFiltered = Object.values(query).some((value) => value !== undefined);
  return isFiltered
    ? empty('No booking is like this.', html`<p><a href="/console/bookings">All bookings</a></p>`)
    : empty('No booking is known yet. They appear with the first webhook; Connections shows whether one has come.');
}
