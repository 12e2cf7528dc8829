/** CRM writes are taken back: what the JSON API and the console do with it. Invariant: the plan and its audit entry are stored before its workflow is started. */
import { withTransaction } from '../../db/pool';
import { addAuditEntry } from '../../db/tasks';
import { startUndo, type UndoSelection } from '../../db/undo';
import type { UndoItem } from '../../domain/undo';
import type { ApiDeps } from '../deps';
import { engineAway } from '../errors';

/** Returns the run's id. `by` is an opaque operator id. Throws `HttpError` 503 where the plan is stored and Temporal could not be told. */
export async function runUndo(
  { db, engine, nowMs: now }: Pick<ApiDeps, 'db' | 'engine' | 'nowMs'>,
  of: { readonly selection: UndoSelection; readonly items: readonly UndoItem[]; readonly by: string },
): Promise<string> {
  const nowMs = now();
  const undo = await withTransaction(db, async (tx) => {
    const id = await startUndo(tx, { ...of, nowMs });
    const detail = { records: of.items.length };
    await addAuditEntry(tx, { nowMs, actor: of.by, action: 'undo.started', subject: id, detail });
    return id;
  });
  if (!(await engine.startUndo(undo))) throw engineAway();
  return undo;
}
