/**
 * The operator console under /console: pages rendered here, forms that act, and the guard in front of both.
 * Invariant: every answer but the assets is behind the guard or part of signing in, may load nothing from elsewhere, and is not kept.
 */
import { Router } from 'express';
import { assetRoutes } from './assets';
import { bookingRoutes } from './booking';
import { bookingListRoutes } from './bookings';
import { notFound, type ConsoleDeps } from './console';
import { deliveryRoutes } from './deliveries';
import { mappingRoutes } from './mapping';
import { errorPage, notKept } from './page-rules';
import { reportRoutes } from './report';
import { keyringOf } from './sessions';
import { guard, signInRoutes, signOutRoutes } from './sign-in';
import { settingsRoutes } from './settings-pages';
import { taskQueueRoutes } from './task-queue';
import { taskRoutes } from './tasks';
import { todayRoutes } from './today';
import { undoRoutes } from './undo';
import { html } from './views/html';

export function consoleRoutes(deps: ConsoleDeps): Router {
  const router = Router();
  const keys = keyringOf(deps.operators);
  router.use(assetRoutes());
  router.use(notKept);
  router.use(signInRoutes(deps, keys));
  router.use(guard(deps, keys));
  router.use(signOutRoutes(deps));
  router.use(todayRoutes(deps));
  router.use(bookingListRoutes(deps));
  router.use(bookingRoutes(deps));
  router.use(taskQueueRoutes(deps));
  router.use(taskRoutes(deps));
  router.use(reportRoutes(deps));
  router.use(deliveryRoutes(deps));
  router.use(settingsRoutes(deps));
  router.use(mappingRoutes(deps));
  router.use(undoRoutes(deps));
  router.use((_request, _response, next) => next(notFound('page', 'The navigation above leads to what there is.')));
  router.use(errorPage(deps, html`<p><a href="/console">Today</a></p>`));
  return router;
}
