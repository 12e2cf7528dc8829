/**
 * HubSpot's owners: who a record belongs to.
 * Invariant: a deactivated owner is none; what was found, or not, is kept for ten minutes.
 */
import { createMemo } from '../memo';
import type { CrmCall } from '../ports';
import { ownersSchema } from './answers';
import { HUBSPOT_VERSIONS, type HubspotClient } from './client';

export interface Owners {
  /** By e-mail, whatever its case. The owner's `id` is what `hubspot_owner_id` takes; their `userId` is not. */
  find(email: string, call: CrmCall): Promise<{ readonly id: string } | null>;
}

const KEEP_MS = 10 * 60_000;
const path = ['crm', 'owners', HUBSPOT_VERSIONS.owners];

/** `now` in epoch ms. */
export function createOwners(client: HubspotClient, now: () => number): Owners {
  const memo = createMemo<{ readonly id: string } | null>({ keepMs: KEEP_MS, now });
  return {
    find(email, call) {
      const wanted = email.trim().toLowerCase();
      return memo.get(wanted, () => readOwner(client, wanted, call));
    },
  };
}

async function readOwner(client: HubspotClient, email: string, call: CrmCall): Promise<{ readonly id: string } | null> {
  const { results } = await client.request(
    { operation: 'findOwner', method: 'GET', path, query: { email }, effect: 'safe', schema: ownersSchema },
    call,
  );
  const owner = results.find((candidate) => candidate.archived !== true && candidate.email?.toLowerCase() === email);
  return owner === undefined ? null : { id: owner.id };
}

/** The cheapest call there is; proves that HubSpot answers and takes our token. */
export async function probe(client: HubspotClient, call: CrmCall): Promise<void> {
  await client.request(
    {
      operation: 'probe',
      method: 'GET',
      path,
      query: { limit: '1' },
      effect: 'safe',
      probe: true,
      schema: ownersSchema,
    },
    call,
  );
}
