/** `/api/v1/deliveries`: what sources sent and what became of it, without its content; and replay. */
import { Router } from 'express';
import { z } from 'zod';
import { listDeliveries, readDelivery, replayDelivery, type DeliverySummary } from '../../db/deliveries';
import { withTransaction } from '../../db/pool';
import { addAuditEntry } from '../../db/tasks';
import type { ApiDeps } from '../deps';
import { HttpError } from '../errors';
import { bodyShapeOf } from './body-shape';
import { decodeCursor, encodeCursor } from './cursor';
import { isoInstant } from './instant';
import { idParams, listDeliveriesQuery, type deliverySchema } from './schemas';
import { validate } from './validate';

type Deps = Pick<ApiDeps, 'db' | 'vault' | 'nowMs'>;

/** The list's own cursor travels inside ours, so that a cursor of another list is refused instead of misread. */
const positionShape = z.object({ before: z.string().regex(/^\d{1,15}$/) });

export function deliveryRoutes(deps: Deps): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const query = validate(listDeliveriesQuery, request.query, 'query');
    const after = decodeCursor(query.cursor, positionShape);
    const { deliveries, nextCursor } = await listDeliveries(deps.db, {
      limit: query.limit,
      ...(query.state ? { state: query.state } : {}),
      ...(after ? { cursor: after.before } : {}),
    });
    response.json({
      deliveries: deliveries.map(presentDelivery),
      nextCursor: nextCursor === null ? null : encodeCursor({ before: nextCursor }),
    });
  });

  router.get('/:id', async (request, response) => {
    const { id } = validate(idParams, request.params, 'path');
    const delivery = await deliveryOr404(deps, id);
    response.json({
      ...presentDelivery(delivery),
      headers: delivery.headers,
      body: bodyShapeOf(delivery.body),
    });
  });

  router.post('/:id/replay', async (request, response) => {
    const { id } = validate(idParams, request.params, 'path');
    const replayed = await replay(deps, id);
    response.json({ delivery: presentDelivery(await deliveryOr404(deps, id)), replayed });
  });

  return router;
}

function replay(deps: Deps, id: string): Promise<boolean> {
  return withTransaction(deps.db, async (tx) => {
    const replayed = await replayDelivery(tx, id);
    if (replayed) {
      const entry = { nowMs: deps.nowMs(), actor: 'operator', action: 'delivery.replayed', subject: id, detail: {} };
      await addAuditEntry(tx, entry);
    }
    return replayed;
  });
}

async function deliveryOr404(deps: Deps, id: string) {
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

/** A delivery in the API's words. */
export function presentDelivery(delivery: DeliverySummary): z.input<typeof deliverySchema> {
  return {
    id: delivery.id,
    source: delivery.connection,
    state: delivery.state,
    receivedAt: isoInstant(delivery.receivedAtMs),
    settledAt: delivery.settledAtMs === null ? null : isoInstant(delivery.settledAtMs),
    trigger: delivery.trigger,
    reason: delivery.reason,
    attempts: delivery.attempts,
    repeats: delivery.repeats,
    factIds: [...delivery.factIds],
  };
}
