/** `/api/v1/deliveries`: what sources sent and what became of it, without its content; and replay. */
import { Router } from 'express';
import { z } from 'zod';
import { listDeliveries, type DeliverySummary } from '../../db/deliveries';
import { deliveryOr404, replayDelivery } from '../acts/replay-delivery';
import type { ApiDeps } from '../deps';
import { operatorOf } from './auth';
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
    const replayed = await replayDelivery(deps, id, operatorOf(response));
    response.json({ delivery: presentDelivery(await deliveryOr404(deps, id)), replayed });
  });

  return router;
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
