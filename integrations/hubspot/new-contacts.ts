/**
 * HubSpot contacts by when they were added, oldest first.
 * Invariant: a search reaches 10,000 results, so before that it begins anew with the last instant that was seen.
 */
import type { CrmCall, ListedPerson } from '../ports';
import type { HubspotRecord } from './answers';
import type { HubspotClient } from './client';
import { searchObjects } from './records';

export const PAGE = 100;
const FARTHEST = 9_900;

/** A cursor is `<instant>/<offset>`: the search from that instant on, from that result on. */
export async function listPeopleSince(
  client: HubspotClient,
  page: { readonly sinceMs: number; readonly cursor: string | null },
  call: CrmCall,
): Promise<{ readonly people: readonly ListedPerson[]; readonly next: string | null }> {
  const [fromMs = String(page.sinceMs), after = '0'] = page.cursor?.split('/') ?? [];
  const body = {
    filterGroups: [{ filters: [{ propertyName: 'createdate', operator: 'GTE', value: fromMs }] }],
    properties: ['email', 'createdate'],
    sorts: ['createdate'],
    limit: PAGE,
    ...(after === '0' ? {} : { after }),
  };
  const { results, paging } = await searchObjects(
    client,
    { type: 'contacts', operation: 'listPeopleSince', body },
    call,
  );
  const people = results.filter((contact) => contact.archived !== true).flatMap(listed);
  return { people, next: nextOf({ fromMs, after, next: paging?.next?.after, lastMs: people.at(-1)?.createdAtMs }) };
}

function listed({ id, properties }: HubspotRecord): ListedPerson[] {
  const createdAtMs = Date.parse(properties['createdate'] ?? '');
  if (Number.isNaN(createdAtMs)) return [];
  return [{ id, createdAtMs, email: properties['email']?.trim().toLowerCase() || null }];
}

/** The cursor after this page; null: it was the last one. */
export function nextOf(of: { fromMs: string; after: string; next: string | undefined; lastMs: number | undefined }) {
  const { fromMs, after, next, lastMs } = of;
  if (next === undefined || next === after) return null;
  if (Number(next) < FARTHEST || lastMs === undefined || String(lastMs) === fromMs) return `${fromMs}/${next}`;
  return `${lastMs}/0`;
}
