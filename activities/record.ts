/**
 * record: folds all facts of a booking and writes what follows from them: picture, verdicts, message plan, tasks.
 * Invariant: idempotent and level-triggered; running it twice, or on another worker, changes nothing the second time.
 */
import { isDeepStrictEqual } from 'node:util';
import { Context } from '@temporalio/activity';
import type { BookingStatus, Picture } from '../domain/booking';
import { asksForMore, crmPictureOf } from '../domain/crm-picture';
import { deadlinesOf, minuteOf, reviewDueAtMs, type Deadline } from '../domain/deadlines';
import { fold } from '../domain/fold';
import { taskWorkflowId } from '../domain/ids';
import type { Fact, Verdict } from '../domain/facts';
import { reconcileMessages } from '../domain/messages';
import type { TaskKind } from '../domain/tasks';
import { lockBooking, savePicture, type BookingRow } from '../db/bookings';
import { ensureSync, readSyncs, saveSync, type SyncState } from '../db/crm-ledger';
import { readFacts, saveVerdicts, type StoredFact } from '../db/facts';
import { insertMessages, readMessages, replanMessages } from '../db/messages';
import { withTransaction, type Db } from '../db/pool';
import { openTask, readOpenTasks, settleTask, type TaskRow } from '../db/tasks';
import { crmsOf, type ActivityDeps } from './deps';
import { engineNow } from './engine-clock';

export interface OpenTask {
  readonly id: string;
  readonly workflowId: string;
  readonly kind: TaskKind;
  readonly about: string;
  readonly owner: string;
  readonly dueAtMs: number;
  readonly remindAtMs: number;
  readonly escalateTo: readonly string[];
}

export interface Recorded {
  readonly kind: 'recorded';
  readonly status: BookingStatus;
  readonly statusReason: string | null;
  readonly version: number;
  readonly source: string;
  readonly slotStartMs: number | null;
  readonly uids: readonly string[];
  readonly contactMatch: string;
  /** Earliest first. */
  readonly deadlines: readonly Deadline[];
  readonly crms: readonly { readonly connection: string; readonly state: SyncState; readonly writtenVersion: number }[];
  readonly openTasks: readonly OpenTask[];
  /** The last ten facts, newest first, as sentences without personal data. */
  readonly recentFacts: readonly string[];
}

export type RecordResult =
  | Recorded
  /** The booking turned out to be another one's; that one lives on. */
  | { readonly kind: 'merged'; readonly into: string }
  /** Nothing is stored under this id: somebody started the workflow by hand. */
  | { readonly kind: 'unknown' };

export interface RecordInput {
  readonly bookingId: string;
  /** Workflow time of the caller. A retry hours later uses the engine's clock instead. */
  readonly nowMs: number;
}

export function createRecord(deps: ActivityDeps) {
  return async function record(input: RecordInput): Promise<RecordResult> {
    const nowMs = Context.current().info.isLocal ? input.nowMs : Math.max(input.nowMs, engineNow());
    return withTransaction(deps.pool, async (tx) => {
      const booking = await lockBooking(tx, input.bookingId);
      if (!booking) return { kind: 'unknown' };
      if (booking.mergedInto !== null) return { kind: 'merged', into: booking.mergedInto };
      const stored = await readFacts(tx, booking.id);
      if (stored.length === 0) return { kind: 'unknown' };

      const { picture, verdicts } = fold(
        stored.map((row) => row.fact),
        nowMs,
      );
      await saveVerdicts(tx, changedVerdicts(stored, verdicts));
      const version = await savePictureIfChanged(tx, { booking, picture, nowMs });
      await deps.failPoint('record');
      const deadlines = await planAhead(tx, deps, { booking, picture, nowMs });
      const openTasks = await readOpenTasks(tx, booking.id);
      for (const { connection } of crmsOf(deps.settings, booking.connection))
        await ensureSync(tx, booking.id, connection);
      if (stored.every((row) => row.outcome !== null)) await carryOverSyncs(tx, deps, { booking, picture, version });
      const syncs = await readSyncs(tx, booking.id);
      return {
        kind: 'recorded',
        status: picture.status,
        statusReason: picture.statusReason,
        version,
        source: booking.connection,
        slotStartMs: picture.slot?.startMs ?? null,
        uids: picture.chain,
        contactMatch: booking.contactMatch,
        deadlines,
        crms: syncs.map(({ connection, state, writtenVersion }) => ({ connection, state, writtenVersion })),
        openTasks: openTasks.map((task) => withEscalation(task, deps.settings.tasks.escalateTo)),
        recentFacts: recentFacts(stored, verdicts),
      };
    });
  };
}

async function savePictureIfChanged(
  tx: Db,
  save: { booking: BookingRow; picture: Picture; nowMs: number },
): Promise<number> {
  const { booking, picture } = save;
  const unchanged = booking.picture !== null && isDeepStrictEqual(booking.picture, JSON.parse(JSON.stringify(picture)));
  if (unchanged && booking.closedAtMs === null) return booking.version;
  const version = unchanged ? booking.version : booking.version + 1;
  await savePicture(tx, { id: booking.id, version, picture, nowMs: save.nowMs });
  return version;
}

/** Brings messages and the review task in line with the picture and says when the booking acts next. */
async function planAhead(
  tx: Db,
  deps: ActivityDeps,
  from: { booking: BookingRow; picture: Picture; nowMs: number },
): Promise<Deadline[]> {
  const { booking, picture, nowMs } = from;
  const { messages: policy, outcome, tasks } = deps.settings;
  const { insert, update } = reconcileMessages(await readMessages(tx, booking.id), picture, { policy, outcome, nowMs });
  await insertMessages(tx, booking.id, insert);
  await replanMessages(tx, booking.id, update);
  const messages = await readMessages(tx, booking.id);

  const open = await readOpenTasks(tx, booking.id);
  for (const task of open.filter((row) => isObsolete(row, picture))) {
    await settleTask(tx, { id: task.id, state: 'withdrawn', decision: null, by: 'booking', nowMs });
  }
  let reviewIsOpen = open.some((task) => task.kind === 'no_show_review');
  const reviewAtMs = reviewDueAtMs(picture, outcome);
  if (reviewAtMs !== null && nowMs >= reviewAtMs && !reviewIsOpen) {
    await openTask(tx, {
      kind: 'no_show_review',
      bookingId: booking.id,
      about: 'outcome',
      evidence: { noShowSuspected: picture.noShowSuspected, slotEndMs: picture.slot?.endMs ?? null },
      settings: tasks,
      nowMs,
      workflowId: (n) => taskWorkflowId({ kind: 'no_show_review', bookingId: booking.id, about: 'outcome', n }),
    });
    reviewIsOpen = true;
  }
  return deadlinesOf({
    picture,
    messages: messages.filter((message) => message.state === 'planned'),
    settings: outcome,
    reviewIsOpen,
  });
}

/** Only the clock has moved: a CRM that shows what it should show needs no write for the new version. */
async function carryOverSyncs(
  tx: Db,
  deps: ActivityDeps,
  to: { booking: BookingRow; picture: Picture; version: number },
): Promise<void> {
  const { booking, picture, version } = to;
  if (booking.picture === null || version === booking.version) return;
  for (const sync of await readSyncs(tx, booking.id)) {
    const mapping = deps.settings.mapping[sync.connection];
    if (!mapping || sync.state !== 'synced' || sync.writtenVersion !== booking.version) continue;
    if (asksForMore(crmPictureOf(booking.picture, mapping), crmPictureOf(picture, mapping))) continue;
    await saveSync(tx, {
      bookingId: booking.id,
      connection: sync.connection,
      state: 'synced',
      reason: sync.reason,
      writtenVersion: version,
    });
  }
}

/** A task whose question the booking has answered by itself. */
function isObsolete(task: TaskRow, picture: Picture): boolean {
  return task.kind === 'no_show_review' && picture.status !== 'awaiting_outcome';
}

export function withEscalation(task: TaskRow, escalateTo: readonly string[]): OpenTask {
  const { id, workflowId, kind, about, owner, dueAtMs, remindAtMs } = task;
  return { id, workflowId, kind, about, owner, dueAtMs, remindAtMs, escalateTo };
}

function changedVerdicts(stored: readonly StoredFact[], verdicts: readonly Verdict[]): Verdict[] {
  const before = new Map(stored.map((row) => [row.fact.id, row]));
  return verdicts.filter((verdict) => {
    const row = before.get(verdict.factId);
    return row?.outcome !== verdict.outcome || row.why !== verdict.why;
  });
}

function recentFacts(stored: readonly StoredFact[], verdicts: readonly Verdict[]): string[] {
  const verdictOf = new Map(verdicts.map((verdict) => [verdict.factId, verdict]));
  const newestFirst = stored
    .map((row) => row.fact)
    .sort((a, b) => b.receivedAtMs - a.receivedAtMs || (a.id < b.id ? 1 : -1));
  return newestFirst.slice(0, 10).map((fact: Fact) => {
    const verdict = verdictOf.get(fact.id);
    return `${minuteOf(fact.receivedAtMs)} ${fact.type} (${verdict?.outcome ?? 'new'}): ${verdict?.why ?? ''}`;
  });
}
