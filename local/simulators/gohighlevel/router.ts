/**
 * From a request to its operation: version, operation, token, query, scope, limits, then the operation itself.
 * Invariant: whatever is not in the tables is refused in HighLevel's shape and counted; nothing runs after a refusal.
 */
import type { SimAnswer, SimRequest } from '../exchange';
import { routesOf, type Fitting } from '../routes';
import type { Account, Operation, Wire } from './account';
import { appointmentNoteOperations } from './appointment-notes';
import { calendarOperations } from './calendar-operations';
import { contactNoteOperations } from './contact-notes';
import { contactOperations } from './contact-operations';
import { GohighlevelRefusal, malformed, refusal, unauthorized } from './errors';
import { answerToken, oauthOperations } from './oauth';
import { opportunityOperations } from './opportunity-operations';
import { placeOperations } from './place-operations';
import type { Grant } from './tokens';

/** Everything that the simulated location can do, except `POST /oauth/token`; templates are those of HighLevel's contract. */
export const operations: readonly Operation[] = [
  ...contactOperations,
  ...contactNoteOperations,
  ...opportunityOperations,
  ...calendarOperations,
  ...appointmentNoteOperations,
  ...placeOperations,
  ...oauthOperations,
];

const routes = routesOf(operations, () => malformed(['the path is not valid percent-encoding'], 400));

const TOKEN_PATH = '/oauth/token';
/** Published, and sent by the vendor's own client with every call. */
const CLIENT_VERSION = '2023-02-21';
const PUBLISHED: readonly string[] = ['v3', CLIENT_VERSION, '2021-07-28', '2021-04-15'];

/** Carries out one request against the location. Never throws for what a caller can do wrong. */
export function operate(account: Account, request: SimRequest): SimAnswer {
  let headers: Readonly<Record<string, string>> = {};
  try {
    if (request.method === 'POST' && request.pathname === TOKEN_PATH) return answerToken(account, request);
    const grant = authenticate(account, request);
    const version = versionOf(request);
    const { operation, params } = findOperation(request, version);
    checkVersion(operation, version);
    headers = account.limiter.take(grant.app);
    const wire: Wire = version === 'v3' ? 'v3' : 'dated';
    checkAccess(account, operation, grant);
    checkQuery(operation, wire, request);
    const answer = operation.run({ account, request, params, wire });
    return { ...answer, headers: { ...headers, ...answer.headers } };
  } catch (error) {
    if (!(error instanceof GohighlevelRefusal)) throw error;
    return { ...error.answer, headers: { ...headers, ...error.answer.headers } };
  }
}

function authenticate(account: Account, request: SimRequest): Grant {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw unauthorized('missing');
  return account.tokens.grantOf(token);
}

function versionOf(request: SimRequest): string {
  const version = request.headers['version'];
  if (typeof version !== 'string' || version === '') throw unauthorized('no_version');
  if (!PUBLISHED.includes(version)) throw unauthorized('unknown_version');
  return version;
}

/** A fixed word in a path goes before a parameter; a path of the newest version alone is not found under a date. */
function findOperation(request: SimRequest, version: string): Fitting<Operation> {
  const found = routes(request.pathname)
    .filter(({ operation }) => operation.method === request.method)
    .sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)[0];
  if (found === undefined || (version !== 'v3' && found.operation.versions.every((one) => one === 'v3'))) {
    const violation = found === undefined ? 'unknown operation' : 'a path of version v3 under a dated version';
    throw refusal({ status: 404, message: `Cannot ${request.method} this path`, violation });
  }
  return found;
}

/** Stricter than the vendor, who answers any published version: an operation is called as its contract says. */
function checkVersion(operation: Operation, version: string): void {
  const { versions, template, method } = operation;
  const isDated = versions.some((one) => one !== 'v3');
  if (versions.some((one) => one === version) || (version === CLIENT_VERSION && isDated)) return;
  throw malformed([`${method} ${template} wants version ${versions.join(' or ')}`], 400);
}

function checkAccess(account: Account, operation: Operation, grant: Grant): void {
  const { missingScopes, unsupportedRoutes } = account.settings();
  const name = `${operation.method} ${operation.template}`;
  const isAgencyOnly = operation.access === 'agency' && grant.userType === 'Location';
  if (isAgencyOnly || unsupportedRoutes.some((source) => new RegExp(source).test(name))) throw unauthorized('route');
  if (missingScopes.includes(operation.scope)) throw unauthorized('scope');
}

function checkQuery(operation: Operation, wire: Wire, request: SimRequest): void {
  const { required, optional } = operation.query[wire];
  const given = new Set(request.query.keys());
  const unknown = [...given].filter((name) => !required.includes(name) && !optional.includes(name));
  const missing = required.filter((name) => (request.query.get(name) ?? '') === '');
  const problems = [
    ...unknown.map((name) => `property ${name} should not exist`),
    ...missing.map((name) => `${name} should not be empty`),
  ];
  if (problems.length > 0) throw malformed(problems, operation.malformed);
}
