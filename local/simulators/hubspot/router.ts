/**
 * From a request to its operation: token, operation, query, scopes, limits, then the operation itself.
 * Invariant: whatever is not in the tables is refused in HubSpot's shape and counted; nothing runs after a refusal.
 */
import type { SimAnswer, SimRequest } from '../exchange';
import { associationOperations } from './associations';
import { catalogOperations } from './catalog';
import { HubspotRefusal, malformed, missingScopes, refusal, unauthenticated } from './errors';
import { objectOperations } from './object-operations';
import type { Call, Operation, Portal } from './portal';

/** Everything that the simulated portal can do; method and template are those of HubSpot's contract. */
export const operations: readonly Operation[] = [...objectOperations, ...associationOperations, ...catalogOperations];

interface Route {
  readonly operation: Operation;
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

const routes: readonly Route[] = operations.map((operation) => ({
  operation,
  pattern: new RegExp(`^${operation.template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '([^/]+)')}$`),
  names: [...operation.template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''),
}));

/** Carries out one request against the portal. Never throws for what a caller can do wrong. */
export function operate(portal: Portal, request: SimRequest): SimAnswer {
  let headers: Readonly<Record<string, string>> = {};
  try {
    const app = authenticate(portal, request);
    const { operation, call } = findOperation(portal, request);
    headers = portal.limiter.take(operation.limit, app);
    checkQuery(operation, request);
    checkScopes(portal, operation.scopes(call));
    const answer = operation.run(call);
    return { ...answer, headers: { ...headers, ...answer.headers } };
  } catch (error) {
    if (!(error instanceof HubspotRefusal)) throw error;
    return { ...error.answer, headers: { ...headers, ...error.answer.headers } };
  }
}

/** The token stands for the app that calls. Any token is good, unless the settings say otherwise. */
function authenticate(portal: Portal, request: SimRequest): string {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw unauthenticated('missing');
  const { token: state } = portal.settings();
  if (state !== 'accepted') throw unauthenticated(state);
  return token;
}

function findOperation(portal: Portal, request: SimRequest): { operation: Operation; call: Call } {
  const fitting = routes.flatMap((route) => {
    const match = route.pattern.exec(request.pathname);
    return match === null ? [] : [{ route, values: match.slice(1) }];
  });
  const found = fitting.find(({ route }) => route.operation.method === request.method);
  if (found === undefined) throw unknownOperation(request, fitting.length > 0);
  const { route, values } = found;
  const params = Object.fromEntries(route.names.map((name, index) => [name, decode(values[index] ?? '')]));
  return { operation: route.operation, call: { portal, request, params } };
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw malformed('The path is not valid percent-encoding');
  }
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

function checkScopes(portal: Portal, needed: readonly string[]): void {
  const missing = needed.filter((scope) => portal.settings().missingScopes.includes(scope));
  if (missing.length > 0) throw missingScopes(missing);
}
