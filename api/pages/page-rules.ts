/**
 * What holds for every page that we answer, with or without a session: what it may load, that it is not kept, how a refusal reads.
 * Invariant: nothing is loaded from elsewhere, no frame shows it, and no address of a page is told to another site.
 */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import helmet from 'helmet';
import { refusalOf, unexpected } from '../error-handler';
import { answer, frameOf, type ConsoleDeps } from './console';
import { html, type Html } from './views/html';

/** Scripts, styles and requests to ourselves only. */
export const strictHeaders = helmet({
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

export const notKept: RequestHandler = (_request, response, next) => {
  response.set('cache-control', 'no-store');
  next();
};

/** The same refusals as everywhere, as a page. `after` follows the sentence: where to go from there. */
export function errorPage(deps: ConsoleDeps, after: Html): ErrorRequestHandler {
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
      ${after}`;
    answer(response, frameOf(deps, request, response), { title, section: null, body });
  };
}
