/**
 * record: folds all facts of a booking and writes what follows from them: picture, verdicts, message plan, tasks.
 * Invariant: idempotent and level-triggered; running it twice, or on another worker, changes nothing the second time.
 */
import { isDeepStrictEqual } from 'node:util';
import { Context } from '@temporalio/activity';
import type { BookingStatus, Picture } from '../domain/booking';
import { asksForMore, crmPictureOf } from '../domain/crm-picture';
import { deadlinesOf, LEFT_SENDING, minuteOf, type Deadline, type PlannedMessage } from '../domain/deadlines';
import { fold } from '../domain/fold';
import type { Fact, Verdict } from '../domain/facts';
import { reconcileMessages, type Message } from '../domain/messages';
import type { FoldPolicy } from '../domain/settings';
import { shownUids } from '../domain/shown-uids';
import { lockBooking, savePicture, type BookingRow } from '../db/bookings';
import { ensureSyncs, saveSync, type CrmSync, type SyncState } from '../db/crm-ledger';
import { readFacts, saveVerdicts, type StoredFact } from '../db/facts';
import { insertMessages, readMessages, replanMessages, type MessageRow } from '../db/messages';
import { hasEmail } from '../db/persons';
import { withTransaction, type Db } from '../db/pool';
import { readOpenTasks, type TaskRow } from '../db/tasks';
import { isAsked, keepTasks } from './booking-tasks';
import { crmsOf, leadsOf, type ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { keepLeadScore } from './lead-score';
import { openedTask, type OpenTask } from './open-task';
import { keepReportLine } from './report-line';
import { sourceWriteAsked, withoutAnsweredRefusals, type SourceWriteAsked } from './source-asked';

export interface Recorded {
  readonly kind: 'recorded';
  readonly status: BookingStatus;
  readonly statusReason: string | null;
  readonly version: number;
  readonly source: string;
  readonly slotStartMs: number | null;
  /** The root and the newest, no more than a search attribute holds. */
  readonly uids: readonly string[];
  readonly contactMatch: string;
  /** Earliest first. */
  readonly deadlines: readonly Deadline[];
  readonly crms: readonly { readonly connection: string; readonly state: SyncState; readonly writtenVersion: number }[];
  readonly openTasks: readonly OpenTask[];
  /** The last ten facts, newest first, as sentences without personal data. */
  readonly recentFacts: readonly string[];
  /** What was decided here and the source has to be told; absent: nothing. */
  readonly sourceWrite?: SourceWriteAsked;
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
      // Sent together, run in this order: the lock first, so the rest sees all that its former holder wrote.
      const [booking, stored, messages, tasks] = await Promise.all([
        lockBooking(tx, input.bookingId),
        readFacts(tx, input.bookingId),
        readMessages(tx, input.bookingId),
        readOpenTasks(tx, input.bookingId),
      ]);
      if (!booking) return { kind: 'unknown' };
      if (booking.mergedInto !== null) return { kind: 'merged', into: booking.mergedInto };
      if (stored.length === 0) return { kind: 'unknown' };

      const facts = stored.map((row) => row.fact);
      const { picture, ordered, verdicts } = fold(facts, nowMs, foldPolicyOf(deps, booking.connection));
      const fed = crmsOf(deps.settings, booking.connection).map(({ connection }) => connection);
      const [version, syncs, score] = await Promise.all([
        savePictureIfChanged(tx, { booking, picture, nowMs }),
        ensureSyncs(tx, booking.id, fed),
        keepLeadScore(tx, deps, booking),
        saveVerdicts(tx, changedVerdicts(stored, verdicts)),
      ]);
      await deps.failPoint('record');
      const onlyClockMoved = stored.every((row) => row.outcome !== null);
      const [{ deadlines, openTasks }, crms] = await Promise.all([
        planAhead(tx, deps, { booking, picture, messages, tasks, score, nowMs }),
        onlyClockMoved ? carryOverSyncs(tx, deps, { booking, picture, version, syncs }) : syncs,
        keepReportLine(tx, deps, { booking, picture, facts: ordered }),
      ]);
      const asked = await sourceWriteAsked(tx, deps, { booking, picture, facts });
      const leftOpen = await withoutAnsweredRefusals(tx, { openTasks, asked, nowMs });
      return {
        kind: 'recorded',
        status: picture.status,
        statusReason: picture.statusReason,
        version,
        source: booking.connection,
        slotStartMs: picture.slot?.startMs ?? null,
        uids: shownUids(picture.chain),
        contactMatch: booking.contactMatch,
        deadlines,
        crms: crms.map(({ connection, state, writtenVersion }) => ({ connection, state, writtenVersion })),
        openTasks: leftOpen.map((task) => openedTask(deps, task)),
        recentFacts: recentFacts(stored, verdicts),
        ...(asked && { sourceWrite: asked }),
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
  from: {
    booking: BookingRow;
    picture: Picture;
    messages: readonly MessageRow[];
    tasks: readonly TaskRow[];
    /** Null: it has none. */
    score: number | null;
    nowMs: number;
  },
): Promise<{ deadlines: Deadline[]; openTasks: TaskRow[] }> {
  const { booking, picture, tasks, score, nowMs } = from;
  const { messages: policy, outcome } = deps.settings;
  const note = leadsOf(deps.settings, booking.connection)?.note;
  const lead = note && score !== null ? { score, noteAtLeast: note.atLeast } : null;
  const plan = reconcileMessages(from.messages, picture, { policy, outcome, nowMs, wallClock: deps.wallClock, lead });
  const isUnchanged = plan.insert.length + plan.update.length === 0;
  const messages = isUnchanged ? from.messages : await saveMessages(tx, booking.id, plan);

  const isAwaited = picture.status === 'awaiting_outcome' && policy.outcomeAsk;
  const hostIsUnknown = isAwaited && !(await hasEmail(tx, picture.hostId));
  const openTasks = await keepTasks(tx, deps, { booking, picture, tasks, nowMs, hostIsUnknown });
  const deadlines = deadlinesOf({
    picture,
    messages: messages.flatMap(dueMessage),
    settings: outcome,
    wallClock: deps.wallClock,
    reviewIsOpen: isAsked(openTasks, 'no_show_review'),
    staleIsOpen: isAsked(openTasks, 'stale_reschedule'),
    hostIsUnknown,
  });
  return { deadlines, openTasks };
}

/** Longer than sendMessage may take (workflows/activity-options.ts). */
const SENDING_ENDS_WITHIN_MS = 60_000;

/** A run that was lost while it sent a message leaves it in `sending`: whoever records next has it settled, as unknown. */
function dueMessage({ id, kind, state, dueAtMs, sendingAtMs }: MessageRow): PlannedMessage[] {
  if (state === 'planned') return [{ id, kind, dueAtMs }];
  return state === 'sending' ? [{ id, kind: LEFT_SENDING, dueAtMs: (sendingAtMs ?? 0) + SENDING_ENDS_WITHIN_MS }] : [];
}

/** Returns all messages of the booking as they are afterwards. */
async function saveMessages(
  tx: Db,
  bookingId: string,
  plan: { insert: readonly Message[]; update: readonly Message[] },
): Promise<readonly MessageRow[]> {
  const [, , messages] = await Promise.all([
    insertMessages(tx, bookingId, plan.insert),
    replanMessages(tx, bookingId, plan.update),
    readMessages(tx, bookingId),
  ]);
  return messages;
}

/** Only the clock has moved: a CRM that shows what it should show needs no write for the new version. */
async function carryOverSyncs(
  tx: Db,
  deps: ActivityDeps,
  to: { booking: BookingRow; picture: Picture; version: number; syncs: readonly CrmSync[] },
): Promise<readonly CrmSync[]> {
  const { booking, picture, version, syncs } = to;
  const before = booking.picture;
  if (before === null || version === booking.version) return syncs;
  const carryOver = async (sync: CrmSync): Promise<CrmSync> => {
    const mapping = deps.settings.mapping[sync.connection];
    if (!mapping || sync.state !== 'synced' || sync.writtenVersion !== booking.version) return sync;
    const shown = (of: Picture) => crmPictureOf(of, mapping, sync.connection);
    if (asksForMore(shown(before), shown(picture))) return sync;
    const { connection, state, reason } = sync;
    await saveSync(tx, { bookingId: booking.id, connection, state, reason, writtenVersion: version });
    return { ...sync, writtenVersion: version };
  };
  return Promise.all(syncs.map(carryOver));
}

/** What this source's facts are worth. */
function foldPolicyOf({ settings }: ActivityDeps, source: string): FoldPolicy {
  return { trustHeadCount: settings.sync.some((sync) => sync.source === source && sync.trustHeadCount) };
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
