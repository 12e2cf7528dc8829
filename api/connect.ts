/**
 * Connecting an account with OAuth: `/connect/{connection}` sends the browser to the vendor, `/oauth/callback` takes the code that comes back.
 * Invariant: only an operator begins it, a state serves once and in the browser that began it, and no address comes from a request.
 */
import { createHash, randomBytes } from 'node:crypto';
import { Router, type ErrorRequestHandler, type Request } from 'express';
import { hashOf, makeConnectSecret, takeConnectSecret, type TakenSecret } from '../db/connect-secrets';
import { tokenStore } from '../db/credentials';
import type { Vault } from '../db/vault';
import { CrmError, SourceError } from '../integrations/ports';
import type { ConnectedAccount, Connector } from '../integrations/connector';
import type { ApiDeps } from './deps';
import { HttpError } from './errors';
import { answer, frameOf } from './pages/console';
import { errorPage } from './pages/page-rules';
import { connectEndView, type ConnectEnd } from './pages/views/connect-view';
import { html } from './pages/views/html';
import { requireBearer } from './v1/auth';

const CALLBACK = '/oauth/callback';
const COOKIE = 'booksync_connect';

export function connectRoutes(deps: ApiDeps): Router {
  const router = Router();
  const bearer = requireBearer(deps.operators);
  router.get('/connect/:connection', (request, response, next) => {
    if (textOf(request, 'link') === null) bearer(request, response, next);
    else next();
  });
  router.get('/connect/:connection', async (request, response) => {
    const connection = String(request.params['connection']);
    const browser = await browserOfLink(deps, request, connection);
    const at = readyFor(deps, connection);
    const verifier = randomBytes(48).toString('base64url');
    const state = await makeConnectSecret(deps.db, {
      kind: 'state',
      connection,
      nowMs: deps.nowMs(),
      browser: browser === null ? null : hashOf(browser),
      sealed: at.vault.sealSecret(sealName(connection), verifier),
    });
    const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
    if (browser !== null) {
      const secure = at.redirectUri.startsWith('https:');
      response.cookie(COOKIE, browser, { httpOnly: true, sameSite: 'lax', secure, path: CALLBACK, maxAge: 600_000 });
    }
    response.set('cache-control', 'no-store');
    response.redirect(302, at.connector.authorizeUrl({ redirectUri: at.redirectUri, state, codeChallenge }));
  });
  router.get(CALLBACK, async (request, response) => {
    const done = await takeCallback(deps, request);
    response.clearCookie(COOKIE, { path: CALLBACK });
    response.status(done.status).set('cache-control', 'no-store');
    answer(response, frameOf(deps, request, response), {
      title: done.title,
      section: null,
      body: connectEndView(done),
    });
  });
  const asPage = errorPage(deps, html`<p><a href="/console/connections">Connections in the console</a></p>`);
  // Who comes with a link, or back from a vendor, is a person; an operator's own request is a program's.
  const refusal: ErrorRequestHandler = (error, request, response, next) => {
    const isProgram = request.path !== CALLBACK && textOf(request, 'link') === null;
    if (isProgram) next(error);
    else return asPage(error, request, response, next);
  };
  router.use(refusal);
  return router;
}

const sealName = (connection: string): string => `connect/${connection}`;

/** A parameter that is there once; anything else is none. */
function textOf(request: Request, name: string): string | null {
  const value = request.query[name];
  return typeof value === 'string' && value !== '' && value.length <= 2_000 ? value : null;
}

/** A new secret for the browser that came with a link; null: an operator's own request. Throws `HttpError` 403 for a link that is not good. */
async function browserOfLink(deps: ApiDeps, request: Request, connection: string): Promise<string | null> {
  const link = textOf(request, 'link');
  if (link === null) return null;
  const taken = await takeConnectSecret(deps.db, { kind: 'link', secret: link, nowMs: deps.nowMs() });
  if (taken.kind === 'taken' && taken.connection === connection) return randomBytes(32).toString('base64url');
  const why = taken.kind === 'taken' ? 'is for another connection' : WORDS[taken.kind];
  throw new HttpError({
    status: 403,
    code: 'link_refused',
    message: `This link ${why}. Make a new one: under Connections in the console, or with booksync connect ${connection.replace(/[^a-z0-9-]/g, '')}`,
  });
}

const WORDS: Readonly<Record<Exclude<TakenSecret['kind'], 'taken'>, string>> = {
  unknown: 'is not known here',
  expired: 'is older than ten minutes',
  used: 'was used already',
};

interface Ready {
  readonly connector: Connector;
  readonly vault: Vault;
  readonly redirectUri: string;
}

function readyFor(deps: ApiDeps, connection: string): Ready {
  const { connectors, publicUrl } = deps.connect;
  const connector = connectors.get(connection);
  if (connector === undefined) {
    const message = 'No connection of that name is connected with OAuth; its settings need "oauth".';
    throw new HttpError({ status: 404, code: 'connection_not_found', message });
  }
  const vault = deps.vault();
  if (publicUrl === null || vault === null) {
    const message =
      publicUrl === null
        ? '"publicUrl" is not set; expected where browsers reach this service.'
        : 'The database can not be reached right now; try again.';
    throw new HttpError({ status: 503, code: 'not_ready', message });
  }
  return { connector, vault, redirectUri: `${publicUrl.replace(/\/+$/, '')}${CALLBACK}` };
}

const AGAIN = 'Begin again: under Connections in the console, or with a new link of booksync connect.';
const refused = (status: number, why: string): ConnectEnd => ({
  status,
  title: 'Not connected',
  text: `${why} ${AGAIN}`,
});

async function takeCallback(deps: ApiDeps, request: Request): Promise<ConnectEnd> {
  const state = textOf(request, 'state');
  if (state === null) return refused(400, 'The answer names no authorization that was begun here.');
  const taken = await takeConnectSecret(deps.db, { kind: 'state', secret: state, nowMs: deps.nowMs() });
  if (taken.kind !== 'taken') return refused(403, `The authorization ${WORDS[taken.kind]}.`);
  if (taken.browser !== null && !taken.browser.equals(hashOf(cookieOf(request)))) {
    return refused(403, 'The authorization was begun in another browser.');
  }
  if (request.query['error'] !== undefined) return refused(400, 'The account’s owner did not let this service in.');
  const code = textOf(request, 'code');
  if (code === null || taken.sealed === null) return refused(400, 'The answer holds no code.');
  const { connection } = taken;
  const { connector, vault, redirectUri } = readyFor(deps, connection);
  const codeVerifier = vault.openSecret(sealName(connection), taken.sealed);
  try {
    const account = await connector.exchange({ code, redirectUri, codeVerifier });
    return await keep(deps, { connection, connector, vault, account });
  } catch (error) {
    if (!(error instanceof CrmError) && !(error instanceof SourceError)) throw error;
    deps.logger.warn(
      { connection, errorClass: error.errorClass, status: error.httpStatus },
      'a code was not exchanged',
    );
    return refused(502, 'The vendor did not accept the code that it gave, or did not answer.');
  }
}

function cookieOf(request: Request): string {
  const found = new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]{1,100})(?:;|$)`).exec(request.headers.cookie ?? '');
  return found?.[1] ?? '';
}

async function keep(
  deps: ApiDeps,
  of: { connection: string; connector: Connector; vault: Vault; account: ConnectedAccount },
): Promise<ConnectEnd> {
  const { connection, connector, vault, account } = of;
  const { expectedAccount, grant } = connector;
  if (expectedAccount !== null && account.account !== expectedAccount) {
    return refused(409, 'Another account was chosen than the one that the settings name.');
  }
  const tokens = { ...account.tokens, grant };
  await tokenStore({ pool: deps.db, vault }, connection).exchange(() => Promise.resolve(tokens));
  deps.logger.info({ connection }, 'an account was connected');
  const probed = await deps.engine.probeNow(connection, connector.role ?? 'crm');
  const next = probed ? 'It is tried right now' : 'It is tried within five minutes';
  return { status: 200, title: 'Connected', text: `${connection} is connected. ${next}; you can close this page.` };
}
