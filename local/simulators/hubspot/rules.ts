/**
 * The rules that an admin of the portal made: required properties, and what a pipeline lets a deal do.
 * Invariant: 2026-09 paths enforce them on apps too (crm-apis facts 1.1); breaking one is never counted against the caller.
 */
import { invalidProperties, propertyError } from './errors';
import type { ObjectType } from './schema';
import { pipelines } from './seed';
import type { HubspotSettings, PipelineRule } from './settings';
import type { StoredProperties } from './values';

interface Write {
  readonly type: ObjectType;
  /** null for a creation. */
  readonly current: StoredProperties | null;
  readonly next: StoredProperties;
}

/** Throws the 400 of the first rule that a write breaks. */
export function checkAdminRules(settings: HubspotSettings, write: Write): void {
  if (write.current === null) checkCreateForm(settings, write);
  checkConditionalRules(settings, write);
  if (write.type === 'deals') checkPipelineRules(settings, write);
}

function checkCreateForm({ requiredProperties }: HubspotSettings, { type, next }: Write): void {
  const missing = requiredProperties
    .filter(({ objectType, property }) => objectType === type && (next[property] ?? null) === null)
    .map(({ property }) => property);
  if (missing.length === 0) return;
  const details = missing.map((name) =>
    propertyError(name, 'MISSING_REQUIRED_PROPERTY', `A value for ${name} must be provided`),
  );
  throw invalidProperties(details, null);
}

function checkConditionalRules({ conditionalRules }: HubspotSettings, { type, next }: Write): void {
  for (const rule of conditionalRules) {
    const applies = rule.objectType === type && next[rule.property] === rule.value;
    if (!applies || (next[rule.requires] ?? null) !== null) continue;
    const message = `${rule.requires} is required because of a conditional property rule based on [${rule.property}]`;
    throw invalidProperties([propertyError(rule.requires, 'MISSING_CONDITIONAL_REQUIRED_PROPERTY', message)], null);
  }
}

/** HubSpot documents the rules, not the body of their 400: code and texts are ours. */
function checkPipelineRules({ pipelineRules }: HubspotSettings, { current, next }: Write): void {
  const pipelineId = next['pipeline'] ?? 'default';
  const stages = pipelines.find(({ id }) => id === pipelineId)?.stages ?? [];
  const indexOf = (stageId: string | null | undefined): number => stages.findIndex(({ id }) => id === stageId);
  const [from, to] = [indexOf(current?.['dealstage']), indexOf(next['dealstage'])];
  const isClosing = stages[to]?.closed !== 'no';
  for (const rule of pipelineRules) {
    if (rule.pipeline !== pipelineId) continue;
    const broken = current === null ? creationProblem(rule, next) : moveProblem(rule, { from, to, isClosing });
    if (broken !== null) throw invalidProperties([propertyError('dealstage', 'PIPELINE_RULE_VIOLATED', broken)], null);
  }
}

function creationProblem({ creationStages }: PipelineRule, next: StoredProperties): string | null {
  if (creationStages === null || creationStages.includes(next['dealstage'] ?? '')) return null;
  return 'A pipeline rule does not let deals be created in this dealstage';
}

function moveProblem(
  { noSkipping, noBackwards }: PipelineRule,
  { from, to, isClosing }: { readonly from: number; readonly to: number; readonly isClosing: boolean },
): string | null {
  if (from < 0 || to < 0) return null;
  if (noBackwards && to < from) return 'A pipeline rule does not let deals move backwards to this dealstage';
  if (noSkipping && !isClosing && to > from + 1) return 'A pipeline rule does not let deals skip to this dealstage';
  return null;
}
