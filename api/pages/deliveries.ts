/** `/console/deliveries`: the list, one delivery redacted, and replay. Invariant: no value of a body leaves here. */
import { Router } from 'express';
import { z } from 'zod';
import { DELIVERY_STATES, listDeliveries } from '../../db/deliveries';
import { listConnectionLines } from '../../db/connection-lines';
import { deliveryOr404, replayDelivery } from '../acts/replay-delivery';
import { bodyShapeOf, type BodyShape } from '../v1/body-shape';
import { validate } from '../v1/validate';
import { answer, frameOf, notFound, saying, visitOf, type ConsoleDeps } from './console';
import { fieldsOf } from './sign-in';
import { deliveriesView, deliveryPage, deliveryPath } from './views/deliveries-view';

const SHOWN = 50;

const listQuery = z.object({
  state: z.enum(DELIVERY_STATES).optional().catch(undefined),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional()
    .catch(undefined),
});
const replayBody = z.object({
  ids: z.preprocess((value) => (typeof value === 'string' ? [value] : (value ?? [])), z.array(z.guid()).max(SHOWN)),
});

export function deliveryRoutes(deps: ConsoleDeps): Router {
  const router = Router();
  const ids = deps.console.connections.map(({ id }) => id);

  router.get('/deliveries', async (request, response) => {
    const { state, cursor } = validate(listQuery, request.query, 'query');
    const [{ deliveries, nextCursor }, connections] = await Promise.all([
      listDeliveries(deps.db, { limit: SHOWN, ...(state && { state }), ...(cursor && { cursor }) }),
      listConnectionLines(deps.db, ids),
    ]);
    const frame = frameOf(deps, request, response);
    const shown = connections.filter(({ lastDeliveryAtMs }) => lastDeliveryAtMs !== null);
    const body = deliveriesView(frame, { deliveries, state: state ?? null, nextCursor, connections: shown });
    answer(response, frame, { title: 'Deliveries', section: 'deliveries', body });
  });

  router.post('/deliveries/replay', async (request, response) => {
    const chosen = validate(replayBody, fieldsOf(request), 'body').ids;
    const by = visitOf(response).operator;
    let replayed = 0;
    // One after the other: each is a commit of its own, with its audit entry.
    for (const id of chosen) if (await replayDelivery(deps, id, by)) replayed += 1;
    const [only] = chosen;
    const path = chosen.length === 1 && only !== undefined ? deliveryPath(only) : '/console/deliveries';
    response.redirect(303, saying(path, replayed > 0 ? 'replayed' : 'notReplayed'));
  });

  router.get('/deliveries/:id', async (request, response) => {
    const id = z.guid().safeParse(request.params.id);
    if (!id.success) throw notFound('delivery', 'They are listed under Deliveries.');
    const { body: bytes, ...delivery } = await deliveryOr404(deps, id.data);
    const read = bodyShapeOf(bytes);
    const frame = frameOf(deps, request, response);
    const shape = read.kind === 'json' ? read.shape : null;
    const body = deliveryPage(frame, { delivery, shape, bodyWords: wordsOf(read) });
    answer(response, frame, { title: 'Delivery', section: 'deliveries', body });
  });

  return router;
}

function wordsOf(read: BodyShape): string {
  if (read.kind === 'gone') return 'The body is gone: its time was over, or its person was erased.';
  if (read.kind === 'unreadable') return `${read.bytes} bytes that are no JSON.`;
  return `${read.bytes} bytes; keys and the types of their values.`;
}
