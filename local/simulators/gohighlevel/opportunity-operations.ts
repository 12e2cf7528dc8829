/**
 * `/opportunities`: create, read, change, status, upsert, delete, pipelines, searches.
 * Invariant: searches lag as the settings say; an upsert rewrites stage and status of the card that it finds.
 */
import type { SimAnswer } from '../exchange';
import { checkLocation, existing, operation, param, queryText } from './account';
import type { Call, Operation, Wire } from './account';
import { queryNumber, readJsonBody, readWireBody } from './bodies';
import { malformed } from './errors';
import { changeOpportunity, createOpportunity, pipelinesOf, siblingOf } from './opportunities';
import {
  opportunityCreateBody,
  opportunitySearchBody,
  opportunityUpdateBody,
  opportunityUpsertBody,
  statusBody,
} from './opportunity-bodies';
import type { Opportunity } from './records';
import { nameOf } from './records';
import { opportunityRow } from './rows';
import { SEEDED_AT, location, lostReasons } from './seed';

const READ = 'opportunities.readonly';
const WRITE = 'opportunities.write';
const FILTERS = {
  v3: { pipeline: 'pipelineId', stage: 'pipelineStageId', contact: 'contactId', assigned: 'assignedTo' },
  dated: { pipeline: 'pipeline_id', stage: 'pipeline_stage_id', contact: 'contact_id', assigned: 'assigned_to' },
} as const;
const COMMON = ['q', 'status', 'id', 'order', 'endDate', 'date', 'page', 'limit', 'getTasks', 'getNotes'];
const searchQuery = (wire: Wire) => ({
  required: [wire === 'v3' ? 'locationId' : 'location_id'],
  optional: [...COMMON, 'getCalendarEvents', ...Object.values(FILTERS[wire])],
});

export const opportunityOperations: readonly Operation[] = [
  operation({ method: 'POST', template: '/opportunities', scope: WRITE, run: create }),
  operation({ method: 'POST', template: '/opportunities/upsert', scope: WRITE, run: upsert }),
  operation({
    method: 'GET',
    template: '/opportunities/search',
    scope: READ,
    run: search,
    query: { v3: searchQuery('v3'), dated: searchQuery('dated') },
  }),
  operation({ method: 'POST', template: '/opportunities/search', scope: READ, run: searchByBody }),
  operation({
    method: 'GET',
    template: '/opportunities/pipelines',
    scope: READ,
    malformed: 400,
    run: listPipelines,
    query: { required: ['locationId'] },
  }),
  operation({
    method: 'GET',
    template: '/opportunities/lost-reason',
    scope: READ,
    run: listLostReasons,
    query: { required: ['locationId'], optional: ['limit', 'skip'] },
  }),
  operation({ method: 'GET', template: '/opportunities/{id}', scope: READ, run: get }),
  operation({ method: 'PUT', template: '/opportunities/{id}', scope: WRITE, run: update }),
  operation({ method: 'PUT', template: '/opportunities/{id}/status', scope: WRITE, run: updateStatus }),
  operation({ method: 'DELETE', template: '/opportunities/{id}', scope: WRITE, run: remove }),
];

const opportunityOf = (call: Call): Opportunity =>
  existing(call.account, call.account.opportunities, param(call, 'id'), 'Opportunity');
const shown = (call: Call, opportunity: Opportunity) => ({ opportunity: opportunityRow(call.account, opportunity) });

function create(call: Call): SimAnswer {
  const { locationId, ...fields } = readWireBody(call, opportunityCreateBody);
  checkLocation(locationId);
  return { status: 201, body: shown(call, createOpportunity(call.account, fields)) };
}

function get(call: Call): SimAnswer {
  return { status: 200, body: shown(call, opportunityOf(call)) };
}

function update(call: Call): SimAnswer {
  const fields = readWireBody(call, opportunityUpdateBody);
  return { status: 200, body: shown(call, changeOpportunity(call.account, opportunityOf(call), fields)) };
}

function updateStatus(call: Call): SimAnswer {
  const fields = readJsonBody(call, statusBody);
  changeOpportunity(call.account, opportunityOf(call), fields);
  return { status: 200, body: { succeded: true } };
}

/** By id, else by contact and pipeline: the matching rule is not documented. */
function upsert(call: Call): SimAnswer {
  const { locationId, id, contactId, ...fields } = readWireBody(call, opportunityUpsertBody);
  checkLocation(locationId);
  if (id === undefined && contactId === undefined) throw malformed(['contactId: is needed where there is no id']);
  const { account } = call;
  const byContact = contactId === undefined ? null : siblingOf(account, contactId, fields.pipelineId);
  const found = id === undefined ? byContact : existing(account, account.opportunities, id, 'Opportunity');
  if (found !== null) {
    const changed = changeOpportunity(account, found, fields);
    return { status: 200, body: { ...shown(call, changed), new: false } };
  }
  if (contactId === undefined || fields.name === undefined) throw malformed(['name: is needed to create one']);
  const created = createOpportunity(account, { ...fields, name: fields.name, contactId });
  return { status: 200, body: { ...shown(call, created), new: true } };
}

function remove(call: Call): SimAnswer {
  const { id } = opportunityOf(call);
  call.account.emit({ type: 'OpportunityDelete', opportunity: call.account.opportunities.remove(id) });
  return { status: 200, body: { succeded: true } };
}

const STATUSES = ['open', 'won', 'lost', 'abandoned', 'all'];

function search(call: Call): SimAnswer {
  const names = FILTERS[call.wire];
  checkLocation(queryText(call, call.wire === 'v3' ? 'locationId' : 'location_id') ?? '');
  const status = queryText(call, 'status') ?? 'all';
  if (!STATUSES.includes(status)) throw malformed([`status must be one of ${STATUSES.join(', ')}`]);
  const limit = queryNumber(call, 'limit', { fallback: 20, min: 1, max: 100 });
  const page = queryNumber(call, 'page', { fallback: 1, min: 1, max: 10_000 });
  const is = (name: string, value: string | null): boolean => [null, value].includes(queryText(call, name));
  const hits = call.account.opportunities
    .asOf(call.account.settings().searchLagMs)
    .filter((one) => status === 'all' || one.status === status)
    .filter((one) => is('id', one.id) && is(names.contact, one.contactId) && is(names.assigned, one.assignedTo))
    .filter((one) => is(names.pipeline, one.pipelineId) && is(names.stage, one.pipelineStageId))
    .filter((one) => hasText(call, one, queryText(call, 'q') ?? ''));
  const shownHits = hits.slice((page - 1) * limit, page * limit);
  const meta = {
    total: hits.length,
    currentPage: page,
    ...(page * limit < hits.length ? { nextPage: page + 1 } : {}),
    ...(page > 1 ? { prevPage: page - 1 } : {}),
  };
  return {
    status: 200,
    body: { opportunities: shownHits.map((one) => opportunityRow(call.account, one)), meta, aggregations: {} },
  };
}

function searchByBody(call: Call): SimAnswer {
  const { locationId, query, limit, page } = readJsonBody(call, opportunitySearchBody);
  checkLocation(locationId);
  const hits = call.account.opportunities
    .asOf(call.account.settings().searchLagMs)
    .filter((one) => hasText(call, one, query));
  const opportunities = hits.slice((page - 1) * limit, page * limit).map((one) => opportunityRow(call.account, one));
  return { status: 200, body: { opportunities, total: hits.length, aggregations: {} } };
}

/** Text searches look into the card's name and its contact's name, e-mail and phone. */
function hasText({ account }: Call, one: Opportunity, query: string): boolean {
  const needle = query.trim().toLowerCase();
  const contact = account.contacts.find(one.contactId);
  const texts = contact === null ? [] : [nameOf(contact), contact.texts.email, contact.texts.phone];
  return needle === '' || [one.name, ...texts].some((text) => text?.toLowerCase().includes(needle) === true);
}

function listPipelines(call: Call): SimAnswer {
  checkLocation(queryText(call, 'locationId') ?? '');
  const pipelines = pipelinesOf(call.account).map(({ id, name, stages }) => ({
    id,
    name,
    locationId: location.id,
    showInFunnel: true,
    showInPieChart: true,
    stages: stages.map((stage, position) => ({ ...stage, position, showInFunnel: true, showInPieChart: true })),
  }));
  return { status: 200, body: { pipelines } };
}

function listLostReasons(call: Call): SimAnswer {
  checkLocation(queryText(call, 'locationId') ?? '');
  const at = { createdAt: SEEDED_AT, updatedAt: SEEDED_AT, locationId: location.id };
  return { status: 200, body: { lostReasons: lostReasons.map((reason) => ({ ...reason, ...at })), total: 2 } };
}
