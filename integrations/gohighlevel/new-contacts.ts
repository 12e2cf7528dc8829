/**
 * HighLevel contacts by when they were added, newest first: the guide names no operator that compares dates, but a sort by them.
 * Invariant: pages end with the first contact that is too old. Who is added meanwhile moves the others on, so one may come twice.
 */
import type { CrmCall, ListedPerson } from '../ports';
import { contactSearchAnswer, type GohighlevelContact } from './answers';
import type { GohighlevelClient } from './client';

const PAGE = 100;
/** Pages reach 10,000 records. */
const LAST_PAGE = 100;

/** A cursor is the number of the page. */
export async function listPeopleSince(
  client: GohighlevelClient,
  { sinceMs, cursor }: { readonly sinceMs: number; readonly cursor: string | null },
  call: CrmCall,
): Promise<{ readonly people: readonly ListedPerson[]; readonly next: string | null }> {
  const page = Number(cursor ?? '1');
  const sort = [{ field: 'dateAdded', direction: 'desc' }];
  const { contacts } = await client.request(
    {
      operation: 'listPeopleSince',
      method: 'POST',
      path: ['contacts', 'search'],
      body: { locationId: client.locationId, page, pageLimit: PAGE, sort },
      effect: 'safe',
      search: true,
      schema: contactSearchAnswer,
    },
    call,
  );
  const people = contacts
    .filter((contact) => contact.deleted !== true && (contact.locationId ?? client.locationId) === client.locationId)
    .flatMap(listed);
  const isLast = contacts.length < PAGE || page >= LAST_PAGE || people.some(({ createdAtMs }) => createdAtMs < sinceMs);
  return {
    people: people.filter(({ createdAtMs }) => createdAtMs >= sinceMs),
    next: isLast ? null : String(page + 1),
  };
}

function listed({ id, email, dateAdded }: GohighlevelContact): ListedPerson[] {
  const createdAtMs = Date.parse(dateAdded ?? '');
  return Number.isNaN(createdAtMs) ? [] : [{ id, createdAtMs, email: email?.trim().toLowerCase() || null }];
}
