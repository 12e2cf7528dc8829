/** A match rule is taken back. Invariant: the removal and its audit entry are one commit. */
import { removeMatchRule as removeRow } from '../../db/match-rules';
import { withTransaction } from '../../db/pool';
import { addAuditEntry } from '../../db/tasks';
import type { ApiDeps } from '../deps';
import { HttpError } from '../errors';

/** `by` is an opaque operator id. Throws `HttpError` 404 when there is no such rule, or no longer. */
export async function removeMatchRule(deps: Pick<ApiDeps, 'db' | 'nowMs'>, id: string, by: string): Promise<void> {
  const removed = await withTransaction(deps.db, async (tx) => {
    const found = await removeRow(tx, { id, by, nowMs: deps.nowMs() });
    const entry = { nowMs: deps.nowMs(), actor: by, action: 'match_rule.removed', subject: id, detail: {} };
    if (found) await addAuditEntry(tx, entry);
    return found;
  });
  if (removed) return;
  const message = 'There is no match rule with this id, or it was removed before.';
  throw new HttpError({ status: 404, code: 'match_rule_not_found', message });
}
