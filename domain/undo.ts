/**
 * Taking CRM writes back: which records would go back to what, and which are left as they are, and why.
 * Invariant: nothing that was made is deleted (an appointment is canceled, a note says that it no longer holds), and only our newest
 * writes go back, so that a later one never stands on nothing.
 */
import { changesOf, fieldWriteOf } from './undo-fields';

export const UNDO_KINDS = ['opportunity', 'appointment', 'person', 'lead', 'note'] as const;
export type UndoKind = (typeof UNDO_KINDS)[number];

/** What a mapping decides. Who somebody is and when their appointment is do not depend on it: those go back where they are named. */
export const MAPPED_KINDS: readonly UndoKind[] = ['opportunity', 'lead', 'note'];

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
  | FieldsPlan
  | { readonly kind: 'leave'; readonly why: string };

/** Values are in the ledger, personal ones sealed: here are names only. */
export interface FieldsPlan {
  readonly kind: 'fields';
  /** `cancel`: an appointment that was made here. `amend`: a note, which then says that it no longer holds. */
  readonly how: 'restore' | 'cancel' | 'amend';
  readonly fields: readonly string[];
  /** What would happen, for people. Nothing personal. */
  readonly words: string;
  /** A person decided that it goes back from whatever somebody else had made of it. */
  readonly decided?: true;
}

/** What would happen to a record, or why nothing does. */
export function undoWords(plan: UndoPlan): string {
  if (plan.kind === 'leave') return plan.why;
  return plan.kind === 'fields' ? plan.words : `${plan.expect.stageId} → ${plan.restore.stageId}`;
}

/**
 * `lines`: all that stand of the records concerned, oldest first. `selected`: ids of those that are to be taken back.
 * `kinds`: of which kinds of records; the others are listed as left.
 */
export function planUndo(
  lines: readonly LedgerLine[],
  selected: ReadonlySet<string>,
  kinds: readonly UndoKind[] = UNDO_KINDS,
): UndoItem[] {
  const records = new Map<string, LedgerLine[]>();
  for (const line of lines.filter(isChange)) {
    const key = `${line.connection} ${line.type} ${line.crmId}`;
    records.set(key, [...(records.get(key) ?? []), line]);
  }
  return [...records.values()].flatMap((ofRecord) => itemOf(ofRecord, { selected, kinds }));
}

/** A record that was found was not changed by finding it, and what took something back is not taken back itself. */
function isChange({ type, action, after }: LedgerLine): boolean {
  if (type === 'person' && Array.isArray(after?.filled) && after.filled.length === 0) return false;
  return action !== 'adopt' && action !== 'undo' && action !== 'gone';
}

interface Asked {
  readonly selected: ReadonlySet<string>;
  readonly kinds: readonly UndoKind[];
}

function itemOf(lines: readonly LedgerLine[], asked: Asked): UndoItem[] {
  const last = lines.at(-1);
  if (last === undefined || !lines.some(({ id }) => asked.selected.has(id))) return [];
  const { bookingId, connection, type, crmId } = last;
  const { taken, plan } = planOf(lines, asked);
  const writeIds = plan.kind === 'leave' ? [] : taken.map(({ id }) => id);
  return [{ bookingId, connection, type, crmId, writeIds, plan }];
}

interface Planned {
  /** What goes back, oldest first. */
  readonly taken: readonly LedgerLine[];
  readonly plan: UndoPlan;
}

const leave = (why: string): Planned => ({ taken: [], plan: { kind: 'leave', why } });

function planOf(lines: readonly LedgerLine[], { selected, kinds }: Asked): Planned {
  const type = UNDO_KINDS.find((kind) => kind === lines[0]?.type);
  if (type === undefined) return leave('writes of this kind are not taken back');
  if (!kinds.includes(type)) return leave(`it does not depend on the mapping: name the kind "${type}" to take it back`);
  const ours = lines.slice(0, lines.findLastIndex(isOurs) + 1);
  const end = ours.findLastIndex((line) => !selected.has(line.id) || !isOurs(line) || line.action === 'create') + 1;
  const made = ours[end - 1];
  const isMade = made?.action === 'create' && selected.has(made.id);
  if (isMade && (type === 'appointment' || type === 'note')) {
    const taken = ours.slice(end - 1);
    return { taken, plan: type === 'note' ? AMENDED : CANCELED };
  }
  const taken = ours.slice(end);
  if (taken.length === 0) return leave(whyNothingGoesBack(ours.at(-1) ?? lines[0], { isMade }));
  return type === 'opportunity' ? dealPlan(ours.slice(0, end), taken) : fieldsPlan(taken);
}

/** What a person changed there, and our taking note of it, is nothing of ours. */
function isOurs({ type, action }: LedgerLine): boolean {
  return type === 'opportunity' || ['create', 'update', 'link', 'fill'].includes(action);
}

function whyNothingGoesBack(line: LedgerLine | undefined, { isMade }: { readonly isMade: boolean }): string {
  if (isMade) return 'it was made here, and nothing is deleted';
  if (line !== undefined && !isOurs(line)) return WHY_LEFT[line.action] ?? 'nothing of ours stands there';
  return 'a later write of ours stands on it';
}

const WHY_LEFT: Readonly<Record<string, string>> = {
  capture: 'source and owner were given once to somebody who was made here',
  cancel_surplus: 'it is a surplus one: its booking has another appointment',
};

const CANCELED: FieldsPlan = {
  kind: 'fields',
  how: 'cancel',
  fields: ['outcome'],
  words: 'canceled with the reason in its text, because it was made here',
};
const AMENDED: FieldsPlan = {
  kind: 'fields',
  how: 'amend',
  fields: ['text'],
  words: 'its text says that it no longer holds',
};

function fieldsPlan(taken: readonly LedgerLine[]): Planned {
  const writes = taken.map((line) => fieldWriteOf(line, null));
  const sealed = taken.flatMap(({ after }) => (Array.isArray(after?.words) ? after.words.map(String) : []));
  const fields = [...new Set([...writes.flatMap(({ after }) => Object.keys(after)), ...sealed])];
  if (fields.length === 0)
    return leave('what was there before was not written down, or only a text or a place was written');
  const outcome = changesOf(writes).find(({ field }) => field === 'outcome');
  const named = fields.map((field) =>
    field === 'outcome' && outcome ? `outcome ${outcome.expect} → ${outcome.restore}` : field,
  );
  return { taken, plan: { kind: 'fields', how: 'restore', fields, words: named.join(', ') } };
}

function dealPlan(standing: readonly LedgerLine[], taken: readonly LedgerLine[]): Planned {
  const expect = placeOf(taken.at(-1)?.after ?? null, null);
  const restore = placeOf(taken[0]?.before ?? null, expect);
  if (expect === null || restore === null) return leave('what was there before was not written down');
  const before = placeOf(standing.at(-1)?.after ?? null, expect);
  const isOurs = before !== null && before.stageId === restore.stageId && before.pipelineId === restore.pipelineId;
  return { taken, plan: { kind: 'revert', expect, restore, lastWritten: isOurs ? before : null } };
}

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

/** What a task about a record is about that somebody changed since we wrote it: "undo-hubspot-main/42", "undo-hubspot-main/lead/42". */
export function undoSubject(of: {
  readonly connection: string;
  readonly type: string;
  readonly crmId: string;
}): string {
  return `${SUBJECT}${of.connection}/${of.type === 'opportunity' ? '' : `${of.type}/`}${of.crmId}`;
}

/**
 * Which record of which undo a task asks about; null: it asks about something else. `shown`: where a deal stood when it was asked;
 * null: another record, of which every field goes back that was asked about.
 */
export function askedUndo(task: {
  readonly about: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}): { readonly undoId: string; readonly ordinal: number; readonly shown: DealPlace | null } | null {
  const { undoId, ordinal, crm } = task.evidence;
  if (!task.about.startsWith(SUBJECT) || typeof undoId !== 'string' || typeof ordinal !== 'number') return null;
  const shown = placeOf((crm ?? null) as Readonly<Record<string, unknown>> | null, null);
  return shown === null && !Array.isArray(task.evidence.fields) ? null : { undoId, ordinal, shown };
}
