/** Older bookings are written under a mapping: what the JSON API and the console do with it. Invariant: only bookings that it would change, and its audit entry is the same commit. */
import { applyMapping as applyRows, type MappingPreview } from '../../db/mapping-apply';
import { withTransaction } from '../../db/pool';
import { addAuditEntry } from '../../db/tasks';
import type { ApiDeps } from '../deps';
import { engineAway } from '../errors';

/** `by` is an opaque operator id. Throws `HttpError` 503 where it is stored and Temporal could not be told. */
export async function applyMapping(
  { db, engine, nowMs }: Pick<ApiDeps, 'db' | 'engine' | 'nowMs'>,
  of: { readonly connection: string; readonly preview: MappingPreview; readonly by: string },
): Promise<void> {
  const { connection, preview, by } = of;
  const woken = await withTransaction(db, async (tx) => {
    const detail = { version: preview.version, bookings: preview.changed.length };
    await addAuditEntry(tx, { nowMs: nowMs(), actor: by, action: 'mapping.applied', subject: connection, detail });
    return applyRows(tx, connection, preview);
  });
  // What is not told now is found by the next event of the booking: its version is newer than what was written.
  if (!(await engine.wakeBookings(woken))) throw engineAway();
}
