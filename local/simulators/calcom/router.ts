/**
 * From a request to its operation: limits, operation, version, credentials, query, then the operation itself.
 * Invariant: whatever is not in the tables is refused in Cal.com's shape and counted; nothing runs after a refusal.
 */
import type { SimAnswer, SimRequest } from '../exchange';
import { routesOf } from '../routes';
import type { Account, Call, Operation } from './account';
import { accessOperations } from './api-access';
import { bookingOperations } from './api-bookings';
import { listOperation } from './api-list';
import { slotOperations } from './api-slots';
import { webhookOperations } from './api-webhooks';
import { CalcomRefusal, malformed, refusalAnswer } from './errors';
import { tooManyRequests } from './limits';

/** Everything that the simulated API can do; method and template are those of Cal.com's contract. */
export const operations: readonly Operation[] = [
  listOperation,
  ...bookingOperations,
  ...slotOperations,
  ...webhookOperations,
  ...accessOperations,
];

const routes = routesOf(operations, () => malformed('The path is not valid percent-encoding'));

/** Carries out one request against the account. Never throws for what a caller can do wrong. */
export function operate(account: Account, request: SimRequest): SimAnswer {
  let headers: Readonly<Record<string, string>> = {};
  try {
    const { operation, call } = findOperation(account, request);
    const credential = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
    if (operation.scope !== null) {
      const taken = account.limiter.take(credential ?? 'nobody');
      ({ headers } = taken);
      if (taken.isOver) throw tooManyRequests();
    }
    checkVersion(operation, request);
    authenticate(account, operation, credential);
    checkQuery(operation, request);
    const answer = operation.run(call);
    return { ...answer, headers };
  } catch (error) {
    if (!(error instanceof CalcomRefusal)) throw error;
    return { ...refusalAnswer(error, { path: request.path, nowMs: account.clock() }), headers };
  }
}

function findOperation(account: Account, request: SimRequest): { operation: Operation; call: Call } {
  const found = routes(request.pathname).find(({ operation }) => operation.method === request.method);
  if (found !== undefined) return { operation: found.operation, call: { account, request, params: found.params } };
  throw new CalcomRefusal(404, `Cannot ${request.method} ${request.pathname}`, 'unknown operation');
}

/** Without the right version another, older operation would answer; there is none here. */
function checkVersion(operation: Operation, request: SimRequest): void {
  if (operation.version === null || request.headers['cal-api-version'] === operation.version) return;
  const violation = `cal-api-version must be ${operation.version}`;
  throw new CalcomRefusal(404, `Cannot ${request.method} ${request.pathname}`, violation);
}

/** API keys may do everything; OAuth2 tokens what they were granted. Only a call without any credentials is a violation. */
function authenticate(account: Account, operation: Operation, credential: string | null): void {
  if (operation.scope === null) return;
  if (credential === null) throw new CalcomRefusal(401, 'No authentication method provided.', 'no bearer token');
  const { apiKeys, oauth, missingScopes } = account.settings();
  if (credential.startsWith('cal_')) {
    if (!apiKeys.includes(credential)) throw new CalcomRefusal(401, 'Your api key is not valid');
    return;
  }
  if (oauth === 'revoked' || !account.tokens.isAccess(credential)) {
    throw new CalcomRefusal(401, 'The access token is not valid or has expired');
  }
  if (missingScopes.includes(operation.scope)) throw new CalcomRefusal(403, `Missing scope: ${operation.scope}`);
}

function checkQuery(operation: Operation, request: SimRequest): void {
  const unknown = [...request.query.keys()].filter((name) => !operation.query.includes(name));
  if (unknown.length > 0) throw malformed(`Unknown query parameters: ${unknown.join(', ')}`);
}
