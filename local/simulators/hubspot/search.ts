/**
 * HubSpot's search over the lagging index: filter groups (any) of filters (all), free text, one sort, paging by offset.
 * Limits and operators: crm-apis facts 1.4. Property names in filters must exist.
 */
import type { SearchBody, SearchFilter } from './bodies';
import { malformed } from './errors';
import type { HubspotRecord } from './record';
import type { ObjectType } from './schema';
import { checkPropertyNames, instantText } from './values';
import type { ValueRules } from './values';

const DEFAULT_LIMIT = 10;
const MAX_RESULTS = 10_000;
const MAX_BODY_LENGTH = 3_000;
/** What `query` looks into. */
const TEXT_PROPERTIES = ['email', 'firstname', 'lastname', 'phone', 'company', 'dealname', 'hs_meeting_title'];

export interface SearchPage {
  readonly total: number;
  readonly records: readonly HubspotRecord[];
  /** Offset of the next page as text; null on the last one. */
  readonly after: string | null;
}

/** `records` are what the index shows now. Throws a 400 for what HubSpot would not search. */
export function search(options: {
  readonly rules: ValueRules;
  readonly type: ObjectType;
  readonly body: SearchBody;
  readonly bodyLength: number;
  readonly records: readonly HubspotRecord[];
}): SearchPage {
  const { rules, type, body, bodyLength, records } = options;
  if (bodyLength > MAX_BODY_LENGTH) throw malformed(`A search body has at most ${MAX_BODY_LENGTH} characters`);
  const groups = (body.filterGroups ?? []).map(({ filters }) => filters);
  const sort = body.sorts?.[0] ?? null;
  const sortName = sort?.replace(/^-/, '') ?? null;
  checkPropertyNames(rules, type, [
    ...groups.flat().map(({ propertyName }) => propertyName),
    ...(sortName === null ? [] : [sortName]),
    ...(body.properties ?? []),
  ]);
  const limit = body.limit ?? DEFAULT_LIMIT;
  const offset = Number(body.after ?? '0');
  if (offset + limit > MAX_RESULTS) throw malformed(`A search reaches at most ${MAX_RESULTS} results`);

  const typeOf = (name: string): string => rules.properties.find(type, name)?.type ?? 'string';
  const query = body.query?.trim().toLowerCase() ?? '';
  const hits = records
    .filter(
      (record) =>
        groups.length === 0 ||
        groups.some((filters) => filters.every((f) => matches(typeOf(f.propertyName), record, f))),
    )
    .filter((record) => query === '' || hasText(record, query));
  const sorted =
    sortName === null
      ? hits
      : sortBy(hits, { name: sortName, type: typeOf(sortName), descending: sort?.startsWith('-') === true });
  const end = offset + limit;
  return {
    total: hits.length,
    records: sorted.slice(offset, end),
    after: end < hits.length ? String(end) : null,
  };
}

function hasText(record: HubspotRecord, query: string): boolean {
  return TEXT_PROPERTIES.some((name) => record.properties[name]?.toLowerCase().includes(query) === true);
}

function sortBy(
  records: readonly HubspotRecord[],
  { name, type, descending }: { readonly name: string; readonly type: string; readonly descending: boolean },
): HubspotRecord[] {
  const sign = descending ? -1 : 1;
  return [...records].sort((a, b) => {
    const left = a.properties[name] ?? null;
    const right = b.properties[name] ?? null;
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    return sign * compare(type, left, right);
  });
}

/** Negative, zero or positive; instants and numbers by value, the rest as lower-cased text. */
function compare(type: string, left: string, right: string): number {
  if (type === 'number') return Number(left) - Number(right);
  if (type === 'datetime' || type === 'date') return instant(left) - instant(right);
  return left.toLowerCase() < right.toLowerCase() ? -1 : left.toLowerCase() > right.toLowerCase() ? 1 : 0;
}

function instant(value: string): number {
  return Date.parse(instantText(value) ?? '');
}

function matches(type: string, found: HubspotRecord, filter: SearchFilter): boolean {
  const stored = found.properties[filter.propertyName] ?? null;
  const order = (value: string | undefined): number =>
    stored === null || value === undefined ? Number.NaN : compare(type, stored, value);
  switch (filter.operator) {
    case 'HAS_PROPERTY':
      return stored !== null;
    case 'NOT_HAS_PROPERTY':
      return stored === null;
    case 'EQ':
      return order(filter.value) === 0;
    case 'NEQ':
      return stored !== null && order(filter.value) !== 0;
    case 'LT':
      return order(filter.value) < 0;
    case 'LTE':
      return order(filter.value) <= 0;
    case 'GT':
      return order(filter.value) > 0;
    case 'GTE':
      return order(filter.value) >= 0;
    case 'BETWEEN':
      return order(filter.value) >= 0 && order(filter.highValue) <= 0;
    case 'IN':
      return oneOf(stored, type, filter.values ?? []);
    case 'NOT_IN':
      return stored !== null && !oneOf(stored, type, filter.values ?? []);
    case 'CONTAINS_TOKEN':
      return hasTokens(stored, filter.value ?? '');
    case 'NOT_CONTAINS_TOKEN':
      return stored !== null && !hasTokens(stored, filter.value ?? '');
  }
}

/** Values for text must be sent in lower case: one that is not never matches, as in HubSpot. */
function oneOf(stored: string | null, type: string, values: readonly string[]): boolean {
  if (stored === null) return false;
  if (type === 'string') return values.includes(stored.toLowerCase());
  return values.some((value) => compare(type, stored, value) === 0);
}

const tokens = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((token) => token !== '');

/** Every token of the needle is a token of the value; `*` stands for anything inside one token or the whole value. */
function hasTokens(stored: string | null, needle: string): boolean {
  if (stored === null) return false;
  if (!needle.includes('*')) {
    const present = new Set(tokens(stored));
    const wanted = tokens(needle);
    return wanted.length > 0 && wanted.every((token) => present.has(token));
  }
  const source = needle
    .toLowerCase()
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*');
  const pattern = new RegExp(`^${source}$`, 's');
  return [stored.toLowerCase(), ...tokens(stored)].some((text) => pattern.test(text));
}
