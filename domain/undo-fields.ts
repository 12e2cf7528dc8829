/**
 * Taking back what was written field by field: appointments, people, a lead's status and tags, notes.
 * Invariant: a field goes back only while it holds what we wrote; every other one is left as it is and asked about.
 */
import { folded } from './folded';
import { isSameField, PERSON_FIELDS, type ComparedPerson, type PersonField } from './person-match';

export type FieldValue = string | null;
/** Field → what it holds. May be personal: never to Temporal or into logs. */
export type FieldValues = Readonly<Record<string, FieldValue>>;

/** What one write of ours changed. */
export interface FieldWrite {
  readonly before: FieldValues;
  readonly after: FieldValues;
}

export interface FieldChange {
  readonly field: string;
  /** What we wrote last. */
  readonly expect: FieldValue;
  readonly restore: FieldValue;
}

type Written = Readonly<Record<string, unknown>> | null;

/** What a line of the ledger says of it. */
export interface WrittenLine {
  readonly type: string;
  readonly before: Written;
  readonly after: Written;
}

export const TAG = 'tag ';
const ON = 'on';

/** `words`: the part of the line that is sealed; null: it has none, or its person was erased. */
export function fieldWriteOf(line: WrittenLine, words: FieldWrite | null): FieldWrite {
  const [before, after] = [clearOf(line, 'before'), clearOf(line, 'after')];
  const known = { before: { ...before, ...words?.before }, after: { ...after, ...words?.after } };
  const changed = Object.keys(known.after).filter(
    (field) => known.before[field] !== undefined && known.before[field] !== known.after[field],
  );
  const only = (values: FieldValues) => Object.fromEntries(changed.map((field) => [field, values[field] ?? null]));
  return { before: only(known.before), after: only(known.after) };
}

function clearOf(line: WrittenLine, side: 'before' | 'after'): FieldValues {
  const written = line[side];
  if (line.type === 'appointment') return appointmentValues(written);
  if (line.type !== 'lead') return {};
  // What the field held is sealed; of lines from before that, what we had written before is known.
  return { ...textsIn(written?.values), ...tagsOf(line.after, side) };
}

/** Only tags that this very write gave or took: one that was there already is somebody else's. */
function tagsOf(after: Written, side: 'before' | 'after'): FieldValues {
  const value = (isOn: boolean): FieldValue => (isOn === (side === 'after') ? ON : null);
  const named = (list: unknown, isOn: boolean) =>
    (Array.isArray(list) ? list : []).map((tag) => [`${TAG}${String(tag)}`, value(isOn)] as const);
  return Object.fromEntries([...named(after?.added, true), ...named(after?.removed, false)]);
}

function textsIn(values: unknown): FieldValues {
  const entries = Object.entries((values ?? {}) as object);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Time and outcome of an appointment, as the ledger or a CRM has them. */
export function appointmentValues(held: Written): FieldValues {
  const { status, startMs, endMs } = held ?? {};
  return {
    ...(typeof status === 'string' && { outcome: status }),
    ...(typeof startMs === 'number' && { time: timeText(startMs, typeof endMs === 'number' ? endMs : null) }),
  };
}

/** "2026-11-24T17:00:00Z/2026-11-24T17:30:00Z", to the second, as CRMs keep it. */
function timeText(startMs: number, endMs: number | null): string {
  return [startMs, endMs].map((ms) => (ms === null ? '..' : `${new Date(ms).toISOString().slice(0, 19)}Z`)).join('/');
}

export function slotIn(time: string): { readonly startMs: number; readonly endMs: number | null } {
  const [start = '', end = ''] = time.split('/');
  return { startMs: Date.parse(start), endMs: end === '..' ? null : Date.parse(end) };
}

/** Of several writes, oldest first: from what the last one left to what was there before the first. */
export function changesOf(writes: readonly FieldWrite[]): FieldChange[] {
  const changes = new Map<string, FieldChange>();
  for (const { before, after } of writes) {
    for (const [field, expect] of Object.entries(after)) {
      const known = changes.get(field);
      changes.set(field, { field, expect, restore: known ? known.restore : (before[field] ?? null) });
    }
  }
  return [...changes.values()].filter(({ expect, restore }) => expect !== restore);
}

export interface FieldsJudged {
  /** Written: it still holds what we wrote, or a person decided so. */
  readonly back: readonly FieldChange[];
  /** Somebody changed it since: a person decides. */
  readonly held: readonly FieldChange[];
}

/** `now`: what the record holds; a field that is not there is empty. One that holds what was there before needs nothing. */
export function judgeFields(
  changes: readonly FieldChange[],
  now: FieldValues,
  { decided }: { readonly decided: boolean },
): FieldsJudged {
  const open = changes.filter(({ field, restore }) => !isSame(field, now[field] ?? null, restore));
  const isOurs = ({ field, expect }: FieldChange): boolean => decided || isSame(field, now[field] ?? null, expect);
  return { back: open.filter(isOurs), held: open.filter((change) => !isOurs(change)) };
}

function isSame(field: string, one: FieldValue, other: FieldValue): boolean {
  if (isPersonField(field)) return isSameField(field, one, other);
  return (one?.trim() || null) === (other?.trim() || null);
}

export const isPersonField = (field: string): field is PersonField => PERSON_FIELDS.some((known) => known === field);

/** Tags as a CRM has them, under the names that the ledger's writes give them. */
export function tagValues(tags: readonly string[], named: readonly string[]): FieldValues {
  const held = new Set(tags.map(folded));
  return Object.fromEntries(
    named
      .filter((field) => field.startsWith(TAG))
      .map((field) => [field, held.has(folded(field.slice(TAG.length))) ? ON : null]),
  );
}

// ---------------------------------------------------------------- what a CRM holds now, under the names that the ledger's writes have

interface AppointmentInCrm {
  readonly archived: boolean;
  readonly title: string | null;
  readonly ownerId: string | null;
}

/** Null: the record is gone. */
export function appointmentHeld(found: AppointmentInCrm | null): FieldValues | null {
  if (found === null || found.archived) return null;
  return { ...appointmentValues({ ...found }), title: found.title, owner: found.ownerId };
}

interface PersonInCrm {
  readonly id: string;
  readonly current: ComparedPerson;
}

/** Null: the record is gone. Who was merged away may lead to who is left, and that is somebody else's record. */
export function personHeld(id: string, found: PersonInCrm | null): FieldValues | null {
  if (found?.id !== id) return null;
  const { company: _company, ...held } = found.current;
  return held;
}

interface LeadInCrm {
  readonly values: FieldValues;
  readonly tags: readonly string[];
}

/** Null: the record is gone. `fields`: those that are asked for, tags among them. */
export function leadHeld(found: LeadInCrm | null, fields: readonly string[]): FieldValues | null {
  return found && { ...found.values, ...tagValues(found.tags, fields) };
}

export const isTag = (field: string): boolean => field.startsWith(TAG);

/** An appointment that was made here is canceled, unless somebody moved or marked it since. `written`: what we made of it last. */
export function judgeCancel(
  written: FieldValues,
  now: FieldValues,
  { decided }: { readonly decided: boolean },
): FieldsJudged {
  const [outcome = null, time = null] = [written.outcome, written.time];
  const cancel = { field: 'outcome', expect: outcome, restore: 'canceled' };
  if (now.outcome === cancel.restore) return { back: [], held: [] };
  const expected = [cancel, { field: 'time', expect: time, restore: time }];
  const held = decided ? [] : expected.filter(({ field, expect }) => !isSame(field, now[field] ?? null, expect));
  return held.length > 0 ? { back: [], held } : { back: [cancel], held };
}
