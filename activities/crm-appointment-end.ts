/**
 * How a look at an appointment that a person made in a CRM ends: booked, left alone, asked about, or tried again later.
 * Invariant: every end is in the record's row in the same commit as its task and what is fed to the inbox.
 */
import { renewEvidence } from '../db/crm-read-back';
import { settleAppointment } from '../db/crm-appointments';
import { feedRead } from '../db/source-reads';
import { withTransaction } from '../db/pool';
import { withdrawConnectionTasks } from '../db/tasks';
import { appointmentSubject, type AskedReason, type LeftReason } from '../domain/crm-appointment';
import { CrmError, type SourceRead } from '../integrations/ports';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { askPerson, openedTask, type OpenTask } from './open-task';
import { readFailure, tellRefusal } from './source-trouble';
import { retryLater } from './sync-outcome';

export interface BookCrmAppointmentInput {
  readonly connection: string;
  readonly crmId: string;
}

/** What a look at the record came to. */
export type AppointmentEnd =
  | { readonly kind: 'booked'; readonly read: SourceRead; readonly source: string }
  | { readonly kind: 'left'; readonly reason: LeftReason }
  | { readonly kind: 'ask'; readonly reason: AskedReason };

export interface SettledAppointment {
  readonly kind: 'booked' | 'left' | 'asked';
  readonly reason: string | null;
  readonly task: OpenTask | null;
  /** Workflows of tasks whose question has found its answer. */
  readonly withdrawn: readonly string[];
}

/** A person has to connect the account again, which is asked elsewhere. */
const WHILE_NOT_CONNECTED_MS = 10 * 60_000;

export async function settle(
  deps: ActivityDeps,
  input: BookCrmAppointmentInput,
  end: AppointmentEnd,
): Promise<SettledAppointment> {
  const { connection, crmId } = input;
  const key = { connection, crmId };
  const about = appointmentSubject(key);
  const nowMs = engineNow();
  const { log } = deps;
  log.info(
    { connection, record: crmId, end: end.kind, ...('reason' in end && { reason: end.reason }) },
    'CRM appointment',
  );
  return withTransaction(deps.pool, async (tx): Promise<SettledAppointment> => {
    if (end.kind === 'ask') {
      await settleAppointment(tx, key, { state: 'asked', reason: end.reason });
      const evidence = { field: end.reason, connection, crmId };
      const task = await askPerson(tx, deps, { kind: 'conflict', bookingId: null, about, evidence, nowMs });
      await renewEvidence(tx, task.id, evidence);
      return { kind: 'asked', reason: end.reason, task: openedTask(deps, task), withdrawn: [] };
    }
    if (end.kind === 'booked') {
      const { read, source } = end;
      await settleAppointment(tx, key, { state: 'booked', uid: read.uid });
      // Its webhook may be lost; of the two, the later one repeats the other.
      await feedRead(tx, deps.vault, { connection: source, read, origin: 'lookup', nowMs: read.readAtMs });
    } else {
      await settleAppointment(tx, key, { state: 'left', reason: end.reason });
    }
    const withdrawn = await withdrawConnectionTasks(tx, { connection: about, by: 'crm', nowMs });
    return { kind: end.kind, reason: end.kind === 'left' ? end.reason : null, task: null, withdrawn };
  });
}

/** Throws what makes the engine try again; what no repetition mends is asked about. */
export async function asRetryOrRefusal(
  deps: ActivityDeps,
  of: { readonly connection: string; readonly source: string },
  error: unknown,
): Promise<AppointmentEnd> {
  if (error instanceof CrmError) return afterCrmError(deps, of.connection, error);
  if (!(error instanceof Error) || error.name !== 'SourceError') throw error;
  const failed = readFailure(error);
  if ('failure' in failed) throw failed.failure;
  if (failed.refusal !== 'reauth_required') return { kind: 'ask', reason: 'refused' };
  await tellRefusal(deps, of.source, failed.refusal);
  throw retryLater('the source refuses our credentials', WHILE_NOT_CONNECTED_MS);
}

async function afterCrmError(deps: ActivityDeps, connection: string, error: CrmError): Promise<AppointmentEnd> {
  switch (error.errorClass) {
    case 'rate_limited':
    case 'unavailable':
    case 'unknown_outcome':
      throw retryLater(`${error.errorClass}: ${error.message}`, error.retryAfterMs ?? undefined);
    case 'reauth_required':
    case 'scope_missing':
    case 'account_inactive':
      await deps.signals.parked({ connection, reason: error.errorClass });
      throw retryLater('the CRM refuses our credentials', WHILE_NOT_CONNECTED_MS);
    case 'target_gone':
      return { kind: 'left', reason: 'gone' };
    default:
      return { kind: 'ask', reason: 'refused' };
  }
}
