/**
 * HubSpot deals and their pipelines: the opportunity of a booking.
 * Invariant: stages and pipelines are known by id, never by label; a deal in a closed stage is never taken for an open one.
 */
import { CrmError, type CrmCall, type CrmCatalog, type OpportunityFields, type OpportunitySnapshot } from '../ports';
import { pipelinesSchema, type HubspotPipeline, type HubspotRecord, type HubspotStage } from './answers';
import { HUBSPOT_VERSIONS, type HubspotClient } from './client';
import {
  ASSOCIATION_TYPE,
  createRecord,
  nullIfGone,
  patchRecord,
  readLinkedIds,
  readRecord,
  readRecords,
  withoutEmpty,
} from './records';
import { referenceLine } from './reference';

const DEAL_PROPERTIES = ['pipeline', 'dealstage'] as const;

/** The account's deal pipelines and stages that are in use, in their order. */
export async function describe(client: HubspotClient, call: CrmCall): Promise<CrmCatalog> {
  const pipelines = await readPipelines(client, 'describe', call);
  return {
    pipelines: inUse(pipelines).map(({ id, label, stages }) => ({
      id,
      label,
      stages: inUse(stages).map((stage) => ({ id: stage.id, label: stage.label, order: stage.displayOrder })),
    })),
  };
}

export function createOpportunity(
  client: HubspotClient,
  fields: OpportunityFields,
  call: CrmCall,
): Promise<{ readonly id: string }> {
  const properties = withoutEmpty({
    dealname: fields.name,
    pipeline: fields.pipelineId,
    dealstage: fields.stageId,
    hubspot_owner_id: fields.ownerId,
    description: referenceLine(fields.externalKey),
  });
  const associations = [{ toId: fields.personId, typeId: ASSOCIATION_TYPE.dealToContact }];
  return createRecord(client, { operation: 'createOpportunity', type: 'deals', properties, associations }, call);
}

/** The contact's newest deal of the pipeline whose stage is not closed. Reads no search index. */
export async function findOpenOpportunity(
  client: HubspotClient,
  { personId, pipelineId }: { readonly personId: string; readonly pipelineId: string },
  call: CrmCall,
): Promise<OpportunitySnapshot | null> {
  const operation = 'findOpenOpportunity';
  const ids = await readLinkedIds(client, { operation, from: 'contacts', id: personId, to: 'deals' }, call);
  if (ids.length === 0) return null;
  const deals = await readRecords(client, { operation, type: 'deals', ids, properties: DEAL_PROPERTIES }, call);
  const inPipeline = deals.filter((deal) => deal.properties['pipeline'] === pipelineId);
  if (inPipeline.length === 0) return null;
  const open = await openStages(client, { operation, pipelineId }, call);
  const [newest] = inPipeline.filter((deal) => open.has(deal.properties['dealstage'] ?? '')).sort(newestFirst);
  return newest === undefined ? null : snapshot(newest);
}

export async function readOpportunity(
  client: HubspotClient,
  id: string,
  call: CrmCall,
): Promise<OpportunitySnapshot | null> {
  const request = { operation: 'readOpportunity', type: 'deals', id, properties: DEAL_PROPERTIES } as const;
  const record = await nullIfGone(readRecord(client, request, call));
  return record === null ? null : snapshot(record);
}

/** The pipeline goes along, because a stage id alone is refused where the deal is in another pipeline. */
export async function moveOpportunity(
  client: HubspotClient,
  { id, pipelineId, stageId }: { readonly id: string; readonly pipelineId: string; readonly stageId: string },
  call: CrmCall,
): Promise<void> {
  const properties = { pipeline: pipelineId, dealstage: stageId };
  await patchRecord(client, { operation: 'moveOpportunity', type: 'deals', id, properties }, call);
}

async function readPipelines(
  client: HubspotClient,
  operation: string,
  call: CrmCall,
): Promise<readonly HubspotPipeline[]> {
  const path = ['crm', 'pipelines', HUBSPOT_VERSIONS.pipelines, 'deals'];
  const { results } = await client.request(
    { operation, method: 'GET', path, effect: 'safe', schema: pipelinesSchema },
    call,
  );
  return results;
}

async function openStages(
  client: HubspotClient,
  { operation, pipelineId }: { readonly operation: string; readonly pipelineId: string },
  call: CrmCall,
): Promise<ReadonlySet<string>> {
  const pipeline = (await readPipelines(client, operation, call)).find(({ id }) => id === pipelineId);
  if (pipeline === undefined) {
    throw new CrmError(
      'mapping_invalid',
      `HubSpot ${operation}: the mapped pipeline does not exist; correct the mapping`,
      { fields: ['pipeline'] },
    );
  }
  return new Set(pipeline.stages.filter((stage) => !isClosed(stage)).map(({ id }) => id));
}

/** `isClosed` is not documented for every account; a probability of exactly 0 or 1 is what makes a stage lost or won. */
function isClosed({ metadata }: HubspotStage): boolean {
  const flag = metadata?.['isClosed'];
  if (flag !== undefined && flag !== null) return String(flag).toLowerCase() === 'true';
  const probability = metadata?.['probability'];
  if (probability === undefined || probability === null || probability === '') return false;
  return Number(probability) === 0 || Number(probability) === 1;
}

function inUse<T extends { archived?: boolean | null | undefined; displayOrder: number }>(
  all: readonly T[],
): readonly T[] {
  return all.filter(({ archived }) => archived !== true).sort((a, b) => a.displayOrder - b.displayOrder);
}

/** Ids grow, so a longer one, then a greater one, is newer where the times are equal or missing. */
function newestFirst(a: HubspotRecord, b: HubspotRecord): number {
  return (b.createdAt ?? '').localeCompare(a.createdAt ?? '') || b.id.length - a.id.length || b.id.localeCompare(a.id);
}

function snapshot(record: HubspotRecord): OpportunitySnapshot {
  return {
    id: record.id,
    pipelineId: record.properties['pipeline'] ?? null,
    stageId: record.properties['dealstage'] ?? null,
    archived: record.archived === true,
  };
}
