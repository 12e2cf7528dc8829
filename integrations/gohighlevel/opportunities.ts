/**
 * HighLevel opportunities: the card of a booking. A contact has one per pipeline, closed ones included, unless the location allows more.
 * Invariant: a card that is there is adopted as it is; the upsert, which would rewrite its stage and status, is never used.
 */
import { CrmError, type CrmCall, type OpportunityFields, type OpportunitySnapshot } from '../ports';
import {
  anyAnswer,
  createdOpportunityAnswer,
  opportunityAnswer,
  opportunitySearchAnswer,
  type GohighlevelOpportunity,
} from './answers';
import type { GohighlevelClient } from './client';
import { readErrorBody } from './error-body';
import { isDuplicateOpportunity } from './errors';
import { NAMES_OF } from './wire';

/** HighLevel's largest page. */
const SEARCH_PAGE = '100';

/** The key is not written: an opportunity has no text of its own, and needs none where there is one per pipeline. */
export async function createOpportunity(
  client: GohighlevelClient,
  fields: OpportunityFields,
  call: CrmCall,
): Promise<{ readonly id: string; readonly created: boolean }> {
  const { personId, pipelineId, stageId, name, ownerId } = fields;
  const body = {
    locationId: client.locationId,
    contactId: personId,
    pipelineId,
    pipelineStageId: stageId,
    name,
    status: 'open',
    ...(ownerId === null ? {} : { assignedTo: ownerId }),
  };
  const request = { operation: 'createOpportunity', method: 'POST', path: ['opportunities'], body } as const;
  try {
    const { opportunity } = await client.request(
      { ...request, trailingSlash: true, effect: 'create', schema: createdOpportunityAnswer },
      call,
    );
    return { id: opportunity.id, created: true };
  } catch (error) {
    const existing = isRefusedAsDuplicate(error)
      ? await existingOf(client, { error, personId, pipelineId }, call)
      : null;
    if (existing === null) throw error;
    return { id: existing, created: false };
  }
}

function isRefusedAsDuplicate(error: unknown): error is CrmError {
  if (!(error instanceof CrmError) || error.errorClass !== 'crm_rule') return false;
  return isDuplicateOpportunity(readErrorBody(error.vendorText ?? ''));
}

/** The refusal names the card that is in the way; where it does not, the search may know it. */
async function existingOf(
  client: GohighlevelClient,
  of: { readonly error: CrmError; readonly personId: string; readonly pipelineId: string },
  call: CrmCall,
): Promise<string | null> {
  const named = readErrorBody(of.error.vendorText ?? '').meta.existingId;
  if (named !== '') return named;
  return (await findOpportunity(client, of, call))?.id ?? null;
}

/** Open before closed, then the newest. The search lags; a create that it missed is refused with the id of the card. */
export async function findOpportunity(
  client: GohighlevelClient,
  { personId, pipelineId }: { readonly personId: string; readonly pipelineId: string },
  call: CrmCall,
): Promise<OpportunitySnapshot | null> {
  const names = NAMES_OF[client.apiVersion].search;
  const query = {
    [names.location]: client.locationId,
    [names.contact]: personId,
    [names.pipeline]: pipelineId,
    status: 'all',
    limit: SEARCH_PAGE,
  };
  const { opportunities } = await client.request(
    {
      operation: 'findOpportunity',
      method: 'GET',
      path: ['opportunities', 'search'],
      query,
      effect: 'safe',
      search: true,
      schema: opportunitySearchAnswer,
    },
    call,
  );
  const [best] = opportunities
    .filter((one) => one.contactId === personId && one.pipelineId === pipelineId)
    .sort((a, b) => Number(isClosed(a)) - Number(isClosed(b)) || newestFirst(a, b));
  return best === undefined ? null : snapshotOf(best);
}

export async function readOpportunity(
  client: GohighlevelClient,
  id: string,
  call: CrmCall,
): Promise<OpportunitySnapshot | null> {
  const path = ['opportunities', id] as const;
  try {
    const { opportunity } = await client.request(
      { operation: 'readOpportunity', method: 'GET', path, effect: 'safe', schema: opportunityAnswer },
      call,
    );
    return snapshotOf(opportunity);
  } catch (error) {
    if (error instanceof CrmError && error.errorClass === 'target_gone') return null;
    throw error;
  }
}

/** Sets off the location's workflows, so the caller moves only what has to move. The status stays. */
export async function moveOpportunity(
  client: GohighlevelClient,
  { id, pipelineId, stageId }: { readonly id: string; readonly pipelineId: string; readonly stageId: string },
  call: CrmCall,
): Promise<void> {
  const path = ['opportunities', id] as const;
  const body = { pipelineId, pipelineStageId: stageId };
  const request = { operation: 'moveOpportunity', method: 'PUT', path, body } as const;
  await client.request({ ...request, effect: 'safe', schema: anyAnswer }, call);
}

/** Stage and status are independent: won, lost and abandoned are statuses. */
const isClosed = ({ status }: GohighlevelOpportunity): boolean => Boolean(status) && status !== 'open';

function newestFirst(a: GohighlevelOpportunity, b: GohighlevelOpportunity): number {
  return (b.createdAt ?? '').localeCompare(a.createdAt ?? '') || b.id.localeCompare(a.id);
}

function snapshotOf(opportunity: GohighlevelOpportunity): OpportunitySnapshot {
  return {
    id: opportunity.id,
    pipelineId: opportunity.pipelineId ?? null,
    stageId: opportunity.pipelineStageId ?? null,
    closed: isClosed(opportunity),
    archived: false,
  };
}
