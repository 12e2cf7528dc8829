/**
 * Lists of Cal.com's API, page after page.
 * Invariant: no row of a closed window is left out because another one changed meanwhile, and none comes twice.
 */
import { z } from 'zod';
import { SourceError } from '../ports';
import { listedRow } from './api-row';
import type { CalcomClient } from './client';

/** At most 250; smaller pages are answered within the time limit. */
const PAGE_SIZE = 100;
/** A million rows: beyond it the vendor repeats itself. */
const MAX_PAGES = 10_000;

export interface Listed {
  readonly uid: string;
  readonly changedAtMs: number | null;
  readonly predecessorUid: string | null;
  /** The row as it came. */
  readonly raw: unknown;
}

const rawRow = z.unknown().transform((raw, context): Listed => {
  const parsed = listedRow.safeParse(raw);
  if (parsed.success) return { ...parsed.data, raw };
  for (const issue of parsed.error.issues)
    context.addIssue({ code: 'custom', path: issue.path, message: issue.message });
  return z.NEVER;
});
/** One row, or the occurrences of a series. */
export const oneOrMany = z.object({
  data: z.union([z.array(rawRow), rawRow.transform((row) => [row])]),
});
const page = z.object({
  data: z.array(rawRow),
  pagination: z.object({ hasNextPage: z.boolean() }).optional(),
});

interface Page {
  readonly rows: readonly Listed[];
  readonly isLast: boolean;
}

type Query = Readonly<Record<string, string>>;

async function readPage(client: CalcomClient, operation: string, query: Query): Promise<Page> {
  const { data, pagination } = await client.request({
    operation,
    effect: 'safe',
    area: 'bookings',
    method: 'GET',
    path: ['bookings'],
    query: { ...query, take: String(PAGE_SIZE) },
    schema: page,
  });
  const isLast = data.length === 0 || !(pagination?.hasNextPage ?? data.length >= PAGE_SIZE);
  return { rows: data, isLast };
}

/**
 * Rows that changed within the closed window. A row that changes while pages are read leaves the window, and those behind it
 * move up: an offset would skip them. So each page begins at the last change that the one before it showed (the filter is
 * inclusive), and an offset only counts rows of that one instant.
 */
export async function listByChange(
  client: CalcomClient,
  window: { readonly fromMs: number; readonly toMs: number },
): Promise<Listed[]> {
  const found = new Map<string, Listed>();
  let fromMs = window.fromMs;
  let skip = 0;
  for (let n = 0; n < MAX_PAGES; n += 1) {
    const { rows, isLast } = await readPage(client, 'listChanged', {
      afterUpdatedAt: isoOf(fromMs),
      beforeUpdatedAt: isoOf(window.toMs),
      sortUpdatedAt: 'asc',
      skip: String(skip),
    });
    for (const row of rows) found.set(row.uid, row);
    if (isLast) return [...found.values()];
    const lastMs = rows.at(-1)?.changedAtMs ?? null;
    const moves = lastMs !== null && lastMs > fromMs;
    skip = moves ? 0 : skip + rows.length;
    fromMs = moves ? lastMs : fromMs;
  }
  throw tooManyPages('listChanged');
}

/** Rows by a filter on their times, which hardly ever change: offsets do. */
export async function listByStart(client: CalcomClient, operation: string, query: Query): Promise<Listed[]> {
  const found = new Map<string, Listed>();
  let skip = 0;
  for (let n = 0; n < MAX_PAGES; n += 1) {
    const { rows, isLast } = await readPage(client, operation, { ...query, sortStart: 'asc', skip: String(skip) });
    for (const row of rows) found.set(row.uid, row);
    if (isLast) return [...found.values()];
    skip += rows.length;
  }
  throw tooManyPages(operation);
}

export const isoOf = (atMs: number): string => new Date(atMs).toISOString();

function tooManyPages(operation: string): SourceError {
  return new SourceError(
    'contract_violation',
    `Cal.com ${operation}: more than ${MAX_PAGES} pages; expected an end, ask for a shorter window`,
  );
}
