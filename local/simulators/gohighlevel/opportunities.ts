/**
 * The rules of opportunities: pipelines and stages that exist, one per contact and pipeline, what a move sets off.
 * Invariant: every stage change is a side effect, whoever makes it: the customer's automations message the lead.
 */
import type { Account } from './account';
import { existing } from './account';
import { customFieldValues } from './custom-fields';
import { badRequest, duplicateOpportunity, unprocessable } from './errors';
import type { Opportunity } from './records';
import { pipelines, users } from './seed';
import type { Pipeline } from './seed';

export interface OpportunityFields {
  readonly contactId?: string | undefined;
  readonly pipelineId?: string | undefined;
  readonly pipelineStageId?: string | undefined;
  readonly name?: string | undefined;
  readonly status?: Opportunity['status'] | undefined;
  readonly monetaryValue?: number | undefined;
  readonly assignedTo?: string | undefined;
  readonly lostReasonId?: string | undefined;
  readonly followers?: string[] | undefined;
  readonly customFields?: Parameters<typeof customFieldValues>[2] | undefined;
}

/** Pipelines with the stages that nobody has removed. */
export function pipelinesOf(account: Account): readonly Pipeline[] {
  const { removedStages } = account.settings();
  return pipelines.map((pipeline) => ({
    ...pipeline,
    stages: pipeline.stages.filter(({ id }) => !removedStages.includes(id)),
  }));
}

/** The stage to store: the given one, or the first of the pipeline. Throws 400 for what does not exist. */
function stageIn(account: Account, pipelineId: string, stageId: string | undefined): string {
  const pipeline = pipelinesOf(account).find(({ id }) => id === pipelineId);
  if (pipeline === undefined) throw badRequest('The pipeline id is invalid.');
  const stage = stageId === undefined ? pipeline.stages[0] : pipeline.stages.find(({ id }) => id === stageId);
  if (stage === undefined) throw badRequest('The pipeline stage id is invalid.');
  return stage.id;
}

function checkUser(assignedTo: string | undefined): void {
  if (assignedTo === undefined || users.some(({ id }) => id === assignedTo)) return;
  throw unprocessable('assignedTo is not a user of this location');
}

/** The one that is in the way of another, closed ones too; null where the location allows several. */
export function siblingOf(account: Account, contactId: string, pipelineId: string): Opportunity | null {
  const live = account.opportunities.live();
  return live.find((one) => one.contactId === contactId && one.pipelineId === pipelineId) ?? null;
}

/** Throws 400 with the id that is in the way. */
export function createOpportunity(
  account: Account,
  fields: OpportunityFields & { readonly contactId: string; readonly pipelineId: string; readonly name: string },
): Opportunity {
  const contact = existing(account, account.contacts, fields.contactId, 'Contact');
  checkUser(fields.assignedTo);
  const pipelineStageId = stageIn(account, fields.pipelineId, fields.pipelineStageId);
  const sibling = siblingOf(account, contact.id, fields.pipelineId);
  if (sibling !== null && !account.settings().allowDuplicateOpportunity) throw duplicateOpportunity(sibling.id);
  const opportunity = account.opportunities.add({
    contactId: contact.id,
    pipelineId: fields.pipelineId,
    pipelineStageId,
    name: fields.name,
    status: fields.status ?? 'open',
    monetaryValue: fields.monetaryValue ?? 0,
    assignedTo: fields.assignedTo ?? null,
    lostReasonId: fields.lostReasonId ?? null,
    customFields: customFieldValues(account, 'opportunity', fields.customFields ?? [], []),
    followers: fields.followers ?? [],
    stageChangedAtMs: account.clock(),
    statusChangedAtMs: account.clock(),
  });
  account.effects.note('opportunity_created', opportunity.id);
  account.emit({ type: 'OpportunityCreate', opportunity });
  return opportunity;
}

/** One edit sends several webhooks, as the vendor's do. */
export function changeOpportunity(account: Account, before: Opportunity, fields: OpportunityFields): Opportunity {
  checkUser(fields.assignedTo);
  const pipelineId = fields.pipelineId ?? before.pipelineId;
  const isMoved = fields.pipelineStageId !== undefined || pipelineId !== before.pipelineId;
  const pipelineStageId = isMoved ? stageIn(account, pipelineId, fields.pipelineStageId) : before.pipelineStageId;
  const sibling = siblingOf(account, before.contactId, pipelineId);
  const isDouble = sibling !== null && sibling.id !== before.id && pipelineId !== before.pipelineId;
  if (isDouble && !account.settings().allowDuplicateOpportunity) throw duplicateOpportunity(sibling.id);
  const status = fields.status ?? before.status;
  const changesStage = pipelineStageId !== before.pipelineStageId;
  const changesStatus = status !== before.status;
  const opportunity = account.opportunities.change(before.id, {
    pipelineId,
    pipelineStageId,
    status,
    name: fields.name ?? before.name,
    monetaryValue: fields.monetaryValue ?? before.monetaryValue,
    assignedTo: fields.assignedTo ?? before.assignedTo,
    lostReasonId: fields.lostReasonId ?? before.lostReasonId,
    followers: fields.followers ?? before.followers,
    customFields: customFieldValues(account, 'opportunity', fields.customFields ?? [], before.customFields),
    ...(changesStage ? { stageChangedAtMs: account.clock() } : {}),
    ...(changesStatus ? { statusChangedAtMs: account.clock() } : {}),
  });
  account.emit({ type: 'OpportunityUpdate', opportunity });
  if (changesStage) {
    account.effects.note('stage_moved', opportunity.id);
    account.emit({ type: 'OpportunityStageUpdate', opportunity });
  }
  if (changesStatus) {
    account.effects.note('status_changed', opportunity.id);
    account.emit({ type: 'OpportunityStatusUpdate', opportunity });
  }
  return opportunity;
}
