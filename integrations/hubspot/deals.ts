/**
 * HubSpot deals: the opportunity of a booking.
 * Invariant: stages and pipelines are known by id, never by label; a deal in a closed stage is never taken for an open one.
 */
import { CrmError, type CrmCall, type OpportunityFields, type OpportunitySnapshot } from '../ports';
import { endsWithReference, referenceLine } from '../reference';
import type { HubspotPipeline, HubspotRecord } from './answers';
import type { HubspotClient } from './client';
import { createKeyed, type KeyedAccount } from './keyed-records';
import { isClosed, stageOf, type Pipelines } from './pipelines';
import {
  ASSOCIATION_TYPE,
  nullIfGone,
  patchRecord,
  readLinkedIds,
  readRecord,
  readRecords,
  withoutEmpty,
} from './records';

const DEAL_PROPERTIES = ['pipeline', 'dealstage'] as const;
/** Holds our reference line. */
const REFERENCE = 'description';

export interface DealsAccount extends KeyedAccount {
  readonly pipelines: Pipelines;
}

/** Where the account has our key property, a deal that a former call made is found by HubSpot itself (`created: false`). */
export function createOpportunity(
  account: DealsAccount,
  fields: OpportunityFields,
  call: CrmCall,
): Promise<{ readonly id: string; readonly created: boolean }> {
  const properties = withoutEmpty({
    dealname: fields.name,
    pipeline: fields.pipelineId,
    dealstage: fields.stageId,
    hubspot_owner_id: fields.ownerId,
    [REFERENCE]: referenceLine(fields.externalKey),
  });
  const associations = [{ toId: fields.personId, typeId: ASSOCIATION_TYPE.dealToContact }];
  const { externalKey } = fields;
  const request = { operation: 'createOpportunity', type: 'deals', externalKey, properties, associations } as const;
  return createKeyed(account, request, call);
}

/**
 * The contact's deal of the pipeline that was made for a key, closed or not; else the newest whose stage is not closed. Reads no
 * search index.
 */
export async function findOpportunity(
  { client, pipelines }: DealsAccount,
  of: { readonly personId: string; readonly pipelineId: string; readonly madeFor: string | null },
  call: CrmCall,
): Promise<OpportunitySnapshot | null> {
  const { personId, pipelineId, madeFor } = of;
  const operation = 'findOpportunity';
  const ids = await readLinkedIds(client, { operation, from: 'contacts', id: personId, to: 'deals' }, call);
  if (ids.length === 0) return null;
  const properties = madeFor === null ? DEAL_PROPERTIES : [...DEAL_PROPERTIES, REFERENCE];
  const deals = await readRecords(client, { operation, type: 'deals', ids, properties }, call);
  const inPipeline = deals.map(snapshotIn([])).filter((deal) => deal.pipelineId === pipelineId);
  if (inPipeline.length === 0) return null;
  const known = await knownStages(pipelines, { operation, pipelineId, deals: inPipeline }, call);
  const isOpen = (deal: HubspotRecord): boolean => {
    const stage = stageOf(known, placeOf(deal));
    return placeOf(deal).pipelineId === pipelineId && stage !== null && !isClosed(stage);
  };
  const isMadeForIt = ({ properties: held }: HubspotRecord): boolean =>
    madeFor !== null && held['pipeline'] === pipelineId && endsWithReference(held[REFERENCE] ?? '', madeFor);
  const own = deals.find((deal) => deal.archived !== true && isMadeForIt(deal));
  if (own !== undefined) return snapshotIn(known)(own);
  const [newest] = deals.filter(isOpen).sort(newestFirst);
  return newest === undefined ? null : snapshotIn(known)(newest);
}

/** Kept pipelines will do where they know every stage that matters; a stage that is new is asked for. */
async function knownStages(
  pipelines: Pipelines,
  of: { readonly operation: string; readonly pipelineId: string; readonly deals: readonly OpportunitySnapshot[] },
  call: CrmCall,
): Promise<readonly HubspotPipeline[]> {
  const { operation, pipelineId, deals } = of;
  const held = pipelines.held();
  if (deals.every((deal) => stageOf(held, deal) !== null)) return held;
  const all = await pipelines.read(operation, call);
  if (all.some(({ id }) => id === pipelineId)) return all;
  const what = 'the mapped pipeline does not exist; correct the mapping';
  throw new CrmError('mapping_invalid', `HubSpot ${operation}: ${what}`, { fields: ['pipeline'] });
}

export async function readOpportunity(
  { client, pipelines }: DealsAccount,
  id: string,
  call: CrmCall,
): Promise<OpportunitySnapshot | null> {
  const request = { operation: 'readOpportunity', type: 'deals', id, properties: DEAL_PROPERTIES } as const;
  const record = await nullIfGone(readRecord(client, request, call));
  return record === null ? null : snapshotIn(pipelines.held())(record);
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

/** Ids grow, so a longer one, then a greater one, is newer where the times are equal or missing. */
function newestFirst(a: HubspotRecord, b: HubspotRecord): number {
  return (b.createdAt ?? '').localeCompare(a.createdAt ?? '') || b.id.length - a.id.length || b.id.localeCompare(a.id);
}

const placeOf = ({ properties }: HubspotRecord) => ({
  pipelineId: properties['pipeline'] ?? null,
  stageId: properties['dealstage'] ?? null,
});

/** A deal has no status: its stage says whether it is closed, as far as the pipelines at hand tell. That is worth no call. */
const snapshotIn =
  (known: readonly HubspotPipeline[]) =>
  (record: HubspotRecord): OpportunitySnapshot => {
    const stage = stageOf(known, placeOf(record));
    const closed = stage !== null && isClosed(stage);
    return { id: record.id, ...placeOf(record), closed, archived: record.archived === true };
  };
