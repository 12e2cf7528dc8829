/**
 * Signing in and out, and the guard in front of every page.
 * Invariant: no page without a session; no form is taken without the token of the browser that it was shown to; attempts are
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
import { ANYBODY, type Holder } from '../operators';
import { answer, frameOf, saying, type ConsoleDeps, type Visit } from './console';
import {
  clearCookies,
  ConsoleKeys,
  cookieOf,
  type Keyring,
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

export function signInRoutes(deps: ConsoleDeps, keyring: Keyring | null): Router {
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '16kb' });

  router.get('/sign-in', (request, response) => showSignIn(deps, keyring, { request, response }));

  router.post('/sign-in', form, async (request, response) => {
    if (keyring === null) throw closed();
    const body = fieldsOf(request);
    if (!isFromVisitor(keyring.first, request, body.formToken)) {
      response.status(403);
      showSignIn(deps, keyring, { request, response, said: STALE });
      return;
    }
    const client = keyring.first.hashOf('client', request.socket.remoteAddress ?? '');
    const nowMs = deps.nowMs();
    const attempts = await countAttempt(deps.db, { client, nowMs, sinceMs: nowMs - ATTEMPTS_WITHIN_MS });
    if (attempts > ATTEMPTS) {
      response.status(429).set('retry-after', String(ATTEMPTS_WITHIN_MS / 1_000));
      showSignIn(deps, keyring, { request, response, said: TOO_MANY });
      return;
    }
    const holder = deps.operators.holderOf(body.token);
    if (holder === null) {
      response.status(401);
      showSignIn(deps, keyring, { request, response, said: WRONG });
      return;
    }
    await forgetAttempts(deps.db, client);
    await signInOr(deps, keyring, { request, response, holder, to: localPath(body.next) });
  });

  router.get('/sign-in/:secret', (request, response) => {
    if (keyring === null) throw closed();
    const frame = visitorFrame(deps, keyring.first, request, response);
    answer(response, frame, { title: 'Sign in', section: null, body: linkView(frame, { path: request.originalUrl }) });
  });

  router.post('/sign-in/:secret', form, async (request, response) => {
    if (keyring === null) throw closed();
    const body = fieldsOf(request);
    const secretHash = keyring.first.hashOf('link', String(request.params.secret));
    const isTaken =
      isFromVisitor(keyring.first, request, body.formToken) &&
      (await useSignInLink(deps.db, { secretHash, nowMs: deps.nowMs() }));
    if (!isTaken) {
      response.status(403);
      showSignIn(deps, keyring, { request, response, said: USED_LINK });
      return;
    }
    // Who has a link has no token: they name themselves, as with the shared one.
    await signInOr(deps, keyring, { request, response, holder: { token: '', operator: null }, to: '/console' });
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
export function guard(deps: ConsoleDeps, keyring: Keyring | null): RequestHandler[] {
  return [
    async (request, response, next) => {
      const sessionId = cookieOf(request, SESSION_COOKIE);
      const visit = keyring === null || sessionId === null ? null : await visitIn(deps, keyring, sessionId);
      if (visit !== null) {
        response.locals.visit = visit;
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

/** By the keys that the session was made with: those of a token that is no more find none. */
async function visitIn(deps: ConsoleDeps, { all }: Keyring, sessionId: string): Promise<Visit | null> {
  const hashes = all.map((keys) => keys.hashOf('session', sessionId));
  const session = await readSession(deps.db, { idHashes: hashes, nowMs: deps.nowMs() });
  const keys = session === null ? undefined : all[hashes.findIndex((hash) => hash.equals(session.idHash))];
  return session === null || keys === undefined ? null : { keys, sessionId, operator: session.operator };
}

const FOREIGN = 'This form was not shown to you by this session, so nothing was done. Open the page again and repeat.';

export function signOutRoutes(deps: ConsoleDeps): Router {
  const router = Router();
  router.post('/sign-out', async (request, response) => {
    const { keys, sessionId } = response.locals.visit as Visit;
    await endSession(deps.db, [keys.hashOf('session', sessionId)]);
    clearCookies(request, response);
    response.redirect(303, saying('/console/sign-in', 'signedOut'));
  });
  return router;
}

interface SignIn {
  readonly request: Request;
  readonly response: Response;
  readonly holder: Holder;
  /** A path of the console. */
  readonly to: string;
}

/** Signs in and leads on; whoever says to be somebody with a token of their own is told so instead. */
async function signInOr(deps: ConsoleDeps, keyring: Keyring, visitor: SignIn): Promise<void> {
  const { request, response, holder, to } = visitor;
  const { operator: typed } = fieldsOf(request);
  const named = typeof typed === 'string' && OPERATOR_ID.test(typed) ? typed : ANYBODY;
  try {
    await signIn(deps, keyring, { ...visitor, operator: deps.operators.idOf(holder, named) });
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    response.status(error.status);
    showSignIn(deps, keyring, { request, response, said: { text: error.message, isBad: true } });
    return;
  }
  response.redirect(303, to);
}

/** A session of its own for every sign-in, whatever the browser brought along; one that it had before ends. */
async function signIn(
  deps: ConsoleDeps,
  keyring: Keyring,
  { request, response, holder, operator }: SignIn & { readonly operator: string },
): Promise<void> {
  const former = cookieOf(request, SESSION_COOKIE);
  if (former !== null)
    await endSession(
      deps.db,
      keyring.all.map((keys) => keys.hashOf('session', former)),
    );
  const id = newSecret();
  const nowMs = deps.nowMs();
  const idHash = keyring.of(holder).hashOf('session', id);
  await addSession(deps.db, { idHash, operator, nowMs, untilMs: nowMs + SESSION_MS });
  clearCookies(request, response);
  setSessionCookie(request, response, id);
}

function showSignIn(
  deps: ConsoleDeps,
  keyring: Keyring | null,
  shown: { request: Request; response: Response; said?: Said },
): void {
  const { request, response, said } = shown;
  const frame =
    keyring === null ? frameOf(deps, request, response) : visitorFrame(deps, keyring.first, request, response, said);
  const asked = request.method === 'GET' ? request.query.next : fieldsOf(request).next;
  const body = signInView(frame, {
    next: localPath(asked),
    isClosed: keyring === null,
    hasOwn: deps.operators.holders.some(({ operator }) => operator !== null),
  });
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
