/**
 * One simulated HighLevel location: its records, tokens, limits and settings, and the call that an operation gets.
 * Invariant: operations are synchronous and change nothing before everything about them has been checked.
 */
import type { SimAnswer, SimRequest } from '../exchange';
import { badRequest, refusal, wrongLocation } from './errors';
import type { Limiter } from './limits';
import type { BaseRecord, RecordStore } from './record-store';
import type { CalendarEvent, Contact, CustomField, Note, Opportunity, Tag, Task } from './records';
import { location } from './seed';
import type { GohighlevelSettings } from './settings';
import type { SideEffects } from './side-effects';
import type { TokenStore } from './tokens';
import type { Webhook } from './webhook-events';

export interface Records {
  readonly contacts: RecordStore<Contact>;
  readonly opportunities: RecordStore<Opportunity>;
  readonly events: RecordStore<CalendarEvent>;
  readonly notes: RecordStore<Note>;
  readonly tasks: RecordStore<Task>;
  readonly fields: RecordStore<CustomField>;
  readonly tags: RecordStore<Tag>;
}

export interface Account extends Records {
  readonly clock: () => number;
  readonly tokens: TokenStore;
  readonly limiter: Limiter;
  /** What the customer's automations did because of a write. */
  readonly effects: SideEffects;
  settings(): GohighlevelSettings;
  emit(webhook: Webhook): void;
}

/** How requests and answers are written: `v3`, or as under the versions that are dates. */
export type Wire = 'v3' | 'dated';

export interface Call {
  readonly account: Account;
  readonly request: SimRequest;
  /** Values of the path's `{names}`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly wire: Wire;
}

export interface QueryNames {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As in HighLevel's contract, without a trailing slash: `/contacts/{contactId}`. */
  readonly template: string;
  /** Versions whose contract has it. */
  readonly versions: readonly ('v3' | '2021-07-28' | '2021-04-15')[];
  /** Query parameters that it takes; any other one is refused. */
  readonly query: Readonly<Record<Wire, QueryNames>>;
  /** The scope it needs, such as `contacts.write`. */
  readonly scope: string;
  /** Whose token it takes. */
  readonly access: 'any' | 'agency';
  /** What a malformed request gets: 422, or 400 where the contract has no 422. */
  readonly malformed: 400 | 422;
  run(call: Call): SimAnswer;
}

const noQuery: QueryNames = { required: [], optional: [] };

/** An operation of both wires; what is not said is as in most of the contract. */
export function operation(
  parts: Pick<Operation, 'method' | 'template' | 'scope' | 'run'> &
    Partial<Pick<Operation, 'versions' | 'access' | 'malformed'>> & {
      readonly query?: Partial<QueryNames> | Readonly<Record<Wire, Partial<QueryNames>>>;
    },
): Operation {
  const { query = {} } = parts;
  const perWire = 'v3' in query ? query : { v3: query, dated: query };
  return {
    versions: ['v3', '2021-07-28'],
    access: 'any',
    malformed: 422,
    ...parts,
    query: { v3: { ...noQuery, ...perWire.v3 }, dated: { ...noQuery, ...perWire.dated } },
  };
}

/** A parameter of the path that the template guarantees. */
export const param = (call: Call, name: string): string => call.params[name] ?? '';

/** A parameter of the query; null when it is absent or empty. */
export function queryText(call: Call, name: string): string | null {
  const value = call.request.query.get(name);
  return value === null || value === '' ? null : value;
}

/** Throws 403 when a request names a location that its token is not for. */
export function checkLocation(locationId: string): void {
  if (locationId !== location.id) throw wrongLocation();
}

/** The live record; throws what the settings say about things that do not exist. */
export function existing<T extends BaseRecord>(account: Account, store: RecordStore<T>, id: string, what: string): T {
  const record = store.find(id);
  if (record !== null) return record;
  throw notFound(account, what);
}

export function notFound(account: Account, what: string) {
  const message = `${what} not found`;
  return account.settings().notFoundStatus === 404 ? refusal({ status: 404, message }) : badRequest(message);
}
