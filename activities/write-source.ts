/**
 * writeSource: tells a source what was decided here about one booking, and nothing that it shows already.
 * Invariant: level-triggered (reads the newest picture itself), one writer per booking at a time, and every refusal ends in a task.
 */
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { lockBooking, type BookingRow } from '../db/bookings';
import { readFacts } from '../db/facts';
import { acquireLease, releaseLease, renewLease } from '../db/leases';
import { readPerson } from '../db/persons';
import { withTransaction } from '../db/pool';
import { readSeat, readSourceWrite, settleSourceWrite, type SourceWrite } from '../db/source-writes';
import { withdrawTasksAbout } from '../db/tasks';
import { sourceOfBooking } from '../domain/ids';
import { sourceActionOf, sourcePictureOf, type SourcePicture } from '../domain/source-picture';
import { SourceError, type SourceApi } from '../integrations/ports';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { heartbeating } from './heartbeating';
import { askPerson, openedTask, type OpenTask } from './open-task';
import { tellRefusal } from './source-trouble';
import { LookAgain, SETTLES_WITHIN_MS, tellSource, type SourceContext } from './source-steps';

export interface WriteSourceInput {
  readonly bookingId: string;
  /** How often the engine tries: the last attempt reports that it waits instead of failing. */
  readonly maximumAttempts: number;
}

export type WriteSourceResult =
  /** The source shows what was decided here, or nothing has to be told any more. */
  | { readonly kind: 'told' }
  | { readonly kind: 'refused'; readonly task: OpenTask }
  /** The source takes it from this instant on. */
  | { readonly kind: 'too_early'; readonly untilMs: number }
  /** It does not answer, or not to us: the workflow tries again later. */
  | { readonly kind: 'waiting'; readonly reason: string; readonly retryAfterMs: number | null };

export function createWriteSource(deps: ActivityDeps) {
  return async function writeSource(input: WriteSourceInput): Promise<WriteSourceResult> {
    try {
      return await withSourceLease(deps, input, () => heartbeating(() => tellNewest(deps, input)));
    } catch (error) {
      return await afterFailure(deps, input, error);
    }
  };
}

async function tellNewest(deps: ActivityDeps, input: WriteSourceInput): Promise<WriteSourceResult> {
  const { bookingId } = input;
  const asked = await readAsked(deps, bookingId);
  if (asked === null) return { kind: 'told' };
  const { wanted, before, booking } = asked;
  if (before?.state === 'done' || before?.state === 'needless' || before?.state === 'skipped') return { kind: 'told' };
  if (before?.state === 'refused') return refused(deps, asked, 'refused');
  if (wanted.notBeforeMs !== null && wanted.notBeforeMs > engineNow()) {
    return { kind: 'too_early', untilMs: wanted.notBeforeMs };
  }
  try {
    const told = await tellSource(await contextOf(deps, asked), before);
    if (told.kind === 'refused') return await refused(deps, asked, told.reason);
  } catch (error) {
    const reason = lastWordOf(error, input);
    if (reason === null) throw error;
    return refused(deps, asked, reason);
  }
  // What was asked about an earlier refusal has found its answer without the person.
  const about = booking.connection;
  await withdrawTasksAbout(deps.pool, { bookingId, about, by: 'booking', nowMs: engineNow() });
  return { kind: 'told' };
}

interface Asked {
  readonly booking: BookingRow;
  readonly wanted: SourcePicture;
  readonly personId: string | null;
  readonly api: SourceApi;
  readonly before: SourceWrite | null;
}

/** The newest wish, and what became of it so far. The lock makes it one picture; it is given back before anything is called. */
async function readAsked(deps: ActivityDeps, bookingId: string): Promise<Asked | null> {
  return withTransaction(deps.pool, async (tx) => {
    const [booking, stored] = await Promise.all([lockBooking(tx, bookingId), readFacts(tx, bookingId)]);
    if (!booking?.picture || booking.mergedInto !== null) return null;
    const facts = stored.map((row) => row.fact);
    const wanted = sourcePictureOf(booking.picture, facts);
    const api = deps.sourceApi(booking.connection);
    if (wanted === null || api === null) return null;
    const before = await readSourceWrite(tx, { bookingId, cause: wanted.cause, action: sourceActionOf(wanted) });
    return { booking, wanted, api, before, personId: booking.picture.personId };
  });
}

async function contextOf(deps: ActivityDeps, { booking, wanted, api, personId }: Asked): Promise<SourceContext> {
  const { id: bookingId, connection } = booking;
  const [person, seat] = await Promise.all([
    personId === null ? null : readPerson(deps.pool, deps.vault, personId),
    readSeat(deps.pool, { connection, uid: wanted.uid, bookingId }),
  ]);
  const action = sourceActionOf(wanted);
  const activity = Context.current();
  return {
    deps,
    api,
    connection,
    wanted,
    action,
    nowMs: engineNow,
    source: deps.source(connection),
    key: { bookingId, cause: wanted.cause, action },
    guest: { email: person?.email ?? null, phone: person?.phone ?? null, seat: seat && { id: seat.seatId } },
    begin: (request) => {
      // A call that has begun is left to end; a canceled attempt stops before the next one.
      if (activity.cancellationSignal.aborted) throw new CancelledFailure('the run continues as new');
      activity.heartbeat(request);
    },
  };
}

/** The class to show to a person, when no repetition will change the source's word. */
function lastWordOf(error: unknown, { maximumAttempts }: WriteSourceInput): string | null {
  if (error instanceof LookAgain && error.reason === 'not_found') {
    return Context.current().info.attempt >= maximumAttempts ? 'not_found' : null;
  }
  if (!(error instanceof SourceError)) return null;
  return error.errorClass === 'refused' || error.errorClass === 'contract_violation' ? error.errorClass : null;
}

/** The ledger and the task that asks a person, in one commit. */
async function refused(deps: ActivityDeps, asked: Asked, reason: string): Promise<WriteSourceResult> {
  const { booking, wanted } = asked;
  const { id: bookingId, connection: about } = booking;
  const action = sourceActionOf(wanted);
  const nowMs = engineNow();
  deps.log.warn({ connection: about, action, reason }, 'the source refused a write');
  const task = await withTransaction(deps.pool, async (tx) => {
    const key = { bookingId, cause: wanted.cause, action };
    await settleSourceWrite(tx, { ...key, uid: wanted.uid, state: 'refused', reason, nowMs });
    const evidence = { action, reason, slotStartMs: booking.picture?.slot?.startMs ?? null };
    return askPerson(tx, deps, { kind: 'source_refused', bookingId, about, evidence, nowMs });
  });
  return { kind: 'refused', task: openedTask(deps, task) };
}

/** Turns what went wrong into a later attempt, by the engine while it has some left, then by the workflow. */
async function afterFailure(deps: ActivityDeps, input: WriteSourceInput, error: unknown): Promise<WriteSourceResult> {
  const isLast = Context.current().info.attempt >= input.maximumAttempts;
  if (error instanceof LookAgain) {
    if (isLast) return { kind: 'waiting', reason: error.reason, retryAfterMs: error.afterMs };
    throw retryLater(error.message, error.afterMs);
  }
  if (!(error instanceof SourceError)) throw error;
  const { errorClass, retryAfterMs } = error;
  deps.log.warn({ errorClass, status: error.httpStatus }, 'a call of the source failed');
  await tellRefusal(deps, sourceOfBooking(input.bookingId), errorClass);
  if (isLast || errorClass === 'reauth_required') return { kind: 'waiting', reason: errorClass, retryAfterMs };
  throw retryLater(`${errorClass}: ${error.message}`, retryAfterMs);
}

function retryLater(message: string, afterMs: number | null): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'SourceRetry',
    ...(afterMs === null ? {} : { nextRetryDelay: afterMs }),
  });
}

/** One writer per booking, over all workers: an attempt that the engine gave up may still be running somewhere. */
async function withSourceLease<T>(deps: ActivityDeps, input: WriteSourceInput, write: () => Promise<T>): Promise<T> {
  const { info } = Context.current();
  const request = {
    name: `source/${input.bookingId}`,
    holder: `${info.workflowExecution?.runId ?? ''}#${info.activityId}#${info.attempt}`,
    ttlMs: 2 * SETTLES_WITHIN_MS,
  };
  const lease = await acquireLease(deps.pool, request);
  if (!lease) throw new LookAgain('not_settled', SETTLES_WITHIN_MS);
  const held = { ...request, fence: lease.fence };
  const renewal = setInterval(() => void renewLease(deps.pool, held).catch(() => false), SETTLES_WITHIN_MS / 2);
  try {
    return await write();
  } finally {
    clearInterval(renewal);
    await releaseLease(deps.pool, held);
  }
}
