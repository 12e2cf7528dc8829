/**
 * A CRM's section under `mapping` of booksync.yaml.
 * Invariant: what it names of itself is consistent; whether the CRM has it, `booksync doctor` asks there.
 */
import { z } from 'zod';
import { BOOKING_STATUSES } from '../domain/booking';
import type { FieldOwners } from '../domain/field-owners';
import { mappingVariants } from '../domain/mapping';
import type { PersonPolicy } from '../domain/person-match';
import type { CrmMapping, LeadMapping, LeadWords, StageMapping } from '../domain/settings';
import { flag, list, section, word } from './schema-parts';

const perStatus = <T extends z.ZodType>(of: T) =>
  z
    .partialRecord(z.enum(BOOKING_STATUSES), of, {
      error: (issue) =>
        issue.code === 'invalid_type'
          ? 'expected a section with statuses'
          : `unknown status; expected one of ${BOOKING_STATUSES.join(', ')}`,
    })
    .default({});

const statusWord = z.enum(BOOKING_STATUSES, `unknown status; expected one of ${BOOKING_STATUSES.join(', ')}`);

const leadStatus = perStatus(section({ value: word.nullable().default(null), tags: list(word, 'tags').default([]) }));

/** One status per lead, on the person. */
const lead = section({
  rule: z
    .union([z.literal('newest'), list(statusWord, 'statuses').min(1, 'expected at least one status')], {
      error: 'expected newest, or a list of statuses of which the first that a booking has counts',
    })
    .default('newest'),
  field: word.nullable().default(null),
  status: leadStatus,
}).superRefine(({ field, status }, context) => refuseValuesWithoutField(field, status, [], context));

function refuseValuesWithoutField(
  field: string | null,
  status: LeadWords,
  at: PropertyKey[],
  context: z.RefinementCtx,
): void {
  for (const [word, { value }] of Object.entries(status)) {
    if (value === null || field !== null) continue;
    const message = 'needs lead.field, the field that it is written to';
    context.addIssue({ code: 'custom', path: [...at, 'status', word, 'value'], message });
  }
}

/** Who has the last word about a field that both sides may change. */
const owner = z.enum(['booking', 'crm', 'newest'], 'expected booking, crm or newest').default('newest');

const stages = {
  pipeline: word.nullable(),
  forwardOnly: flag,
  stageOrder: list(word, 'stage ids'),
  status: perStatus(
    section({ stage: word.nullable().default(null), onlyFrom: list(word, 'stage ids').nullable().default(null) }),
  ),
};

/** The source's own key (Cal.com: the number of the event type), as text. */
const eventTypeKey = z.string().regex(/^[\w-]{1,64}$/, 'expected the key of an event type: letters, digits, _ and -');

/** What differs for one event type of the source; what is absent is as in general. */
const eventType = section({
  pipeline: stages.pipeline.optional(),
  forwardOnly: stages.forwardOnly.optional(),
  stageOrder: stages.stageOrder.optional(),
  status: stages.status,
  // Rule and field are the person's, over all their bookings.
  lead: section({ status: leadStatus }).optional(),
});

type Complaint = readonly [path: PropertyKey[], text: string];

/** What is inconsistent in rules, as paths of their section. */
function complaintsOf({ pipelineId, stageOrder, byStatus }: StageMapping): Complaint[] {
  const unlisted = 'is not in stageOrder; expected one of the stages listed there';
  const isListed = (stage: string): boolean => stageOrder.includes(stage);
  const twice = stageOrder.flatMap((stage, index): Complaint[] =>
    stageOrder.indexOf(stage) === index ? [] : [[['stageOrder', index], 'is listed twice; expected each stage once']],
  );
  const stageless = Object.entries(byStatus).flatMap(([status, { stageId, onlyFrom }]): Complaint[] => {
    const at = (key: string, ...more: number[]): PropertyKey[] => ['status', status, key, ...more];
    return [
      ...(stageId !== null && pipelineId === null
        ? [[at('stage'), 'needs the pipeline that the stage belongs to'] as const]
        : []),
      ...(stageId !== null && !isListed(stageId) ? [[at('stage'), unlisted] as const] : []),
      ...(stageId === null && onlyFrom !== null ? [[at('onlyFrom'), 'needs a stage to go to'] as const] : []),
      ...(onlyFrom ?? []).flatMap((from, index): Complaint[] =>
        isListed(from) ? [] : [[at('onlyFrom', index), unlisted]],
      ),
    ];
  });
  return [...twice, ...stageless];
}

const statusesOf = (status: z.output<typeof stages.status>): StageMapping['byStatus'] =>
  Object.fromEntries(Object.entries(status).map(([word, { stage, onlyFrom }]) => [word, { stageId: stage, onlyFrom }]));

type Sections = Readonly<Record<string, z.output<typeof eventType>>>;

function leadOf(written: z.output<typeof lead> | null, eventTypes: Sections): LeadMapping | null {
  if (written === null) return null;
  const own = Object.entries(eventTypes).flatMap(([key, { lead: words }]) => (words ? [[key, words.status]] : []));
  return {
    field: written.field,
    byStatus: written.status,
    byEventType: Object.fromEntries(own) as LeadMapping['byEventType'],
    rule: written.rule === 'newest' ? { kind: 'newest' } : { kind: 'first-of', order: written.rule },
  };
}

function ownRulesOf(section: z.output<typeof eventType>): Partial<StageMapping> {
  const { pipeline, forwardOnly, stageOrder, status } = section;
  return {
    ...(pipeline !== undefined && { pipelineId: pipeline }),
    ...(forwardOnly !== undefined && { forwardOnly }),
    ...(stageOrder !== undefined && { stageOrder }),
    byStatus: statusesOf(status),
  };
}

export const mapping = section({
  ...stages,
  pipeline: stages.pipeline.default(null),
  forwardOnly: stages.forwardOnly.default(true),
  stageOrder: stages.stageOrder.default([]),
  lead: lead.nullable().default(null),
  notes: flag.default(false),
  leadSource: word.nullable().default(null),
  eventTypes: z.record(eventTypeKey, eventType, 'expected a section with event types').default({}),
  owners: section({ outcome: owner, slot: owner, stage: owner }).default({
    outcome: 'newest',
    slot: 'newest',
    stage: 'newest',
  }),
  person: z.enum(['fill-empty', 'overwrite'], 'expected fill-empty or overwrite').default('fill-empty'),
})
  .superRefine((value, context) => {
    const refuse = (path: PropertyKey[], message: string): void => context.addIssue({ code: 'custom', path, message });
    for (const { eventType: key, rules } of mappingVariants(settingsOf(value))) {
      const own = key === null ? null : value.eventTypes[key]!;
      const at = key === null ? [] : ['eventTypes', key];
      for (const [path, text] of complaintsOf(rules)) {
        const isOwn = own === null || (path[0] === 'status' && Object.hasOwn(own.status, path[1] ?? ''));
        if (isOwn || (path[0] === 'stageOrder' && own.stageOrder)) refuse([...at, ...path], text);
        // What is wrong in general is not told again where all of it is inherited.
        else if (own.stageOrder)
          refuse([...at, 'stageOrder'], `lacks a stage of status ${String(path[1])}, which is as in general`);
      }
    }
    for (const [key, own] of Object.entries(value.eventTypes)) {
      if (own.lead === undefined) continue;
      const at = ['eventTypes', key, 'lead'];
      if (value.lead === null) refuse(at, 'needs a lead section of the whole mapping, with its rule and field');
      else refuseValuesWithoutField(value.lead.field, own.lead.status, at, context);
    }
  })
  .transform(settingsOf);

function settingsOf(value: {
  readonly pipeline: string | null;
  readonly forwardOnly: boolean;
  readonly stageOrder: readonly string[];
  readonly status: z.output<typeof stages.status>;
  readonly lead: z.output<typeof lead> | null;
  readonly eventTypes: Sections;
  readonly notes: boolean;
  readonly leadSource: string | null;
  readonly owners: FieldOwners;
  readonly person: PersonPolicy;
}): CrmMapping {
  const { pipeline, forwardOnly, stageOrder, status, eventTypes } = value;
  return {
    pipelineId: pipeline,
    stageOrder,
    forwardOnly,
    byStatus: statusesOf(status),
    eventTypes: Object.fromEntries(Object.entries(eventTypes).map(([key, own]) => [key, ownRulesOf(own)])),
    lead: leadOf(value.lead, eventTypes),
    notes: value.notes,
    leadSourceField: value.leadSource,
    owners: value.owners,
    person: value.person,
  };
}
