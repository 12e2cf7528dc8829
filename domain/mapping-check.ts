/**
 * Does a mapping fit the CRM account that it is for? Invariant: every sentence names the key of the mapping and what the account has instead.
 */
import { mappingVariants } from './mapping';
import type { CrmMapping, StageMapping } from './settings';

/** What a mapping may name, as the CRM shows it. */
export interface MappingTargets {
  readonly pipelines: readonly {
    readonly id: string;
    readonly stages: readonly { readonly id: string }[];
  }[];
  readonly personFields: readonly { readonly id: string }[];
  /** Whether people of this CRM carry tags, and notes. */
  readonly tags: boolean;
  readonly notes: boolean;
  /** Whether they have a field of their own for where a lead came from. */
  readonly nativeLeadSource: boolean;
}

/** One sentence per problem, of the general rules and of each event type's; empty when everything that the mapping names is there. */
export function mappingProblems(mapping: CrmMapping, targets: MappingTargets): string[] {
  const noteProblems =
    mapping.notes && !targets.notes ? ['notes: true asks for notes on people, and this CRM has none'] : [];
  const [general, ...variants] = mappingVariants(mapping).map(({ eventType, rules }) => ({
    eventType,
    problems: pipelineProblems(rules, targets),
  }));
  const known = general?.problems ?? [];
  // What is wrong in general is not told again for each event type that inherits it.
  const own = variants.flatMap(({ eventType, problems }) =>
    problems.filter((one) => !known.includes(one)).map((one) => `event type "${eventType}": ${one}`),
  );
  const others = [...leadProblems(mapping, targets), ...leadSourceProblems(mapping, targets), ...noteProblems];
  return [...known, ...own, ...others];
}

function pipelineProblems({ pipelineId, stageOrder }: StageMapping, { pipelines }: MappingTargets): string[] {
  if (pipelineId === null) return [];
  const pipeline = pipelines.find(({ id }) => id === pipelineId);
  if (pipeline === undefined)
    return [`pipeline "${pipelineId}" is not in use; expected one of ${listed(pipelines.map(({ id }) => id))}`];
  const known = pipeline.stages.map(({ id }) => id);
  return stageOrder
    .filter((stage) => !known.includes(stage))
    .map((stage) => `stage "${stage}" is not in use in that pipeline; expected one of ${listed(known)}`);
}

function leadProblems({ lead }: CrmMapping, { personFields, tags }: MappingTargets): string[] {
  if (lead === null) return [];
  const known = personFields.map(({ id }) => id);
  const words = [lead.byStatus, ...Object.values(lead.byEventType)].flatMap((each) => Object.values(each));
  return [
    ...(lead.field === null || known.includes(lead.field)
      ? []
      : [`lead.field "${lead.field}" is no text field of a person; expected one of ${listed(known)}`]),
    ...(words.some((each) => each.tags.length > 0) && !tags
      ? ['lead.status names tags, and this CRM has none; use lead.field instead']
      : []),
  ];
}

function leadSourceProblems(
  { leadSourceField: field }: CrmMapping,
  { personFields, nativeLeadSource }: MappingTargets,
): string[] {
  if (!field) return [];
  if (nativeLeadSource) return ['leadSource names a field, and this CRM has one of its own; leave it out'];
  const known = personFields.map(({ id }) => id);
  return known.includes(field)
    ? []
    : [`leadSource "${field}" is no text field of a person; expected one of ${listed(known)}`];
}

const listed = (ids: readonly string[]): string => (ids.length === 0 ? 'none, the account has none' : ids.join(', '));
