/**
 * Signing in and out, and the guard in front of every page.
 * Invariant: no page without a session; no form is taken without the token of the browser that it was shown to; wrong tokens are
 * counted before they are judged, and after ten in a quarter of an hour nobody at that address is asked any more.
 */
import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import {
  addSession,
  addSignInLink,
  countAttempt,
  endSession,
  forgetAttempts,
  readSession,
  useSignInLink,
} from '../../db/console-sessions';
import type { Db } from '../../db/pool';
import { HttpError } from '../errors';
import { answer, frameOf, saying, type ConsoleDeps, type Visit } from './console';
import {
  clearCookies,
  ConsoleKeys,
  cookieOf,
  localPath,
  newSecret,
  SESSION_COOKIE,
  SESSION_MS,
  setSessionCookie,
  setVisitorCookie,
  VISITOR_COOKIE,
} from './sessions';
import type { Said } from './views/layout';
import { linkView, signInView } from './views/sign-in-view';

const ATTEMPTS = 10;
const ATTEMPTS_WITHIN_MS = 15 * 60_000;
export const LINK_MS = 10 * 60_000;
const OPERATOR_ID = /^[\w-]{1,64}$/;

/** A link that signs in once, within ten minutes: the path to open. */
export async function newSignInLink(db: Db, by: { apiToken: string; nowMs: number }): Promise<string> {
  const secret = newSecret();
  await addSignInLink(db, {
    secretHash: new ConsoleKeys(by.apiToken).hashOf('link', secret),
    untilMs: by.nowMs + LINK_MS,
  });
  return `/console/sign-in/${secret}`;
}

export function signInRoutes(deps: ConsoleDeps, keys: ConsoleKeys | null): Router {
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '16kb' });

  router.get('/sign-in', (request, response) => showSignIn(deps, keys, { request, response }));

  router.post('/sign-in', form, async (request, response) => {
    if (keys === null) throw closed();
    const body = fieldsOf(request);
    if (!isFromVisitor(keys, request, body.formToken)) {
      response.status(403);
      showSignIn(deps, keys, { request, response, said: STALE });
      return;
    }
    const client = keys.hashOf('client', request.socket.remoteAddress ?? '');
    const nowMs = deps.nowMs();
    const attempts = await countAttempt(deps.db, { client, nowMs, sinceMs: nowMs - ATTEMPTS_WITHIN_MS });
    if (attempts > ATTEMPTS) {
      response.status(429).set('retry-after', String(ATTEMPTS_WITHIN_MS / 1_000));
      showSignIn(deps, keys, { request, response, said: TOO_MANY });
    } else if (!keys.isOperatorToken(body.token)) {
      response.status(401);
      showSignIn(deps, keys, { request, response, said: WRONG });
    } else {
      await forgetAttempts(deps.db, client);
      await signIn(deps, keys, { request, response, operator: body.operator });
      response.redirect(303, localPath(body.next));
    }
  });

  router.get('/sign-in/:secret', (request, response) => {
    if (keys === null) throw closed();
    const frame = visitorFrame(deps, keys, request, response);
    answer(response, frame, { title: 'Sign in', section: null, body: linkView(frame, { path: request.originalUrl }) });
  });

  router.post('/sign-in/:secret', form, async (request, response) => {
    if (keys === null) throw closed();
    const body = fieldsOf(request);
    const secretHash = keys.hashOf('link', String(request.params.secret));
    const isTaken =
      isFromVisitor(keys, request, body.formToken) &&
      (await useSignInLink(deps.db, { secretHash, nowMs: deps.nowMs() }));
    if (!isTaken) {
      response.status(403);
      showSignIn(deps, keys, { request, response, said: USED_LINK });
      return;
    }
    await signIn(deps, keys, { request, response, operator: body.operator });
    response.redirect(303, '/console');
  });

  return router;
}

const STALE: Said = { text: 'The page was too old, or cookies are blocked. Try again.', isBad: true };
const WRONG: Said = { text: 'This is not the operator token.', isBad: true };
const TOO_MANY: Said = { text: 'Too many wrong tokens. Wait a quarter of an hour, then try again.', isBad: true };
const USED_LINK: Said = {
  text: 'This link was used before, or is older than ten minutes. Sign in with the operator token, or start anew for another link.',
  isBad: true,
};

const closed = (): HttpError =>
  new HttpError({
    status: 403,
    code: 'console_closed',
    message: 'The console is closed: no BOOKSYNC_API_TOKEN is set.',
  });

/** Behind it everybody is signed in, and every form is from a page that this session was shown. */
export function guard(deps: ConsoleDeps, keys: ConsoleKeys | null): RequestHandler[] {
  return [
    async (request, response, next) => {
      const sessionId = cookieOf(request, SESSION_COOKIE);
      const session =
        keys === null || sessionId === null
          ? null
          : await readSession(deps.db, { idHash: keys.hashOf('session', sessionId), nowMs: deps.nowMs() });
      if (keys !== null && sessionId !== null && session !== null) {
        response.locals.visit = { keys, sessionId, operator: session.operator } satisfies Visit;
        next();
        return;
      }
      const next_ = request.method === 'GET' ? `?next=${encodeURIComponent(localPath(request.originalUrl))}` : '';
      const path = `/console/sign-in${next_}`;
      // A part that refreshes by itself must not be replaced by the sign-in page.
      if (request.get('hx-request') !== undefined) response.status(401).set('hx-redirect', '/console/sign-in').end();
      else response.redirect(303, path);
    },
    express.urlencoded({ extended: false, limit: '64kb' }),
    (request, response, next) => {
      const { keys: mine, sessionId } = response.locals.visit as Visit;
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (isRead || mine.isFormToken(sessionId, fieldsOf(request).formToken)) next();
      else next(new HttpError({ status: 403, code: 'foreign_form', message: FOREIGN }));
    },
  ];
}

const FOREIGN = 'This form was not shown to you by this session, so nothing was done. Open the page again and repeat.';

export function signOutRoutes(deps: ConsoleDeps): Router {
  const router = Router();
  router.post('/sign-out', async (request, response) => {
    const { keys, sessionId } = response.locals.visit as Visit;
    await endSession(deps.db, keys.hashOf('session', sessionId));
    clearCookies(request, response);
    response.redirect(303, saying('/console/sign-in', 'signedOut'));
  });
  return router;
}

/** A session of its own for every sign-in, whatever the browser brought along; one that it had before ends. */
async function signIn(
  deps: ConsoleDeps,
  keys: ConsoleKeys,
  visitor: { request: Request; response: Response; operator: unknown },
): Promise<void> {
  const { request, response, operator } = visitor;
  const former = cookieOf(request, SESSION_COOKIE);
  if (former !== null) await endSession(deps.db, keys.hashOf('session', former));
  const id = newSecret();
  const nowMs = deps.nowMs();
  await addSession(deps.db, {
    idHash: keys.hashOf('session', id),
    operator: typeof operator === 'string' && OPERATOR_ID.test(operator) ? operator : 'operator',
    nowMs,
    untilMs: nowMs + SESSION_MS,
  });
  clearCookies(request, response);
  setSessionCookie(request, response, id);
}

function showSignIn(
  deps: ConsoleDeps,
  keys: ConsoleKeys | null,
  shown: { request: Request; response: Response; said?: Said },
): void {
  const { request, response, said } = shown;
  const frame = keys === null ? frameOf(deps, request, response) : visitorFrame(deps, keys, request, response, said);
  const asked = request.method === 'GET' ? request.query.next : fieldsOf(request).next;
  const body = signInView(frame, { next: localPath(asked), isClosed: keys === null });
  answer(response, frame, { title: 'Sign in', section: null, body });
}

/** The form's token belongs to a cookie that this browser has, or gets now. */
function visitorFrame(deps: ConsoleDeps, keys: ConsoleKeys, request: Request, response: Response, said?: Said) {
  const known = cookieOf(request, VISITOR_COOKIE);
  const visitor = known ?? newSecret();
  if (known === null) setVisitorCookie(request, response, visitor);
  return { ...frameOf(deps, request, response, said), formToken: keys.formToken(visitor) };
}

function isFromVisitor(keys: ConsoleKeys, request: Request, formToken: unknown): boolean {
  const visitor = cookieOf(request, VISITOR_COOKIE);
  return visitor !== null && keys.isFormToken(visitor, formToken);
}

export function fieldsOf(request: Request): Readonly<Record<string, unknown>> {
  const body: unknown = request.body;
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}
