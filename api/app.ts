/**
 * Everything that the API answers besides webhooks.
 * Invariant: every answer is JSON or metrics text, errors included; nothing under /api/v1 but its description is open to strangers.
 */
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { ApiDeps } from './deps';
import { errorHandler, unknownRoute } from './error-handler';
import { healthRoutes } from './health';
import { apiRoutes } from './v1/routes';

export function createApp(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(helmet());
  app.use(healthRoutes(deps));
  app.use('/api/v1', apiRoutes(deps));
  app.use(unknownRoute);
  app.use(errorHandler(deps.logger));
  return app;
}
