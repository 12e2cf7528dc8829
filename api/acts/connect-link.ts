/** A link with which the owner of an account connects it, once, within ten minutes. Invariant: only its hash is stored, and it leads to our own address. */
import { makeConnectSecret } from '../../db/connect-secrets';
import { withTransaction } from '../../db/pool';
import { addAuditEntry } from '../../db/tasks';
import type { ApiDeps } from '../deps';
import { HttpError } from '../errors';

type Deps = Pick<ApiDeps, 'db' | 'connect' | 'nowMs'>;

/** Returns the address to open. `by` is an opaque operator id. Throws `HttpError`: 404 it is not connected with OAuth, 503 nobody could come back. */
export async function newConnectLink(
  deps: Deps,
  of: { readonly connection: string; readonly by: string },
): Promise<string> {
  const { connection, by } = of;
  const { connectors, publicUrl } = deps.connect;
  if (!connectors.has(connection)) {
    const message = 'No connection of that name is connected with OAuth; its settings need "oauth".';
    throw new HttpError({ status: 404, code: 'connection_not_found', message });
  }
  if (publicUrl === null) {
    const message =
      'Nothing can be connected yet: "publicUrl" is not set in booksync.yaml; expected where browsers reach this service.';
    throw new HttpError({ status: 503, code: 'not_ready', message });
  }
  const nowMs = deps.nowMs();
  const secret = await withTransaction(deps.db, async (tx) => {
    const entry = { nowMs, actor: by, action: 'connection.link_made', subject: connection, detail: {} };
    await addAuditEntry(tx, entry);
    return makeConnectSecret(tx, { kind: 'link', connection, nowMs });
  });
  return `${publicUrl.replace(/\/+$/, '')}/connect/${encodeURIComponent(connection)}?link=${secret}`;
}
