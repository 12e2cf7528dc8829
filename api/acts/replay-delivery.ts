/** A stored delivery is read and replayed. Invariant: a replay and its audit entry are one commit. */
import { readDelivery, replayDelivery as replayRow } from '../../db/deliveries';
import { withTransaction } from '../../db/pool';
import { addAuditEntry } from '../../db/tasks';
import type { ApiDeps } from '../deps';
import { HttpError } from '../errors';

type Deps = Pick<ApiDeps, 'db' | 'vault' | 'nowMs'>;

/** False: it waits for the dispatcher already, or there is none. `by` is an opaque operator id. */
export function replayDelivery(deps: Pick<Deps, 'db' | 'nowMs'>, id: string, by: string): Promise<boolean> {
  return withTransaction(deps.db, async (tx) => {
    const replayed = await replayRow(tx, id);
    if (replayed) {
      const entry = { nowMs: deps.nowMs(), actor: by, action: 'delivery.replayed', subject: id, detail: {} };
      await addAuditEntry(tx, entry);
    }
    return replayed;
  });
}

/** Throws `HttpError`: 404, or 503 while the vault is closed. */
export async function deliveryOr404(deps: Deps, id: string) {
  const vault = deps.vault();
  if (!vault) {
    throw new HttpError({
      status: 503,
      code: 'vault_closed',
      message: 'Stored deliveries can not be opened yet: the database was not reachable since this process started.',
      headers: { 'retry-after': '5' },
    });
  }
  const delivery = await readDelivery(deps.db, vault, id);
  if (delivery) return delivery;
  throw new HttpError({
    status: 404,
    code: 'delivery_not_found',
    message: `No delivery has the id ${id}. List them with GET /api/v1/deliveries.`,
  });
}
