/**
 * HighLevel (GoHighLevel) as a CRM: the `Crm` port on top of contacts, appointments, opportunities and users of one location.
 * Invariant: nothing HighLevel-shaped leaves this folder; creates are sent once, and every error is a `CrmError`.
 */
import type { ClientOptions } from '../crm-client';
import type { TokenStore } from '../oauth-tokens';
import type { Crm, CrmCapabilities } from '../ports';
import {
  cancelAppointment,
  changeAppointment,
  createAppointment,
  findAppointment,
  readAppointment,
  readAppointments,
  readNewAppointment,
  updateAppointment,
} from './appointments';
import { createGohighlevelClient, type GohighlevelSettings } from './client';
import { captureLead, changeTags, createPerson, resetPerson, writePerson, writePersonFields } from './contact-writes';
import { findPeopleByName, readPersonWords, resolvePerson } from './contacts';
import { listNewAppointments } from './new-appointments';
import { listPeopleSince } from './new-contacts';
import { addNote, amendNote, findNote } from './notes';
import { createOpportunity, findOpportunity, moveOpportunity, readOpportunity } from './opportunities';
import { createOwners } from './owners';
import { describe, ensureSetup, probe } from './setup';

export type { GohighlevelSettings } from './client';

/** HighLevel says nothing about it; waiting less could create a second record. */
const SEARCH_LAG_MS = 15_000;

const CAPABILITIES: CrmCapabilities = {
  oneOpportunityPerPipeline: true,
  nativeOutcome: true,
  suppressesNotifications: true,
  tags: true,
  customFields: true,
  notes: true,
  nativeLeadSource: true,
  nameSearch: true,
  searchLagMs: SEARCH_LAG_MS,
};

/**
 * Makes the adapter of one location. It keeps the location's rate limits in memory: make one per process and location.
 * `operationKey` is not sent: HighLevel has no field for it. An appointment can't name its opportunity either.
 * Throws when the settings have an OAuth client and there is no store for its tokens.
 */
export function createGohighlevelCrm(
  settings: GohighlevelSettings & ClientOptions,
  tokens: TokenStore | null = null,
): Crm {
  const client = createGohighlevelClient(settings, tokens);
  const owners = createOwners(client);
  return {
    kind: 'gohighlevel',
    capabilities: CAPABILITIES,
    describe: (call) => describe(client, call),
    ensureSetup: (call) => ensureSetup(client, owners, call),
    resolvePerson: (query, call) => resolvePerson(client, query, call),
    findPeopleByName: (name, call) => findPeopleByName(client, name, call),
    listPeopleSince: (page, call) => listPeopleSince(client, page, call),
    createPerson: (fields, call) => createPerson(client, fields, call),
    writePerson: (id, changes, call) => writePerson(client, { id, changes }, call),
    resetPerson: (id, values, call) => resetPerson(client, { id, values }, call),
    readPersonWords: (id, fields, call) => readPersonWords(client, { id, fields }, call),
    writePersonFields: (id, values, call) => writePersonFields(client, { id, values }, call),
    captureLead: (personId, lead, call) => captureLead(client, { personId, lead }, call),
    changeTags: (personId, change, call) => changeTags(client, { personId, ...change }, call),
    createAppointment: (fields, call) => createAppointment(client, fields, call),
    updateAppointment: (id, fields, call) => updateAppointment(client, { id, fields }, call),
    changeAppointment: (id, changes, call) => changeAppointment(client, { id, changes }, call),
    cancelAppointment: (id, reason, call) => cancelAppointment(client, { id, reason }, call),
    readAppointment: (id, call) => readAppointment(client, id, call),
    readAppointments: (asked, call) => readAppointments(client, asked, call),
    readNewAppointment: (id, call) => readNewAppointment(client, id, call),
    listNewAppointments: (page, call) => listNewAppointments(client, page, call),
    findAppointment: (externalKey, personId, call) => findAppointment(client, { externalKey, personId }, call),
    createOpportunity: (fields, call) => createOpportunity(client, fields, call),
    findOpportunity: (personId, pipelineId, call) => findOpportunity(client, { personId, pipelineId }, call),
    readOpportunity: (id, call) => readOpportunity(client, id, call),
    moveOpportunity: (id, to, call) => moveOpportunity(client, { id, ...to }, call),
    addNote: (fields, call) => addNote(client, fields, call),
    findNote: (externalKey, personId, call) => findNote(client, { externalKey, personId }, call),
    amendNote: (note, call) => amendNote(client, note, call),
    findOwner: (email, call) => owners.find(email, call),
    probe: (call) => probe(client, call),
  };
}
