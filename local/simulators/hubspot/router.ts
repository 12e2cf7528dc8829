/**
 * From a request to its operation: token, operation, limits, query, scopes, then the operation itself.
 * Invariant: whatever is not in the tables is refused in HubSpot's shape and counted; nothing runs after a refusal.
 */
import type { SimAnswer, SimRequest } from '../exchange';
import { routesOf } from '../routes';
import { associationOperations } from './associations';
import { batchWriteOperations } from './batch-writes';
import { catalogOperations } from './catalog';
import { HubspotRefusal, expired, malformed, migrating, missingScopes, refusal, unauthenticated } from './errors';
import type { Caller } from './limits';
import { answerOAuth } from './oauth';
import { objectOperations } from './object-operations';
import type { Call, Operation, Portal } from './portal';
import { propertyOperations } from './property-operations';

/** Everything that the simulated portal can do behind a token; method and template are those of HubSpot's contract. */
export const operations: readonly Operation[] = [
  ...objectOperations,
  ...batchWriteOperations,
  ...associationOperations,
  ...catalogOperations,
  ...propertyOperations,
];

const routes = routesOf(operations, () => malformed('The path is not valid percent-encoding'));

/** Carries out one request against the portal. Never throws for what a caller can do wrong. */
export function operate(portal: Portal, request: SimRequest): SimAnswer {
  const oauth = answerOAuth(portal, request);
  if (oauth !== null) return oauth;
  let headers: Readonly<Record<string, string>> = {};
  try {
    const { migratingSeconds } = portal.settings();
    if (migratingSeconds !== null) throw migrating(migratingSeconds);
    const caller = authenticate(portal, request);
    const { operation, call } = findOperation(portal, request);
    headers = portal.limiter.take(operation.limit, caller);
    checkQuery(operation, request);
    checkScopes(portal, caller, operation.scopes(call));
    const answer = operation.run(call);
    return { ...answer, headers: { ...headers, ...answer.headers } };
  } catch (error) {
    if (!(error instanceof HubspotRefusal)) throw error;
    return { ...error.answer, headers: { ...headers, ...error.answer.headers } };
  }
}

/** A token of OAuth stands for the app, any other one for a service key: those are all good, unless the settings say otherwise. */
function authenticate(portal: Portal, request: SimRequest): Caller & { readonly scopes: readonly string[] | null } {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw unauthenticated('missing');
  const now = portal.clock();
  const { token: fate } = portal.settings();
  if (fate === 'expired') throw expired(now - 60_000, now);
  const state = portal.tokens.access(token);
  if (fate === 'revoked' || state.kind === 'revoked') throw unauthenticated('revoked');
  if (state.kind === 'expired') throw expired(state.endedAtMs, now);
  if (state.kind === 'live') return { app: 'oauth', isOAuth: true, scopes: state.scopes };
  return { app: token, isOAuth: false, scopes: null };
}

function findOperation(portal: Portal, request: SimRequest): { operation: Operation; call: Call } {
  const fitting = routes(request.pathname);
  const found = fitting.find(({ operation }) => operation.method === request.method);
  if (found === undefined) throw unknownOperation(request, fitting.length > 0);
  return { operation: found.operation, call: { portal, request, params: found.params } };
}

function unknownOperation(request: SimRequest, pathKnown: boolean): HubspotRefusal {
  return refusal({
    status: pathKnown ? 405 : 404,
    category: 'INVALID_REQUEST',
    message: pathKnown ? `${request.method} is not allowed here` : 'No such operation in this portal',
    violation: 'unknown operation',
  });
}

function checkQuery(operation: Operation, request: SimRequest): void {
  const unknown = [...request.query.keys()].filter((name) => !operation.query.includes(name));
  if (unknown.length > 0) throw malformed(`Unknown query parameters: ${unknown.join(', ')}`);
}

function checkScopes(
  portal: Portal,
  { scopes }: { readonly scopes: readonly string[] | null },
  needed: readonly string[],
): void {
  const refused = portal.settings().missingScopes;
  const missing = needed.filter((scope) => refused.includes(scope) || scopes?.includes(scope) === false);
  if (missing.length > 0) throw missingScopes(missing);
}
