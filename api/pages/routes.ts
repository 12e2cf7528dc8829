/**
 * The operator console under /console: pages rendered here, forms that act, and the guard in front of both.
 * Invariant: every answer but the assets is behind the guard or part of signing in, may load nothing from elsewhere, and is not kept.
 */
import { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import helmet from 'helmet';
import { refusalOf, unexpected } from '../error-handler';
import { assetRoutes } from './assets';
import { bookingRoutes } from './booking';
import { bookingListRoutes } from './bookings';
import { answer, frameOf, notFound, type ConsoleDeps } from './console';
import { deliveryRoutes } from './deliveries';
import { ConsoleKeys } from './sessions';
import { guard, signInRoutes, signOutRoutes } from './sign-in';
import { settingsRoutes } from './settings-pages';
import { taskRoutes } from './tasks';
import { todayRoutes } from './today';
import { html } from './views/html';

export function consoleRoutes(deps: ConsoleDeps): Router {
  const router = Router();
  const { apiToken } = deps;
  const keys = apiToken === null || apiToken.trim() === '' ? null : new ConsoleKeys(apiToken);
  router.use(strictHeaders);
  router.use(assetRoutes());
  router.use(notKept);
  router.use(signInRoutes(deps, keys));
  router.use(guard(deps, keys));
  router.use(signOutRoutes(deps));
  router.use(todayRoutes(deps));
  router.use(bookingListRoutes(deps));
  router.use(bookingRoutes(deps));
  router.use(taskRoutes(deps));
  router.use(deliveryRoutes(deps));
  router.use(settingsRoutes(deps));
  router.use((_request, _response, next) => next(notFound('page', 'The navigation above leads to what there is.')));
  router.use(errorPage(deps));
  return router;
}

/** Scripts, styles and requests to ourselves only; shown in no frame; no address of a page is told to another site. */
const strictHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  frameguard: { action: 'deny' },
  referrerPolicy: { policy: 'no-referrer' },
});

const notKept: RequestHandler = (_request, response, next) => {
  response.set('cache-control', 'no-store');
  next();
};

/** The same refusals as everywhere, as a page. */
function errorPage(deps: ConsoleDeps): ErrorRequestHandler {
  // Four parameters make it an error handler for express.
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const refusal = refusalOf(error) ?? unexpected(deps.logger, request.method, error);
    response.status(refusal.status).set(refusal.headers);
    const title = refusal.status === 404 ? 'Not found' : 'That did not work';
    const body = html`<h1>${title}</h1>
      <p>${refusal.message}</p>
      <p><a href="/console">Today</a></p>`;
    answer(response, frameOf(deps, request, response), { title, section: null, body });
  };
}
