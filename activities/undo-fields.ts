/**
 * Takes our writes of one appointment, person, lead or note back, field by field.
 * Invariant: what still holds our value goes back, the rest is asked about in one task; values stay in this process.
 */
import { readLink, personKey } from '../db/crm-ledger';
import type { BookingRow } from '../db/bookings';
import { withTransaction } from '../db/pool';
import type { PlannedUndo, UndoKey } from '../db/undo';
import { noteUndoAttempt, readWrites, recordFieldsUndone, type WriteToUndo } from '../db/undo-fields';
import type { FieldsPlan } from '../domain/undo';
import {
  appointmentValues,
  changesOf,
  judgeCancel,
  judgeFields,
  type FieldChange,
  type FieldValues,
} from '../domain/undo-fields';
import type { Crm, CrmCall } from '../integrations/ports';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { undoneKind } from './undo-kinds';

export interface FieldsToUndo {
  readonly key: UndoKey;
  readonly item: PlannedUndo & { readonly plan: FieldsPlan };
  readonly booking: BookingRow;
  readonly crm: Crm;
  readonly call: (action: string) => CrmCall;
}

export type FieldsUndone =
  | { readonly kind: 'reverted' }
  | { readonly kind: 'left'; readonly why: string }
  /** Names of the fields that somebody changed since. */
  | { readonly kind: 'conflict'; readonly held: readonly string[] };

const left = (why: string): FieldsUndone => ({ kind: 'left', why });
const GONE = left('the record is gone');

export async function undoFields(deps: ActivityDeps, of: FieldsToUndo): Promise<FieldsUndone> {
  const { key, item, crm, call } = of;
  const { how, decided = false } = item.plan;
  const kind = undoneKind(item.type, how);
  const personId = item.type === 'note' ? await contactOf(deps, of) : item.crmId;
  if (kind === null || personId === null) return GONE;
  const writes = await readWrites(deps.pool, deps.vault, item);
  const changes = changesToUndo(how, writes);
  if (changes.length === 0) return left('what was there before can not be read any more');
  const record = { id: item.crmId, personId, crm, call };
  const fields = changes.map(({ field }) => field);
  const now = await kind.read(record, fields);
  if (now === null) return GONE;
  const judged =
    how === 'cancel' ? judgeCancel(lastWritten(writes), now, { decided }) : judgeFields(changes, now, { decided });
  const link = kind.linkAfter(
    changes.filter(({ field }) => !judged.held.some((one) => one.field === field)),
    writes,
  );
  if (judged.back.length > 0) {
    await noteUndoAttempt(deps.pool, item, link);
    if (!(await kind.write(record, judged.back))) return GONE;
    await deps.failPoint('crm-applied-before-ledger');
  }
  const isWhole = judged.held.length === 0;
  if (isWhole || judged.back.length > 0) {
    const done = { key, item, fields: judged.back.map(({ field }) => field), link, isWhole, nowMs: engineNow() };
    await withTransaction(deps.pool, (tx) => recordFieldsUndone(tx, done));
  }
  return isWhole ? { kind: 'reverted' } : { kind: 'conflict', held: judged.held.map(({ field }) => field) };
}

function changesToUndo(how: FieldsPlan['how'], writes: readonly WriteToUndo[]): FieldChange[] {
  if (how === 'amend') return [{ field: 'text', expect: null, restore: 'amended' }];
  if (how === 'cancel') return [{ field: 'outcome', expect: null, restore: 'canceled' }];
  return changesOf(writes.map(({ write }) => write));
}

const lastWritten = (writes: readonly WriteToUndo[]): FieldValues =>
  appointmentValues(writes.at(-1)?.writtenAfter ?? null);

/** The guest's contact: where the note is. */
async function contactOf({ pool }: ActivityDeps, { item, booking }: FieldsToUndo): Promise<string | null> {
  const personId = booking.picture?.personId ?? null;
  if (personId === null) return null;
  const link = await readLink(pool, { connection: item.connection, type: 'person', externalKey: personKey(personId) });
  return link?.crmId ?? null;
}
