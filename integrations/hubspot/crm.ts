/**
 * HubSpot as a CRM: the `Crm` port on top of contacts, meetings, deals and owners.
 * Invariant: nothing HubSpot-shaped leaves this folder; creates are sent once, and every error is a `CrmError`.
 */
import type { Crm, CrmCall } from '../ports';
import { ownersSchema } from './answers';
import { createHubspotClient, HUBSPOT_VERSIONS, type HubspotClient, type HubspotClientSettings } from './client';
import { createPerson, fillPerson, resolvePerson } from './contacts';
import { createOpportunity, describe, findOpenOpportunity, moveOpportunity, readOpportunity } from './deals';
import { cancelAppointment, createAppointment, findAppointment, readAppointment, updateAppointment } from './meetings';

export type HubspotCrmSettings = HubspotClientSettings;

/** HubSpot only says "a few moments"; waiting less could create a person twice. */
const SEARCH_LAG_MS = 15_000;

/**
 * Makes the adapter of one HubSpot account. It keeps the account's rate limits in memory: make one per process and account.
 * `operationKey` is not sent: single creates and updates have no field for it (`objectWriteTraceId` exists in batches only).
 */
export function createHubspotCrm(settings: HubspotCrmSettings): Crm {
  const client = createHubspotClient(settings);
  return {
    kind: 'hubspot',
    searchLagMs: SEARCH_LAG_MS,
    describe: (call) => describe(client, call),
    resolvePerson: (query, call) => resolvePerson(client, query, call),
    createPerson: (fields, call) => createPerson(client, fields, call),
    fillPerson: (id, fields, call) => fillPerson(client, { id, fields }, call),
    createAppointment: (fields, call) => createAppointment(client, fields, call),
    updateAppointment: (id, fields, call) => updateAppointment(client, { id, fields }, call),
    cancelAppointment: (id, reason, call) => cancelAppointment(client, { id, reason }, call),
    readAppointment: (id, call) => readAppointment(client, id, call),
    findAppointment: (externalKey, personId, call) => findAppointment(client, { externalKey, personId }, call),
    createOpportunity: (fields, call) => createOpportunity(client, fields, call),
    findOpenOpportunity: (personId, pipelineId, call) => findOpenOpportunity(client, { personId, pipelineId }, call),
    readOpportunity: (id, call) => readOpportunity(client, id, call),
    moveOpportunity: (id, to, call) => moveOpportunity(client, { id, ...to }, call),
    findOwner: (email, call) => findOwner(client, email, call),
    probe: (call) => probe(client, call),
  };
}

const ownersPath = ['crm', 'owners', HUBSPOT_VERSIONS.owners];

/** The owner's `id` is what `hubspot_owner_id` takes; their `userId` is not. Deactivated owners don't count. */
async function findOwner(client: HubspotClient, email: string, call: CrmCall): Promise<{ readonly id: string } | null> {
  const wanted = email.trim().toLowerCase();
  const { results } = await client.request(
    {
      operation: 'findOwner',
      method: 'GET',
      path: ownersPath,
      query: { email: wanted },
      effect: 'safe',
      schema: ownersSchema,
    },
    call,
  );
  const owner = results.find((candidate) => candidate.archived !== true && candidate.email?.toLowerCase() === wanted);
  return owner === undefined ? null : { id: owner.id };
}

async function probe(client: HubspotClient, call: CrmCall): Promise<void> {
  await client.request(
    {
      operation: 'probe',
      method: 'GET',
      path: ownersPath,
      query: { limit: '1' },
      effect: 'safe',
      schema: ownersSchema,
    },
    call,
  );
}
