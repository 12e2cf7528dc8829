/**
 * How a CRM sync ends: shown, skipped, asked, refused, parked, or tried again later.
 * Invariant: every end is a row in `crm_sync`; what a person has to decide is a task, and what must wait is parked or thrown to the engine.
 */
import { ApplicationFailure, Context } from '@temporalio/activity';
import { saveContactMatch, type BookingRow } from '../db/bookings';
import { saveHealth } from '../db/connection-health';
import { saveSync } from '../db/crm-ledger';
import { mappingVersionOf } from '../db/mapping-versions';
import { together } from '../db/pool';
import { withdrawTasksAbout, type TaskRow } from '../db/tasks';
import { CrmError } from '../integrations/ports';
import { SettleLater } from './crm-context';
import type { ParkReason } from '../domain/connections';
import type { PersonStep } from './crm-person';
import { restOf } from './connection-trouble';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { askPerson, openedTask, type OpenTask } from './open-task';

export interface SyncCrmInput {
  readonly bookingId: string;
  readonly connection: string;
  /** How often the engine tries: the last attempt parks instead of failing. */
  readonly maximumAttempts: number;
}

interface NeedsPerson<Kind> {
  readonly kind: Kind;
  readonly version: number;
  readonly contactMatch: string;
  readonly task: OpenTask;
}

export type SyncCrmResult =
  | {
      readonly kind: 'synced';
      readonly version: number;
      readonly contactMatch: string;
      /** What a person is asked besides; absent: nothing. */
      readonly task?: OpenTask;
    }
  /** A person changed the record there: nothing was written, and the booking has to be recorded first. */
  | { readonly kind: 'changed' }
  /** Nothing belongs in this CRM: a person said so, or the booking has no guest. */
  | { readonly kind: 'skipped'; readonly version: number; readonly contactMatch: string }
  | NeedsPerson<'needs_contact'>
  | NeedsPerson<'refused'>
  /** The CRM does not answer, or refuses our credentials; the connection wakes this booking. */
  | { readonly kind: 'parked'; readonly reason: ParkReason };

/** The CRM shows this version, or nothing of it belongs there. */
export async function done(
  deps: ActivityDeps,
  result: {
    input: SyncCrmInput;
    version: number;
    kind: 'synced' | 'skipped';
    match: string;
    reason: string | null;
    asked?: TaskRow | null;
  },
): Promise<SyncCrmResult> {
  const { input, version, kind, match } = result;
  // What was asked about this CRM has found its answer without the person, else the write had ended in the task again.
  const asked = { bookingId: input.bookingId, about: input.connection };
  const ended = { bookingId: input.bookingId, connection: input.connection, state: kind, reason: result.reason };
  const nowMs = engineNow();
  const mapping = deps.settings.mapping[input.connection];
  const mappingVersion = mapping && kind === 'synced' ? mappingVersionOf(mapping) : null;
  await together(deps.pool, (db) =>
    Promise.all([
      withdrawTasksAbout(db, { ...asked, by: 'booking', nowMs }),
      saveContactMatch(db, input.bookingId, match),
      saveSync(db, { ...ended, writtenVersion: version, mappingVersion }),
    ]),
  );
  const task = result.asked && openedTask(deps, result.asked);
  return { kind, version, contactMatch: match, ...(task && { task }) };
}

export async function askForContact(
  deps: ActivityDeps,
  ask: { input: SyncCrmInput; booking: BookingRow; person: Extract<PersonStep, { kind: 'ask' }> },
): Promise<SyncCrmResult> {
  const contactMatch = ask.person.reason === 'several match' ? 'ambiguous' : 'none';
  const task = await openCrmTask(deps, {
    input: ask.input,
    booking: ask.booking,
    kind: 'match_contact',
    evidence: { reason: ask.person.reason, candidates: ask.person.candidates },
  });
  await saveContactMatch(deps.pool, ask.booking.id, contactMatch);
  await saveSync(deps.pool, {
    bookingId: ask.booking.id,
    connection: ask.input.connection,
    state: 'needs_contact',
    reason: ask.person.reason,
  });
  return {
    kind: 'needs_contact',
    version: ask.booking.version,
    contactMatch,
    task: openedTask(deps, task),
  };
}

function openCrmTask(
  deps: ActivityDeps,
  open: {
    input: SyncCrmInput;
    booking: BookingRow;
    kind: 'match_contact' | 'crm_refused';
    evidence: Record<string, unknown>;
  },
): Promise<TaskRow> {
  const { kind, booking, evidence } = open;
  const question = { kind, bookingId: booking.id, about: open.input.connection, evidence, nowMs: engineNow() };
  return askPerson(deps.pool, deps, question);
}

// ---------------------------------------------------------------- failures

/** Turns what went wrong into a retry, a parked booking or a task. Anything unknown is thrown as it is: the engine retries. */
export async function afterFailure(
  deps: ActivityDeps,
  failed: { input: SyncCrmInput; booking: BookingRow; error: unknown },
): Promise<SyncCrmResult> {
  const { input, booking, error } = failed;
  const isLast = Context.current().info.attempt >= input.maximumAttempts;
  if (error instanceof SettleLater) {
    if (isLast) return park(deps, input, 'unavailable');
    throw retryLater(error.message, error.afterMs);
  }
  if (!(error instanceof CrmError)) throw error;
  deps.log.warn(
    { connection: input.connection, errorClass: error.errorClass, status: error.httpStatus },
    'CRM call failed',
  );
  switch (error.errorClass) {
    case 'rate_limited':
    case 'unavailable':
    case 'unknown_outcome': {
      const untilMs = restOf(deps, input.connection, error);
      if (untilMs !== null) return park(deps, input, error.daily === null ? 'unavailable' : 'daily_limit', untilMs);
      if (isLast) return park(deps, input, 'unavailable');
      throw retryLater(`${error.errorClass}: ${error.message}`, error.retryAfterMs ?? undefined);
    }
    case 'reauth_required':
    case 'scope_missing':
    case 'account_inactive':
      return park(deps, input, error.errorClass);
    case 'mapping_invalid':
    case 'crm_rule':
    case 'invalid_data':
    case 'target_gone':
    case 'contract_violation': {
      if (booking.picture?.crmDecisions[input.connection]?.action === 'skip') {
        const reason = `left as it is by decision (${error.errorClass})`;
        return done(deps, { input, version: booking.version, kind: 'skipped', match: booking.contactMatch, reason });
      }
      const evidence = {
        errorClass: error.errorClass,
        fields: error.fields,
        status: error.httpStatus,
        correlationId: error.correlationId,
      };
      const task = await openCrmTask(deps, { input, booking, kind: 'crm_refused', evidence });
      await saveSync(deps.pool, {
        bookingId: booking.id,
        connection: input.connection,
        state: 'refused',
        reason: error.errorClass,
      });
      const withOwner = openedTask(deps, task);
      return { kind: 'refused', version: booking.version, contactMatch: booking.contactMatch, task: withOwner };
    }
  }
}

/** This booking found the connection down. */
async function park(
  deps: ActivityDeps,
  input: SyncCrmInput,
  reason: ParkReason,
  untilMs: number | null = null,
): Promise<SyncCrmResult> {
  const { connection } = input;
  await saveHealth(deps.pool, { connection, state: 'down', reason, untilMs, nowMs: engineNow() });
  return parkBehind(deps, input, reason);
}

/** Others found the connection down. */
export async function parkBehind(deps: ActivityDeps, input: SyncCrmInput, reason: ParkReason): Promise<SyncCrmResult> {
  const { bookingId, connection } = input;
  await saveSync(deps.pool, { bookingId, connection, state: 'parked', reason });
  // After the row: whoever reads the list because of this signal finds the booking in it.
  await deps.signals.parked({ connection, reason });
  return { kind: 'parked', reason };
}

export function retryLater(message: string, afterMs?: number): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'CrmRetry',
    ...(afterMs === undefined ? {} : { nextRetryDelay: afterMs }),
  });
}
