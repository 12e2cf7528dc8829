/**
 * Everything that the API answers besides webhooks.
 * Invariant: every answer outside of /console, /answer and /task is JSON or metrics text, errors included; nothing under /api/v1 but its
 * description is open to strangers, nothing under /console but the way in, and under /answer and /task only who holds a signed link is answered.
 */
import express, { type Express } from 'express';
import { connectRoutes } from './connect';
import type { ApiDeps } from './deps';
import { errorHandler, unknownRoute } from './error-handler';
import { healthRoutes } from './health';
import { hostAnswerRoutes } from './pages/host-answer';
import { strictHeaders } from './pages/page-rules';
import { consoleRoutes } from './pages/routes';
import { taskLinkRoutes } from './pages/task-link';
import { apiRoutes } from './v1/routes';

export function createApp(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(strictHeaders);
  app.use(healthRoutes(deps));
  app.use('/api/v1', apiRoutes(deps));
  app.use('/console', consoleRoutes(deps));
  app.get('/', (_request, response) => response.redirect('/console'));
  app.use('/answer', hostAnswerRoutes(deps));
  app.use('/task', taskLinkRoutes(deps));
  app.use(connectRoutes(deps));
  app.use(unknownRoute);
  app.use(errorHandler(deps.logger));
  return app;
}
