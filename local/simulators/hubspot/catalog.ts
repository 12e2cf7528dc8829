/**
 * What the portal is made of, read only: pipelines and stages, owners.
 * Invariant: answers come from the same seed and settings that writes are judged by.
 */
import type { SimAnswer } from '../exchange';
import { malformed, notFound } from './errors';
import { flagQuery, objectTypeParam, param } from './portal';
import type { Call, Operation } from './portal';
import { schemas } from './schema';
import { SEEDED_AT, owners, pipelines } from './seed';
import type { Owner, Pipeline, Stage } from './seed';

const DATES = { createdAt: SEEDED_AT, updatedAt: SEEDED_AT, archived: false } as const;

function operation(
  template: string,
  options: { readonly query?: readonly string[]; readonly scope: (call: Call) => string },
  run: (call: Call) => SimAnswer,
): Operation {
  const { query = [], scope } = options;
  return { method: 'GET', template, query, limit: 'general', scopes: (call) => [scope(call)], run };
}

const dealScope = (): string => schemas.deals.scopes.read;
const ownerScope = (): string => 'crm.objects.owners.read';

function ok(body: unknown): SimAnswer {
  return { status: 200, body };
}

const archivedDates = { ...DATES, archived: true, archivedAt: SEEDED_AT } as const;

function wireStage(call: Call, stage: Stage): object {
  const metadata = { probability: stage.probability, isClosed: String(stage.closed !== 'no') };
  return {
    id: stage.id,
    label: stage.label,
    displayOrder: stage.displayOrder,
    metadata,
    writePermissions: 'CRM_PERMISSIONS_ENFORCEMENT',
    ...(call.portal.settings().archivedStages.includes(stage.id) ? archivedDates : DATES),
  };
}

function wirePipeline(call: Call, { id, label, displayOrder, stages }: Pipeline): object {
  return { id, label, displayOrder, stages: stages.map((stage) => wireStage(call, stage)), ...DATES };
}

/** Only deals have pipelines here. */
function pipelinesOf(call: Call): readonly Pipeline[] {
  if (objectTypeParam(call, 'objectType') !== 'deals') throw malformed('Only deals have pipelines in this portal');
  return pipelines;
}

function onePipeline(call: Call): Pipeline {
  const pipeline = pipelinesOf(call).find(({ id }) => id === param(call, 'pipelineId'));
  if (pipeline === undefined) throw notFound();
  return pipeline;
}

function isArchived(call: Call, { id }: Owner): boolean {
  return call.portal.settings().archivedOwners.includes(id);
}

function wireOwner(call: Call, owner: Owner): object {
  const { id, userId, email, firstName, lastName } = owner;
  const archived = isArchived(call, owner);
  return {
    id,
    ...(archived ? {} : { userId }),
    userIdIncludingInactive: userId,
    email,
    firstName,
    lastName,
    type: 'PERSON',
    teams: [],
    ...DATES,
    archived,
  };
}

function listOwners(call: Call): SimAnswer {
  const { query } = call.request;
  const email = query.get('email')?.toLowerCase() ?? null;
  const limit = Number(query.get('limit') ?? '100');
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw malformed('limit must be 1 to 500');
  const archived = flagQuery(call, 'archived');
  const wanted = owners
    .filter((owner) => isArchived(call, owner) === archived)
    .filter((owner) => email === null || owner.email === email);
  const begin = Number(query.get('after') ?? '0');
  const page = wanted.slice(begin, begin + limit);
  const paging = begin + limit < wanted.length ? { paging: { next: { after: String(begin + limit) } } } : {};
  return ok({ results: page.map((owner) => wireOwner(call, owner)), ...paging });
}

function oneOwner(call: Call): SimAnswer {
  const idProperty = call.request.query.get('idProperty') ?? 'id';
  if (idProperty !== 'id' && idProperty !== 'userId') throw malformed('idProperty must be id or userId');
  const owner = owners.find((entry) => String(entry[idProperty]) === param(call, 'ownerId'));
  if (owner === undefined || isArchived(call, owner) !== flagQuery(call, 'archived')) throw notFound();
  return ok(wireOwner(call, owner));
}

export const catalogOperations: readonly Operation[] = [
  operation('/crm/pipelines/2026-09/{objectType}', { scope: dealScope }, (call) =>
    ok({ results: pipelinesOf(call).map((pipeline) => wirePipeline(call, pipeline)) }),
  ),
  operation('/crm/pipelines/2026-09/{objectType}/{pipelineId}', { scope: dealScope }, (call) =>
    ok(wirePipeline(call, onePipeline(call))),
  ),
  operation('/crm/pipelines/2026-09/{objectType}/{pipelineId}/stages', { scope: dealScope }, (call) =>
    ok({ results: onePipeline(call).stages.map((stage) => wireStage(call, stage)) }),
  ),
  operation('/crm/owners/2026-09', { query: ['email', 'limit', 'after', 'archived'], scope: ownerScope }, listOwners),
  operation('/crm/owners/2026-09/{ownerId}', { query: ['idProperty', 'archived'], scope: ownerScope }, oneOwner),
];
