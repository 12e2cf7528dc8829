/**
 * The newest personal details of a booking (title, notes, place), opened with the guest's key; null once that key is destroyed.
 */
import { readNewestDetails } from '../db/facts';
import { readPersonKey } from '../db/persons';
import type { Db } from '../db/pool';
import type { SourceDetails } from '../integrations/ports';
import type { ActivityDeps } from './deps';

export async function newestDetails(
  deps: Pick<ActivityDeps, 'vault'> & { readonly pool: Db },
  bookingId: string,
): Promise<SourceDetails | null> {
  const newest = await readNewestDetails(deps.pool, bookingId);
  const key = newest && (await readPersonKey(deps.pool, newest.personId));
  if (!newest || !key) return null;
  const plain = deps.vault.openForPerson(key, newest.personId, `event:${newest.factId}`, newest.sealed);
  return JSON.parse(plain.toString('utf8')) as SourceDetails;
}
