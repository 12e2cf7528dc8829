/**
 * One simulated HubSpot account: its records, links, limits and settings, and the call that an operation gets.
 * Invariant: operations are synchronous and change nothing before everything about them has been checked.
 */
import type { SimAnswer, SimRequest } from '../exchange';
import type { AssociationStore } from './association-store';
import type { Changes } from './changes';
import { malformed } from './errors';
import type { Limiter } from './limits';
import type { ObjectStore } from './objects';
import type { PropertyStore } from './properties';
import { isObjectType } from './schema';
import type { ObjectType } from './schema';
import type { HubspotSettings } from './settings';
import type { TokenStore } from './tokens';

export interface Portal {
  readonly clock: () => number;
  readonly objects: ObjectStore;
  readonly associations: AssociationStore;
  readonly properties: PropertyStore;
  readonly tokens: TokenStore;
  readonly changes: Changes;
  readonly limiter: Limiter;
  settings(): HubspotSettings;
}

export interface Call {
  readonly portal: Portal;
  readonly request: SimRequest;
  /** Values of the path's `{names}`, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As in HubSpot's contract: `/crm/objects/2026-09/{objectType}/{objectId}`. */
  readonly template: string;
  /** Query parameters that it takes; any other one is refused. */
  readonly query: readonly string[];
  readonly limit: 'general' | 'search';
  /** Which scopes it needs; throws when a parameter of the path is none of HubSpot's. */
  scopes(call: Call): readonly string[];
  run(call: Call): SimAnswer;
}

/** The object type in a path's parameter; throws a 400 that counts as a violation. */
export function objectTypeParam(call: Call, name: string): ObjectType {
  const value = call.params[name] ?? '';
  if (isObjectType(value)) return value;
  throw malformed(`Unable to infer object type from: ${value}`, `unknown object type in {${name}}`);
}

/** A parameter of the path that the template guarantees. */
export function param(call: Call, name: string): string {
  return call.params[name] ?? '';
}

/** A list in the query: given several times, or once with commas. */
export function listQuery(call: Call, name: string): readonly string[] {
  return call.request.query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

/** `true` or `false` in the query; absent is false. */
export function flagQuery(call: Call, name: string): boolean {
  const value = call.request.query.get(name) ?? 'false';
  if (value !== 'true' && value !== 'false') throw malformed(`${name} must be true or false`);
  return value === 'true';
}

/** Frame of a batch answer. */
export function batchAnswer(call: Call, results: readonly unknown[], errors: readonly unknown[] = []): SimAnswer {
  const at = new Date(call.portal.clock()).toISOString();
  const body = { status: 'COMPLETE', results, startedAt: at, completedAt: at };
  if (errors.length === 0) return { status: 200, body };
  return { status: 207, body: { ...body, numErrors: errors.length, errors } };
}
