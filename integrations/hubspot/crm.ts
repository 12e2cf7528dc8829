/**
 * HubSpot as a CRM: the `Crm` port on top of contacts, meetings, deals, notes and owners.
 * Invariant: nothing HubSpot-shaped leaves this folder; creates are sent once, and every error is a `CrmError`.
 */
import type { ClientOptions } from '../crm-client';
import type { TokenStore } from '../oauth-tokens';
import { CrmError, type Crm, type CrmCapabilities } from '../ports';
import { describe } from './catalog';
import { createHubspotClient, type HubspotSettings } from './client';
import {
  captureLead,
  createPerson,
  readPersonWords,
  resetPerson,
  writePerson,
  writePersonFields,
} from './contact-writes';
import { findPeopleByName, resolvePerson } from './contacts';
import { listNewAppointments } from './new-meetings';
import { listPeopleSince } from './new-contacts';
import { createOpportunity, findOpportunity, moveOpportunity, readOpportunity } from './deals';
import { createKeyProperty } from './key-property';
import {
  cancelAppointment,
  changeAppointment,
  createAppointment,
  findAppointment,
  readAppointment,
  readAppointments,
  readNewAppointment,
  updateAppointment,
} from './meetings';
import { addNote, amendNote, findNote } from './notes';
import { createOwners, probe } from './owners';
import { createPipelines } from './pipelines';

export type { HubspotSettings } from './client';

/** HubSpot only says "a few moments"; waiting less could create a person twice. */
const SEARCH_LAG_MS = 15_000;

const CAPABILITIES: CrmCapabilities = {
  oneOpportunityPerPipeline: false,
  nativeOutcome: true,
  // A meeting that is written by API invites nobody.
  suppressesNotifications: false,
  tags: false,
  customFields: true,
  notes: true,
  nativeLeadSource: false,
  nameSearch: true,
  searchLagMs: SEARCH_LAG_MS,
};

/**
 * Makes the adapter of one HubSpot account. It keeps the account's rate limits, owners, pipelines and key properties in memory:
 * make one per process and account. `tokens` is needed for `oauth` only; throws when it is missing there.
 * `operationKey` is not sent: single creates and updates have no field for it (`objectWriteTraceId` exists in batches only).
 */
export function createHubspotCrm(settings: HubspotSettings & ClientOptions, tokens: TokenStore | null = null): Crm {
  const client = createHubspotClient(settings, tokens);
  const now = settings.now ?? Date.now;
  const owners = createOwners(client, now);
  const pipelines = createPipelines(client, now);
  const account = { client, now, pipelines, keys: createKeyProperty(client, now) };
  return {
    kind: 'hubspot',
    capabilities: CAPABILITIES,
    describe: (call) => describe(client, pipelines, call),
    ensureSetup: (call) => account.keys.setUp(call),
    resolvePerson: (query, call) => resolvePerson(client, query, call),
    createPerson: (fields, call) => createPerson(client, fields, call),
    findPeopleByName: (name, call) => findPeopleByName(client, name, call),
    listPeopleSince: (page, call) => listPeopleSince(client, page, call),
    writePerson: (id, changes, call) => writePerson(client, { id, changes }, call),
    resetPerson: (id, values, call) => resetPerson(client, { id, values }, call),
    readPersonWords: (id, fields, call) => readPersonWords(client, { id, fields }, call),
    writePersonFields: (id, values, call) => writePersonFields(client, { id, values }, call),
    captureLead: (personId, lead, call) => captureLead(client, { personId, lead }, call),
    changeTags: () =>
      Promise.reject(new CrmError('contract_violation', 'HubSpot has no tags; ask for `capabilities.tags` first')),
    createAppointment: (fields, call) => createAppointment(account, fields, call),
    updateAppointment: (id, fields, call) => updateAppointment(client, { id, fields }, call),
    changeAppointment: (id, changes, call) => changeAppointment(client, { id, changes }, call),
    cancelAppointment: (id, reason, call) => cancelAppointment(client, { id, reason }, call),
    readAppointment: (id, call) => readAppointment(client, id, call),
    readAppointments: (asked, call) =>
      readAppointments(
        client,
        asked.map(({ id }) => id),
        call,
      ),
    readNewAppointment: (id, call) => readNewAppointment(client, id, call),
    listNewAppointments: (page, call) => listNewAppointments(client, page, call),
    findAppointment: (externalKey, personId, call) => findAppointment(account, { externalKey, personId }, call),
    createOpportunity: (fields, call) => createOpportunity(account, fields, call),
    findOpportunity: (personId, pipelineId, call, madeFor) =>
      findOpportunity(account, { personId, pipelineId, madeFor: madeFor ?? null }, call),
    readOpportunity: (id, call) => readOpportunity(account, id, call),
    moveOpportunity: (id, to, call) => moveOpportunity(client, { id, ...to }, call),
    addNote: (fields, call) => addNote(client, fields, call),
    findNote: (externalKey, personId, call) => findNote(client, { externalKey, personId }, call),
    amendNote: (note, call) => amendNote(client, note, call),
    findOwner: (email, call) => owners.find(email, call),
    probe: (call) => probe(client, call),
  };
}
