/**
 * `GET /v2/bookings`: filters, orders and pages.
 * Invariant: pages are offsets into what matches at that moment, so a set that moves between two pages skips rows, as the vendor's does.
 */
import { z } from 'zod';
import type { SimAnswer } from '../exchange';
import { success } from './account';
import type { Account, Call, Operation } from './account';
import { shownRow } from './bookings';
import type { Booking } from './bookings';
import { malformed } from './errors';
import { rowOf } from './rows';

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const numbers = z
  .string()
  .regex(/^\d+(,\d+)*$/)
  .transform((text) => text.split(',').map(Number));
const direction = z.enum(['asc', 'desc']);
const statusWords = ['upcoming', 'recurring', 'past', 'cancelled', 'unconfirmed'] as const;
type StatusWord = (typeof statusWords)[number];
const isStatusWord = (word: string): word is StatusWord => (statusWords as readonly string[]).includes(word);
const integer = (min: number, max: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(min).max(max));

const query = z.strictObject({
  status: z
    .string()
    .transform((text) => text.split(','))
    .refine((words) => words.every(isStatusWord), { error: `each of ${statusWords.join(', ')}` })
    .transform((words) => words.filter(isStatusWord))
    .optional(),
  attendeeEmail: z.string().optional(),
  attendeeName: z.string().optional(),
  bookingUid: z.string().optional(),
  eventTypeIds: numbers.optional(),
  eventTypeId: numbers.optional(),
  teamsIds: numbers.optional(),
  teamId: numbers.optional(),
  afterStart: instant.optional(),
  beforeEnd: instant.optional(),
  afterCreatedAt: instant.optional(),
  beforeCreatedAt: instant.optional(),
  afterUpdatedAt: instant.optional(),
  beforeUpdatedAt: instant.optional(),
  sortStart: direction.optional(),
  sortEnd: direction.optional(),
  sortCreated: direction.optional(),
  sortUpdatedAt: direction.optional(),
  take: integer(1, 250).default(100),
  skip: integer(0, Number.MAX_SAFE_INTEGER).default(0),
});
type Query = z.output<typeof query>;

export const listOperation: Operation = {
  method: 'GET',
  template: '/v2/bookings',
  version: '2024-08-13',
  scope: 'BOOKING_READ',
  query: Object.keys(query.shape),
  run: list,
};

function list({ account, request }: Call): SimAnswer {
  const parsed = query.safeParse(Object.fromEntries(request.query));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw malformed(problems.join('; '));
  }
  const asked = parsed.data;
  const found = matching(account, asked);
  const page = found.slice(asked.skip, asked.skip + asked.take);
  return success(
    page.map(({ uid }) => rowOf(account, account.bookings.get(uid))),
    { beside: { pagination: paginationOf({ asked, total: found.length, returned: page.length }) } },
  );
}

/** As reads show them: a cancellation that lies is found by what was before. */
function matching(account: Account, asked: Query): readonly Booking[] {
  const now = account.clock();
  const rows = account.bookings.all().map((booking) => shownRow(booking, now));
  return rows.filter((row) => fits(row, asked, now)).sort(orderOf(asked));
}

function fits(row: Booking, asked: Query, now: number): boolean {
  const { attendeeEmail, attendeeName, status } = asked;
  const within = (value: number, from: number | undefined, to: number | undefined): boolean =>
    (from === undefined || value >= from) && (to === undefined || value <= to);
  return (
    (status === undefined || status.some((word) => hasStatus(row, word, now))) &&
    (attendeeEmail === undefined || row.attendees.some(({ email }) => email === attendeeEmail)) &&
    (attendeeName === undefined || row.attendees.some(({ name }) => name === attendeeName)) &&
    (asked.bookingUid === undefined || row.uid === asked.bookingUid) &&
    (asked.eventTypeIds ?? [row.eventTypeId]).includes(row.eventTypeId) &&
    (asked.eventTypeId ?? [row.eventTypeId]).includes(row.eventTypeId) &&
    // The account's event types belong to a person, not to a team.
    asked.teamsIds === undefined &&
    asked.teamId === undefined &&
    within(row.startMs, asked.afterStart, undefined) &&
    within(row.endMs, undefined, asked.beforeEnd) &&
    within(row.createdAtMs, asked.afterCreatedAt, asked.beforeCreatedAt) &&
    within(row.updatedAtMs, asked.afterUpdatedAt, asked.beforeUpdatedAt)
  );
}

/** `cancelled` means rejected, too. */
function hasStatus(row: Booking, word: StatusWord, now: number): boolean {
  const stands = row.status === 'accepted' || row.status === 'pending';
  switch (word) {
    case 'upcoming':
      return stands && row.endMs >= now;
    case 'recurring':
      return stands && row.endMs >= now && row.recurringUid !== null;
    case 'past':
      return stands && row.endMs <= now;
    case 'unconfirmed':
      return row.status === 'pending' && row.endMs >= now;
    case 'cancelled':
      return !stands;
  }
}

/** The first order that is asked for counts; else by start. Rows that are equal in it come oldest first. */
function orderOf(asked: Query): (a: Booking, b: Booking) => number {
  const orders = [
    [asked.sortStart, (row: Booking) => row.startMs],
    [asked.sortEnd, (row: Booking) => row.endMs],
    [asked.sortCreated, (row: Booking) => row.createdAtMs],
    [asked.sortUpdatedAt, (row: Booking) => row.updatedAtMs],
  ] as const;
  const [way, value] = orders.find(([given]) => given !== undefined) ?? orders[0];
  const sign = way === 'desc' ? -1 : 1;
  return (a, b) => sign * (value(a) - value(b)) || a.id - b.id;
}

function paginationOf(of: { readonly asked: Query; readonly total: number; readonly returned: number }): object {
  const { asked, total, returned } = of;
  const { take, skip } = asked;
  return {
    totalItems: total,
    remainingItems: Math.max(0, total - skip - returned),
    returnedItems: returned,
    itemsPerPage: take,
    currentPage: Math.floor(skip / take) + 1,
    totalPages: Math.ceil(total / take),
    hasNextPage: skip + returned < total,
    hasPreviousPage: skip > 0,
  };
}
