/** `/api/v1/connections`: whether each connection answers, and what its watchdogs found. */
import { Router } from 'express';
import type { z } from 'zod';
import { readConnections, type ConnectionView } from '../../db/connection-view';
import type { ApiDeps } from '../deps';
import { isoInstant } from './instant';
import type { connectionSchema } from './mapping-schemas';

export function connectionRoutes(deps: Pick<ApiDeps, 'db' | 'sources'>): Router {
  const router = Router();
  router.get('/', async (_request, response) => {
    const connections = await readConnections(deps.db, deps.sources);
    response.json({ connections: connections.map(present) });
  });
  return router;
}

function present(view: ConnectionView): z.output<typeof connectionSchema> {
  const at = (ms: number | null): string | null => (ms === null ? null : isoInstant(ms));
  const { connection, state, reason, parked, findings } = view;
  return {
    connection,
    state,
    reason,
    since: at(view.sinceMs),
    lastDeliveryAt: at(view.lastDeliveryAtMs),
    lastPollAt: at(view.lastPollAtMs),
    lastWriteAt: at(view.lastWriteAtMs),
    parked,
    findings: [...findings],
  };
}
