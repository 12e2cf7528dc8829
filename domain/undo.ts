/**
 * Taking CRM writes back: which records would go back to what, and which are left as they are, and why.
 * Invariant: nothing that was made is deleted, and only our newest writes go back, so that a later one never stands on nothing.
 */

/** One line of the ledger that was not taken back before. */
export interface LedgerLine {
  readonly id: string;
  readonly bookingId: string;
  readonly connection: string;
  readonly type: string;
  readonly action: string;
  readonly crmId: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** Where a deal stands. */
export interface DealPlace {
  readonly pipelineId: string;
  readonly stageId: string;
}

export interface UndoItem {
  /** The booking that wrote it last. */
  readonly bookingId: string;
  readonly connection: string;
  readonly type: string;
  readonly crmId: string;
  /** What is taken back, oldest first. */
  readonly writeIds: readonly string[];
  readonly plan: UndoPlan;
}

export type UndoPlan =
  | {
      readonly kind: 'revert';
      /** What we wrote last: only a record that still holds it goes back. */
      readonly expect: DealPlace;
      readonly restore: DealPlace;
      /** What of it was written here before; null: `restore` is where somebody else had put it. */
      readonly lastWritten: DealPlace | null;
      /** A person decided that it goes back from where somebody else had put it meanwhile. */
      readonly decided?: true;
    }
  | { readonly kind: 'leave'; readonly why: string };

/** `lines`: all that stand of the records concerned, oldest first. `selected`: ids of those that are to be taken back. */
export function planUndo(lines: readonly LedgerLine[], selected: ReadonlySet<string>): UndoItem[] {
  const records = new Map<string, LedgerLine[]>();
  for (const line of lines.filter(isChange)) {
    const key = `${line.connection} ${line.type} ${line.crmId}`;
    records.set(key, [...(records.get(key) ?? []), line]);
  }
  return [...records.values()].flatMap((ofRecord) => itemOf(ofRecord, selected));
}

/** A record that was found was not changed by finding it, and what took something back is not taken back itself. */
function isChange({ action }: LedgerLine): boolean {
  return action !== 'adopt' && action !== 'undo' && action !== 'gone';
}

function itemOf(lines: readonly LedgerLine[], selected: ReadonlySet<string>): UndoItem[] {
  const last = lines.at(-1);
  if (last === undefined || !lines.some(({ id }) => selected.has(id))) return [];
  const { bookingId, connection, type, crmId } = last;
  const end = lines.findLastIndex(({ id, action }) => !selected.has(id) || action === 'create') + 1;
  const taken = lines.slice(end);
  const plan = planOf(
    lines.slice(0, end),
    taken,
    lines.filter(({ id }) => selected.has(id)),
  );
  const writeIds = plan.kind === 'revert' ? taken.map(({ id }) => id) : [];
  return [{ bookingId, connection, type, crmId, writeIds, plan }];
}

function planOf(standing: readonly LedgerLine[], taken: readonly LedgerLine[], asked: readonly LedgerLine[]): UndoPlan {
  const leave = (why: string): UndoPlan => ({ kind: 'leave', why });
  const [first, last] = [taken[0], taken.at(-1)];
  if (first === undefined || last === undefined) {
    const isMade = asked.some(({ action }) => action === 'create') && standing.at(-1)?.action === 'create';
    return leave(isMade ? 'it was made here, and nothing is deleted' : 'a later write of ours stands on it');
  }
  if (last.type !== 'opportunity') return leave(WHY_LEFT[last.type] ?? 'writes of this kind are not taken back');
  const expect = placeOf(last.after, null);
  const restore = placeOf(first.before, expect);
  if (expect === null || restore === null) return leave('what was there before was not written down');
  const before = placeOf(standing.at(-1)?.after ?? null, expect);
  const isOurs = before !== null && before.stageId === restore.stageId && before.pipelineId === restore.pipelineId;
  return { kind: 'revert', expect, restore, lastWritten: isOurs ? before : null };
}

const WHY_LEFT: Readonly<Record<string, string>> = {
  appointment: 'it shows the booking itself: decide about the booking, and the appointment follows',
  person: 'who somebody is does not depend on the mapping',
  lead: 'the status of a person follows their bookings: it is written anew with the next of them',
};

/** Lines from before pipelines were written down are about the pipeline of the line after them. */
function placeOf(written: Readonly<Record<string, unknown>> | null, other: DealPlace | null): DealPlace | null {
  const stageId = written?.stageId;
  const pipelineId = written?.pipelineId ?? other?.pipelineId;
  return typeof stageId === 'string' && typeof pipelineId === 'string' ? { pipelineId, stageId } : null;
}

export type UndoVerdict =
  | { readonly kind: 'revert' }
  /** It stands where it stood before: an earlier attempt, or a person, put it there. */
  | { readonly kind: 'done' }
  /** Somebody changed it since: a person decides. */
  | { readonly kind: 'conflict'; readonly why: string }
  | { readonly kind: 'leave'; readonly why: string };

/** What is done about a deal as the CRM shows it now; null: it is gone. */
export function judgeUndo(
  plan: Extract<UndoPlan, { kind: 'revert' }>,
  now: { readonly pipelineId: string | null; readonly stageId: string | null; readonly archived: boolean } | null,
): UndoVerdict {
  if (now === null || now.archived) return { kind: 'leave', why: 'the record is gone' };
  const isAt = (place: DealPlace): boolean => now.stageId === place.stageId && now.pipelineId === place.pipelineId;
  if (isAt(plan.expect)) return { kind: 'revert' };
  return isAt(plan.restore) ? { kind: 'done' } : { kind: 'conflict', why: 'a person changed it since' };
}

const SUBJECT = 'undo-';

/** What a task about a record is about that somebody changed since we wrote it: "undo-hubspot-main/42". */
export const undoSubject = (of: { readonly connection: string; readonly crmId: string }): string =>
  `${SUBJECT}${of.connection}/${of.crmId}`;

/** Which record of which undo a task asks about, and where the record stood when it was asked; null: it asks about something else. */
export function askedUndo(task: {
  readonly about: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}): { readonly undoId: string; readonly ordinal: number; readonly shown: DealPlace } | null {
  const { undoId, ordinal, crm } = task.evidence;
  const shown = placeOf(crm as Readonly<Record<string, unknown>> | null, null);
  if (!task.about.startsWith(SUBJECT) || typeof undoId !== 'string' || typeof ordinal !== 'number') return null;
  return shown && { undoId, ordinal, shown };
}
