/**
 * syncCrm: makes one CRM show the newest picture of one booking.
 * Invariant: level-triggered (reads the picture itself), one writer per person and CRM at a time, and every refusal ends in a task or a parked booking, never in silence.
 */
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { acquireLease, releaseLease, renewLease } from '../db/leases';
import { readBooking, saveContactMatch, type BookingRow } from '../db/bookings';
import { readHealth, saveHealth, saveSync } from '../db/crm-ledger';
import { readPerson, type PersonData } from '../db/persons';
import { openTask, withdrawTasksAbout, type TaskRow } from '../db/tasks';
import { crmPictureOf } from '../domain/crm-picture';
import type { Picture } from '../domain/booking';
import { taskWorkflowId } from '../domain/ids';
import { CrmError } from '../integrations/ports';
import { inheritedStep } from './crm-inherited';
import {
  appointmentStep,
  CALL_DEADLINE_MS,
  knownOpportunity,
  opportunityStep,
  personStep,
  SettleLater,
  stageStep,
  surplusStep,
  type PersonStep,
  type SyncContext,
} from './crm-steps';
import { crmsOf, type ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { newestDetails } from './newest-details';
import { withEscalation, type OpenTask } from './record';

export interface SyncCrmInput {
  readonly bookingId: string;
  readonly connection: string;
  /** How often the engine tries: the last attempt parks instead of failing. */
  readonly maximumAttempts: number;
}

export type SyncCrmResult =
  | { readonly kind: 'synced'; readonly version: number; readonly contactMatch: string }
  /** Nothing belongs in this CRM: a person said so, or the booking has no guest. */
  | { readonly kind: 'skipped'; readonly version: number; readonly contactMatch: string }
  | {
      readonly kind: 'needs_contact' | 'refused';
      readonly version: number;
      readonly contactMatch: string;
      readonly task: OpenTask;
    }
  /** The CRM does not answer, or refuses our credentials; the connection wakes this booking. */
  | { readonly kind: 'parked'; readonly reason: 'unavailable' | 'reauth_required' };

export function createSyncCrm(deps: ActivityDeps) {
  return async function syncCrm(input: SyncCrmInput): Promise<SyncCrmResult> {
    const { pool } = deps;
    const [health, booking] = await Promise.all([
      readHealth(pool, input.connection),
      readBooking(pool, input.bookingId),
    ]);
    if (health === 'down') return park(deps, input, 'unavailable');
    if (!booking?.picture || booking.mergedInto !== null) {
      return { kind: 'skipped', version: booking?.version ?? 0, contactMatch: 'pending' };
    }
    return withPersonLease(deps, input, booking.picture.personId ?? booking.id, async () => {
      try {
        return await syncLocked(deps, input, booking as BookingRow & { picture: Picture });
      } catch (error) {
        return afterFailure(deps, { input, booking, error });
      }
    });
  };
}

/**
 * One writer per person and CRM. The lease outlives a call's deadline, so whoever takes over from a killed writer
 * finds everything applied that ever will be.
 */
async function withPersonLease<T>(
  deps: ActivityDeps,
  input: SyncCrmInput,
  subject: string,
  write: () => Promise<T>,
): Promise<T> {
  const { info } = Context.current();
  const request = {
    name: `crm/${input.connection}/${subject}`,
    // Another attempt of the same activity is another holder: the first one may still be running somewhere.
    holder: `${input.bookingId}#${info.workflowExecution?.runId ?? ''}#${info.activityId}#${info.attempt}`,
    ttlMs: 2 * CALL_DEADLINE_MS,
  };
  const lease = await acquireLease(deps.pool, request);
  if (!lease) throw retryLater('another write for the same person is under way', 3_000 * info.attempt);
  const held = { ...request, fence: lease.fence };
  const renewal = setInterval(() => void renewLease(deps.pool, held).catch(() => false), CALL_DEADLINE_MS / 2);
  try {
    return await write();
  } finally {
    clearInterval(renewal);
    await releaseLease(deps.pool, held);
  }
}

async function syncLocked(
  deps: ActivityDeps,
  input: SyncCrmInput,
  booking: BookingRow & { picture: Picture },
): Promise<SyncCrmResult> {
  const { picture, version } = booking;
  const policy = crmsOf(deps.settings, booking.connection).find((crm) => crm.connection === input.connection);
  const mapping = deps.settings.mapping[input.connection];
  const guest = picture.personId ? await readPerson(deps.pool, deps.vault, picture.personId) : null;
  const decided = picture.crmDecisions[input.connection];
  if (!policy || !mapping || !picture.personId || !guest) {
    return done(deps, {
      input,
      version,
      kind: 'skipped',
      match: 'none',
      reason: guest ? 'this CRM is not configured' : 'the guest is not known',
    });
  }
  const ctx = contextOf(deps, input, booking);
  const wanted = crmPictureOf(picture, mapping);
  const person = await personStep(ctx, {
    id: picture.personId,
    data: guest,
    choice: picture.contactChoices[input.connection] ?? null,
    policy: policy.createPerson,
  });
  if (person.kind === 'no_contact') {
    return done(deps, { input, version, kind: 'skipped', match: 'no_contact', reason: 'a person decided: no contact' });
  }
  if (person.kind === 'ask') return askForContact(deps, { input, booking, person });

  const details = await newestDetails(deps, booking.id);
  const ownerId = await ownerOf(ctx, picture);
  const name = details?.title ?? 'Appointment';
  // After a refusal that a person decided to leave, the deal stays untouched; the appointment is still written.
  const stage = decided?.action === 'skip' ? null : wanted.stage;
  const opportunityId = stage
    ? await opportunityStep(ctx, { personId: person.id, stage, name, ownerId })
    : await knownOpportunity(ctx);
  await inheritedStep(ctx, person.id);
  if (wanted.appointment) {
    await appointmentStep(ctx, {
      appointment: wanted.appointment,
      personId: person.id,
      opportunityId,
      ownerId,
      details,
    });
  }
  await surplusStep(ctx);
  const reason = stage && opportunityId ? await stageStep(ctx, { opportunityId, stage, mapping }) : null;
  return done(deps, { input, version, kind: 'synced', match: person.match, reason });
}

function contextOf(deps: ActivityDeps, input: SyncCrmInput, booking: BookingRow): SyncContext {
  const activity = Context.current();
  return {
    deps,
    crm: deps.crm(input.connection),
    connection: input.connection,
    bookingId: booking.id,
    source: booking.connection,
    version: booking.version,
    nowMs: engineNow,
    call: (action) => {
      // A call that has begun is left to end; a canceled sync stops before the next one.
      if (activity.cancellationSignal.aborted) throw new CancelledFailure('the run continues as new');
      activity.heartbeat(action);
      return {
        operationKey: `${input.connection}/${booking.id}/${booking.version}/${action}`,
        signal: AbortSignal.timeout(CALL_DEADLINE_MS),
      };
    },
  };
}

async function ownerOf(ctx: SyncContext, picture: Picture): Promise<string | null> {
  const host: PersonData | null = picture.hostId
    ? await readPerson(ctx.deps.pool, ctx.deps.vault, picture.hostId)
    : null;
  if (!host?.email) return null;
  const owner = await ctx.crm.findOwner(host.email, ctx.call('find-owner'));
  return owner?.id ?? null;
}

async function done(
  deps: ActivityDeps,
  result: { input: SyncCrmInput; version: number; kind: 'synced' | 'skipped'; match: string; reason: string | null },
): Promise<SyncCrmResult> {
  const { input, version, kind, match } = result;
  // What was asked about this CRM has found its answer without the person, else the write had ended in the task again.
  const asked = { bookingId: input.bookingId, about: input.connection };
  await withdrawTasksAbout(deps.pool, { ...asked, by: 'booking', nowMs: engineNow() });
  await saveContactMatch(deps.pool, input.bookingId, match);
  await saveSync(deps.pool, {
    ...{ bookingId: input.bookingId, connection: input.connection, state: kind, reason: result.reason },
    writtenVersion: version,
  });
  return { kind, version, contactMatch: match };
}

async function askForContact(
  deps: ActivityDeps,
  ask: { input: SyncCrmInput; booking: BookingRow; person: Extract<PersonStep, { kind: 'ask' }> },
): Promise<SyncCrmResult> {
  const contactMatch = ask.person.candidates.length > 0 ? 'ambiguous' : 'none';
  const task = await openCrmTask(deps, {
    ...{ input: ask.input, booking: ask.booking, kind: 'match_contact' },
    evidence: { reason: ask.person.reason, candidates: ask.person.candidates },
  });
  await saveContactMatch(deps.pool, ask.booking.id, contactMatch);
  await saveSync(deps.pool, {
    ...{
      bookingId: ask.booking.id,
      connection: ask.input.connection,
      state: 'needs_contact',
      reason: ask.person.reason,
    },
  });
  return {
    kind: 'needs_contact',
    version: ask.booking.version,
    contactMatch,
    task: withEscalation(task, deps.settings.tasks.escalateTo),
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
  const about = open.input.connection;
  return openTask(deps.pool, {
    ...{ kind: open.kind, bookingId: open.booking.id, about, evidence: open.evidence },
    settings: deps.settings.tasks,
    nowMs: engineNow(),
    workflowId: (n) => taskWorkflowId({ kind: open.kind, bookingId: open.booking.id, about, n }),
  });
}

// ---------------------------------------------------------------- failures

/** Turns what went wrong into a retry, a parked booking or a task. Anything unknown is thrown as it is: the engine retries. */
async function afterFailure(
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
    case 'unknown_outcome':
      if (isLast) return park(deps, input, 'unavailable');
      throw retryLater(`${error.errorClass}: ${error.message}`, error.retryAfterMs ?? undefined);
    case 'reauth_required':
      return park(deps, input, 'reauth_required');
    case 'mapping_invalid':
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
      const withOwner = withEscalation(task, deps.settings.tasks.escalateTo);
      return { kind: 'refused', version: booking.version, contactMatch: booking.contactMatch, task: withOwner };
    }
  }
}

async function park(
  deps: ActivityDeps,
  input: SyncCrmInput,
  reason: 'unavailable' | 'reauth_required',
): Promise<SyncCrmResult> {
  const { bookingId, connection } = input;
  await saveSync(deps.pool, { bookingId, connection, state: 'parked', reason });
  await saveHealth(deps.pool, { connection, state: 'down', reason, nowMs: engineNow() });
  // After the row: whoever reads the list because of this signal finds the booking in it.
  await deps.signals.parked({ connection, reason });
  return { kind: 'parked', reason };
}

function retryLater(message: string, afterMs?: number): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'CrmRetry',
    ...(afterMs === undefined ? {} : { nextRetryDelay: afterMs }),
  });
}
