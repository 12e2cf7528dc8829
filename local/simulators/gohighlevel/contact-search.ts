/**
 * `POST /contacts/search` over the lagging index: filters (all), groups of filters, one page at a time.
 * The contract has no schema for it; field and operator names are those of the vendor's guide.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { SimAnswer } from '../exchange';
import { checkLocation } from './account';
import type { Call } from './account';
import { readJsonBody } from './bodies';
import type { Contact } from './records';
import { contactRow } from './rows';
import type { Row } from './rows';

const fields = [
  ...(['id', 'email', 'phone', 'firstNameLowerCase', 'lastNameLowerCase', 'fullNameLowerCase', 'companyName'] as const),
  ...(['tags', 'source', 'assignedTo', 'timezone', 'dateAdded', 'dateUpdated'] as const),
] as const;
const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
const filter = z
  .strictObject({
    field: z.union([z.enum(fields), z.templateLiteral(['customFields.', z.string()])]),
    operator: z.enum(['eq', 'not_eq', 'contains', 'not_contains', 'exists', 'not_exists']),
    value: value.optional(),
  })
  .refine((given) => given.operator.endsWith('exists') || given.value !== undefined, { error: 'needs a value' });
const group = z.strictObject({ group: z.enum(['AND', 'OR']), filters: z.array(filter).min(1) });

const searchBody = z.strictObject({
  locationId: z.string().min(1),
  pageLimit: z.int().min(1).max(500),
  page: z.int().min(1).optional(),
  searchAfter: z.array(z.unknown()).optional(),
  query: z.string().optional(),
  filters: z.array(z.union([filter, group])).optional(),
  sort: z
    .array(z.strictObject({ field: z.enum(fields), direction: z.enum(['asc', 'desc']) }))
    .max(2)
    .optional(),
});

type Filter = z.output<typeof filter>;

export function contactSearch(call: Call): SimAnswer {
  const body = readJsonBody(call, searchBody);
  checkLocation(body.locationId);
  const { searchLagMs, searchHidesPhones } = call.account.settings();
  const rows = call.account.contacts.asOf(searchLagMs).map((contact) => indexed(contact, searchHidesPhones));
  const query = body.query?.trim().toLowerCase() ?? '';
  const hits = rows
    .filter((row) => (body.filters ?? []).every((one) => matchesAny(row, one)))
    .filter((row) => query === '' || [row['fullNameLowerCase'], row['email'], row['phone']].some(has(query)));
  const sorted = sortRows(hits, body.sort?.[0]);
  const from = ((body.page ?? 1) - 1) * body.pageLimit;
  const contacts = sorted.slice(from, from + body.pageLimit);
  return { status: 200, body: { contacts, total: hits.length, traceId: randomUUID() } };
}

function indexed(contact: Contact, hidesPhones: boolean): Row {
  const row = contactRow(contact);
  if (!hidesPhones) return row;
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'phone'));
}

const has =
  (query: string) =>
  (text: unknown): boolean =>
    typeof text === 'string' && text.toLowerCase().includes(query);

function matchesAny(row: Row, one: Filter | z.output<typeof group>): boolean {
  if (!('group' in one)) return matches(row, one);
  return one.group === 'AND'
    ? one.filters.every((part) => matches(row, part))
    : one.filters.some((part) => matches(row, part));
}

/** Values of a field as lower-case texts: none, one, or a list's. */
function valuesOf(row: Row, field: string): readonly string[] {
  const found = field.startsWith('customFields.')
    ? (row['customFields'] as Contact['customFields']).find(({ id }) => id === field.slice('customFields.'.length))
        ?.value
    : row[field];
  if (found === undefined || found === null) return [];
  return (Array.isArray(found) ? found : [found]).map((one) => String(one).toLowerCase());
}

function matches(row: Row, { field, operator, value: wanted }: Filter): boolean {
  const present = valuesOf(row, field);
  const needles = (Array.isArray(wanted) ? wanted : [wanted ?? '']).map((one) => String(one).toLowerCase());
  const isEqual = needles.some((needle) => present.includes(needle));
  const contains = needles.some((needle) => present.some((text) => text.includes(needle)));
  switch (operator) {
    case 'eq':
      return isEqual;
    case 'not_eq':
      return !isEqual;
    case 'contains':
      return contains;
    case 'not_contains':
      return !contains;
    case 'exists':
      return present.length > 0;
    case 'not_exists':
      return present.length === 0;
  }
}

function sortRows(
  rows: readonly Row[],
  sort: { readonly field: string; readonly direction: 'asc' | 'desc' } | undefined,
): readonly Row[] {
  if (sort === undefined) return rows;
  const sign = sort.direction === 'asc' ? 1 : -1;
  const textOf = (row: Row): string => valuesOf(row, sort.field)[0] ?? '';
  return [...rows].sort((a, b) => sign * textOf(a).localeCompare(textOf(b)));
}
