/**
 * Cal.com's API v2 as a `SourceApi`: reads for what webhooks don't tell, and writes of what was decided here.
 * Invariant: nothing is repeated here; a write whose outcome is unknown says so, and the caller reads.
 */
import { z } from 'zod';
import { SourceError, type SourceApi, type SourceRead } from '../ports';
import { isoOf, listByChange, listByStart, oneOrMany, type Listed } from './api-lists';
import { attendeeAsPerson, contentHashOf, READ_TRIGGER, writtenRow, type WrittenRow } from './api-row';
import { createBookings } from './bookings';
import { createCalcomClient, type CalcomApiSettings, type CalcomClient } from './client';
import { uid as uidField } from './fields';
import { personOf } from './person';
import { checkSubscription, mendSubscription } from './subscription';
import type { TokenStore } from '../oauth-tokens';

/** Cal.com filters by start and by "ends before": to find what ended after an instant, slots are assumed to be no longer. */
const LONGEST_SLOT_MS = 24 * 60 * 60_000;

export interface CalcomApiOptions {
  /** Epoch ms; for the instant of reads, expiry of tokens and limits. */
  readonly now?: () => number;
  readonly fetch?: typeof fetch;
  readonly requestTimeoutMs?: number;
  readonly maxWaitMs?: number;
}

/** `tokens`: needed with OAuth, where tokens renew themselves. Make one per process and connection: it keeps the rate limit. */
export function createCalcomApi(
  settings: CalcomApiSettings,
  tokens: TokenStore | null,
  options: CalcomApiOptions = {},
): SourceApi {
  const now = options.now ?? Date.now;
  const client = createCalcomClient({ api: settings, tokens, ...options });
  const asReads = (rows: readonly Listed[]): SourceRead[] => rows.map((row) => readOf(row, now()));
  return {
    async readBooking(uid) {
      const row = await rowOf(client, 'readBooking', uid);
      return row && readOf(row, now());
    },
    listChanged: async (window) => asReads(await listByChange(client, window)),
    listEnded: async (window) => asReads(await endedWithin(client, window)),
    listSeries: async (uid) => asReads(await seriesOf(client, uid)),
    markAbsent: (uid, mark) => markAbsent(client, uid, mark),
    cancel: (uid, given) => cancel(client, uid, given),
    reschedule: (uid, to) => reschedule(client, uid, to),
    bookings: createBookings(client, (row) => readOf(row, now())),
    checkSubscription: (expected) => checkSubscription(client, expected),
    mendSubscription: (expected) => mendSubscription(client, expected),
  };
}

function readOf(row: Listed, readAtMs: number): SourceRead {
  const { uid, predecessorUid, changedAtMs, raw } = row;
  const body = { triggerEvent: READ_TRIGGER, readAt: isoOf(readAtMs), payload: raw };
  return {
    uid,
    predecessorUid,
    changedAtMs,
    readAtMs,
    contentHash: contentHashOf(raw),
    body: Buffer.from(JSON.stringify(body)),
  };
}

// ---------------------------------------------------------------- reads

/** Null for a uid that Cal.com does not know, or that names a whole series. */
async function rowOf(client: CalcomClient, operation: string, uid: string): Promise<Listed | null> {
  const rows = await rowsOf(client, operation, uid);
  return rows.find((row) => row.uid === uid) ?? null;
}

async function rowsOf(client: CalcomClient, operation: string, uid: string): Promise<readonly Listed[]> {
  try {
    const path = ['bookings', uid];
    const request = { operation, effect: 'safe', area: 'bookings', method: 'GET', path, schema: oneOrMany } as const;
    return (await client.request(request)).data;
  } catch (error) {
    if (error instanceof SourceError && error.httpStatus === 404) return [];
    throw error;
  }
}

async function endedWithin(
  client: CalcomClient,
  window: { readonly fromMs: number; readonly toMs: number },
): Promise<readonly Listed[]> {
  const rows = await listByStart(client, 'listEnded', {
    afterStart: isoOf(window.fromMs - LONGEST_SLOT_MS),
    beforeEnd: isoOf(window.toMs),
  });
  return rows.filter((row) => {
    const parsed = endOf.safeParse(row.raw);
    // A row whose end can't be read goes on, and is found unreadable where a person sees it.
    return !parsed.success || Date.parse(parsed.data.end) >= window.fromMs;
  });
}

const endOf = z.looseObject({ end: z.iso.datetime({ offset: true }) });

async function seriesOf(client: CalcomClient, uid: string): Promise<readonly Listed[]> {
  const row = await rowOf(client, 'listSeries', uid);
  if (row === null) return [];
  const series = seriesUid.safeParse(row.raw);
  if (!series.success) return [row];
  const occurrences = await rowsOf(client, 'listSeries', series.data.recurringBookingUid);
  return occurrences.some((one) => one.uid === uid) ? occurrences : [row, ...occurrences];
}

const seriesUid = z.looseObject({ recurringBookingUid: uidField });

// ---------------------------------------------------------------- writes

const acknowledged = z.object({ data: z.unknown() });
const moved = z.object({ data: z.looseObject({ uid: uidField }) });

/** Cal.com knows attendees by the address as it stores it: managed users' and phone-only bookers' is not the one that reaches them. */
async function markAbsent(
  client: CalcomClient,
  uid: string,
  mark: { readonly email: string; readonly absent: boolean },
): Promise<void> {
  const row = await bookingToWrite(client, 'markAbsent', uid);
  const wanted = mark.email.trim().toLowerCase();
  const attendee = row.attendees.find((one) => {
    const { email, phone } = personOf(attendeeAsPerson(one), []);
    return one.email.trim().toLowerCase() === wanted || email === wanted || phone === wanted;
  });
  if (attendee === undefined) throw refused('markAbsent', 'the booking has no such attendee; read it again');
  await write(client, 'markAbsent', uid, {
    action: 'mark-absent',
    body: { attendees: [{ email: attendee.email, absent: mark.absent }] },
    schema: acknowledged,
  });
}

async function cancel(
  client: CalcomClient,
  uid: string,
  given: { readonly reason: string; readonly seatId: string | null },
): Promise<void> {
  const seat = given.seatId === null ? {} : { seatUid: given.seatId };
  const body = { ...seat, cancellationReason: given.reason };
  await write(client, 'cancel', uid, { action: 'cancel', body, schema: acknowledged });
}

/** In the host's name: moved by anybody else, an appointment that needs confirmation would have to be confirmed once more. */
async function reschedule(
  client: CalcomClient,
  uid: string,
  to: { readonly startMs: number; readonly reason: string },
): Promise<{ readonly uid: string }> {
  const row = await bookingToWrite(client, 'reschedule', uid);
  const host = row.hosts?.[0]?.email ?? null;
  const body = {
    start: isoOf(to.startMs),
    reschedulingReason: to.reason,
    ...(host === null || !host.includes('@') ? {} : { rescheduledBy: host }),
  };
  const { data } = await write(client, 'reschedule', uid, { action: 'reschedule', body, schema: moved });
  return { uid: data.uid };
}

function write<T>(
  client: CalcomClient,
  operation: string,
  uid: string,
  what: { readonly action: string; readonly body: unknown; readonly schema: z.ZodType<T> },
): Promise<T> {
  const { action, body, schema } = what;
  const path = ['bookings', uid, action];
  return client.request({ operation, effect: 'write', area: 'bookings', method: 'POST', path, body, schema });
}

async function bookingToWrite(client: CalcomClient, operation: string, uid: string): Promise<WrittenRow> {
  const row = await rowOf(client, operation, uid);
  if (row === null) throw refused(operation, 'there is no such booking');
  const parsed = writtenRow.safeParse(row.raw);
  if (parsed.success) return parsed.data;
  throw new SourceError('contract_violation', `Cal.com ${operation}: the booking's attendees or hosts can't be read`);
}

function refused(operation: string, why: string): SourceError {
  return new SourceError('refused', `Cal.com ${operation}: ${why}; repeating is useless`);
}
