/** The operator API, version 1. Invariant: whatever is mounted here is described in openapi.ts, and the tests compare the two. */
import { Router } from 'express';
import type { ApiDeps } from '../deps';
import { requireBearer } from './auth';
import { bookingDecisionRoutes } from './booking-decisions';
import { bookingRoutes } from './bookings';
import { connectionRoutes } from './connections';
import { deliveryRoutes } from './deliveries';
import { mappingRoutes } from './mappings';
import { matchRuleRoutes } from './match-rules';
import { openApiDocument } from './openapi';
import { taskRoutes } from './tasks';
import { undoRoutes } from './undo';

export function apiRoutes(deps: ApiDeps): Router {
  const router = Router();
  const document = openApiDocument();
  router.get('/openapi.json', (_request, response) => {
    response.json(document);
  });
  router.use(requireBearer(deps.operators));
  router.use((_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  router.use('/bookings', bookingRoutes(deps));
  router.use('/bookings', bookingDecisionRoutes(deps));
  router.use('/tasks', taskRoutes(deps));
  router.use('/deliveries', deliveryRoutes(deps));
  router.use('/match-rules', matchRuleRoutes(deps));
  router.use('/connections', connectionRoutes(deps));
  router.use('/mappings', mappingRoutes(deps));
  router.use('/undo', undoRoutes(deps));
  return router;
}
