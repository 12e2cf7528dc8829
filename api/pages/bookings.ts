/**
 * `/console/bookings`: the list, and the search.
 * Invariant: a search is posted and answered with an address that holds an id: what was typed reaches no address, no log and no column.
 */
import { Router, type Request, type Response } from 'express';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { z } from 'zod';
import { instantAtWall, wallClock } from '../../config/zones';
import { listBookingLines, type BookingLine } from '../../db/booking-lines';
import type { BookingPosition } from '../../db/booking-view';
import { findPeople } from '../../db/people';
import { nameTokens } from '../../db/persons';
import type { Vault } from '../../db/vault';
import { BOOKING_STATUSES } from '../../domain/booking';
import { HttpError } from '../errors';
import { decodeCursor, pageOf } from '../v1/cursor';
import { validate } from '../v1/validate';
import { answer, frameOf, visitOf, type ConsoleDeps } from './console';
import { named } from './people';
import { keepSearch, searchOf } from './searches';
import { SEARCH_PATH } from './sessions';
import { fieldsOf } from './sign-in';
import { bookingsView, CRM_STATES, type BookingsQuery } from './views/bookings-view';
import type { Said } from './views/layout';

const SHOWN = 50;
const SHOWN_FOUND = 100;
const FOUND_PEOPLE = 200;

/** A filter that makes no sense is none. */
const listQuery = z.object({
  status: z.enum(BOOKING_STATUSES).optional().catch(undefined),
  source: z.string().min(1).max(200).optional().catch(undefined),
  crm: z.enum(CRM_STATES).optional().catch(undefined),
  from: z.iso.date().optional().catch(undefined),
  to: z.iso.date().optional().catch(undefined),
  cursor: z.string().max(500).optional().catch(undefined),
  /** Id of a search of this session. */
  found: z.string().max(20).optional().catch(undefined),
});
const searchBody = z.object({ search: z.string().trim().min(1, 'is empty').max(300) });
const positionShape: z.ZodType<BookingPosition> = z.object({
  slotStartMs: z.number().int().nullable(),
  id: z.string(),
});

export function bookingListRoutes(deps: ConsoleDeps): Router {
  const router = Router();
  const sources = deps.console.connections.filter(({ role }) => role === 'source').map(({ id }) => id);

  router.get('/bookings', async (request, response) => {
    const { cursor, found: searchId, ...query } = validate(listQuery, request.query, 'query');
    if (searchId !== undefined) return showFound(deps, { request, response, sources, searchId });
    const rows = await listBookingLines(deps.db, {
      filter: {
        status: query.status,
        connection: query.source,
        crmState: query.crm,
        ...daysOf(query, deps.console.zone),
      },
      after: decodeCursor(cursor, positionShape),
      limit: SHOWN + 1,
      nowMs: deps.nowMs(),
    });
    const position = ({ slot, id }: BookingLine): BookingPosition => ({ slotStartMs: slot?.startMs ?? null, id });
    const { page, nextCursor } = pageOf(rows, SHOWN, position);
    const frame = frameOf(deps, request, response);
    const body = bookingsView(frame, { lines: await named(deps, page), query, nextCursor, sources, search: null });
    answer(response, frame, { title: 'Bookings', section: 'bookings', body });
  });

  router.post('/bookings', (request, response) => {
    const { search } = validate(searchBody, fieldsOf(request), 'body');
    const id = keepSearch(openVault(deps), { request, response, visit: visitOf(response) }, search);
    response.redirect(303, `${SEARCH_PATH}?found=${id}`);
  });

  return router;
}

async function showFound(
  deps: ConsoleDeps,
  of: {
    readonly request: Request;
    readonly response: Response;
    readonly sources: readonly string[];
    readonly searchId: string;
  },
): Promise<void> {
  const { request, response, sources, searchId } = of;
  const search = searchOf(openVault(deps), { request, visit: visitOf(response) }, searchId);
  const lines = search === null ? [] : await named(deps, await found(deps, search));
  const frame = frameOf(deps, request, response, search === null ? FORGOTTEN : undefined);
  const body = bookingsView(frame, { lines, query: {}, nextCursor: null, sources, search: search ?? '' });
  answer(response, frame, { title: 'Bookings found', section: 'bookings', body });
}

const FORGOTTEN: Said = { text: 'What was searched for here is not kept any more. Type it again.', isBad: true };

/** From the first day's midnight to the end of the last day. */
function daysOf({ from, to }: BookingsQuery, zone: string): { fromMs?: number; toMs?: number } {
  const midnight = (day: string): number => instantAtWall(Date.parse(`${day}T00:00:00Z`), zone);
  return {
    ...(from !== undefined && { fromMs: midnight(from) }),
    ...(to !== undefined && { toMs: wallClock.plusDays(midnight(to), zone, 1) }),
  };
}

async function found(deps: ConsoleDeps, search: string): Promise<readonly BookingLine[]> {
  const vault = openVault(deps);
  // What PostgreSQL can't hold can't be there.
  const text = search.replaceAll('\0', '');
  const page = { after: null, limit: SHOWN_FOUND, nowMs: deps.nowMs() };
  const byUid = listBookingLines(deps.db, { ...page, filter: { uid: text } });
  const personIds = await findPeople(deps.db, vault, { ...identitiesIn(text), limit: FOUND_PEOPLE });
  const byPerson = personIds.length === 0 ? [] : await listBookingLines(deps.db, { ...page, filter: { personIds } });
  const lines = new Map([...(await byUid), ...byPerson].map((line) => [line.id, line]));
  return [...lines.values()];
}

function openVault(deps: ConsoleDeps): Vault {
  const vault = deps.vault();
  if (vault !== null) return vault;
  const message = 'People can not be looked for yet: the database was not reachable since this process started.';
  throw new HttpError({ status: 503, code: 'vault_closed', message, headers: { 'retry-after': '5' } });
}

/** What the words may be, as it would be stored. A number without its country is tried as one of North America too. */
export function identitiesIn(text: string): { emails: string[]; phones: string[]; nameTokens: string[] } {
  if (/^\S+@\S+$/.test(text)) return { emails: [text.toLowerCase()], phones: [], nameTokens: [] };
  const isNumber = /^[\d\s()./+-]{5,}$/.test(text);
  if (!isNumber) return { emails: [], phones: [], nameTokens: nameTokens(text) };
  const plus = text.replace(/^\s*00/, '+');
  const read = [
    parsePhoneNumberFromString(plus),
    parsePhoneNumberFromString(plus, 'US'),
    parsePhoneNumberFromString(`+${text.replace(/\D/g, '')}`),
  ];
  const phones = read.flatMap((phone) => (phone === undefined ? [] : [phone.number as string]));
  return { emails: [], phones: [...new Set(phones)], nameTokens: [] };
}
