/**
 * A CRM's section under `mapping` of booksync.yaml.
 * Invariant: what it names of itself is consistent; whether the CRM has it, `booksync doctor` asks there.
 */
import { z } from 'zod';
import { BOOKING_STATUSES } from '../domain/booking';
import type { CrmMapping, LeadMapping } from '../domain/settings';
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

/** One status per lead, on the person. */
const lead = section({
  rule: z
    .union([z.literal('newest'), list(statusWord, 'statuses').min(1, 'expected at least one status')], {
      error: 'expected newest, or a list of statuses of which the first that a booking has counts',
    })
    .default('newest'),
  field: word.nullable().default(null),
  status: perStatus(section({ value: word.nullable().default(null), tags: list(word, 'tags').default([]) })),
})
  .superRefine((value, context) => {
    for (const [status, { value: text }] of Object.entries(value.status)) {
      if (text === null || value.field !== null) continue;
      const message = 'needs lead.field, the field that it is written to';
      context.addIssue({ code: 'custom', path: ['status', status, 'value'], message });
    }
  })
  .transform(({ rule, field, status }): LeadMapping => ({
    ...{ field, byStatus: status },
    rule: rule === 'newest' ? { kind: 'newest' } : { kind: 'first-of', order: rule },
  }));

export const mapping = section({
  pipeline: word.nullable().default(null),
  forwardOnly: flag.default(true),
  stageOrder: list(word, 'stage ids').default([]),
  status: perStatus(
    section({ stage: word.nullable().default(null), onlyFrom: list(word, 'stage ids').nullable().default(null) }),
  ),
  lead: lead.nullable().default(null),
  notes: flag.default(false),
  leadSource: word.nullable().default(null),
})
  .superRefine((value, context) => {
    const refuse = (path: PropertyKey[], message: string): void => context.addIssue({ code: 'custom', path, message });
    const isListed = (stage: string): boolean => value.stageOrder.includes(stage);
    const unlisted = 'is not in stageOrder; expected one of the stages listed there';
    value.stageOrder.forEach((stage, index) => {
      if (value.stageOrder.indexOf(stage) !== index)
        refuse(['stageOrder', index], 'is listed twice; expected each stage once');
    });
    for (const [status, { stage, onlyFrom }] of Object.entries(value.status)) {
      if (stage !== null && value.pipeline === null)
        refuse(['status', status, 'stage'], 'needs the pipeline that the stage belongs to');
      if (stage !== null && !isListed(stage)) refuse(['status', status, 'stage'], unlisted);
      if (stage === null && onlyFrom !== null) refuse(['status', status, 'onlyFrom'], 'needs a stage to go to');
      onlyFrom?.forEach((from, index) => {
        if (!isListed(from)) refuse(['status', status, 'onlyFrom', index], unlisted);
      });
    }
  })
  .transform((value): CrmMapping => ({
    ...{
      pipelineId: value.pipeline,
      stageOrder: value.stageOrder,
      forwardOnly: value.forwardOnly,
      lead: value.lead,
      notes: value.notes,
    },
    leadSourceField: value.leadSource,
    byStatus: Object.fromEntries(
      Object.entries(value.status).map(([status, { stage, onlyFrom }]) => [status, { stageId: stage, onlyFrom }]),
    ),
  }));
