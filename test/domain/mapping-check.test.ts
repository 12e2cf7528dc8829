/** Whether a mapping fits the account that it is for. */
import { mappingProblems, type MappingTargets } from '../../domain/mapping-check';
import type { CrmMapping } from '../../domain/settings';

const targets: MappingTargets = {
  pipelines: [{ id: 'sales', stages: [{ id: 'new' }, { id: 'met' }] }],
  personFields: [{ id: 'booking_status' }],
  nativeLeadSource: false,
  tags: true,
  notes: true,
};
const mapping: CrmMapping = {
  pipelineId: 'sales',
  stageOrder: ['new', 'met'],
  forwardOnly: true,
  byStatus: { showed: { stageId: 'met', onlyFrom: null } },
  notes: true,
  lead: {
    rule: { kind: 'newest' },
    field: 'booking_status',
    byStatus: { showed: { value: 'Showed', tags: ['showed'] } },
    byEventType: {},
  },
  eventTypes: {},
};

test('a mapping that names only what is there has no problem', () => {
  expect(mappingProblems(mapping, targets)).toEqual([]);
  expect(mappingProblems({ ...mapping, pipelineId: null, stageOrder: [], lead: null }, targets)).toEqual([]);
});

test('notes where the CRM has none are said', () => {
  expect(mappingProblems(mapping, { ...targets, notes: false })).toEqual([
    'notes: true asks for notes on people, and this CRM has none',
  ]);
  expect(mappingProblems({ ...mapping, notes: false }, { ...targets, notes: false })).toEqual([]);
});

test('a pipeline or a stage that is not in use is named, with those that are', () => {
  expect(mappingProblems({ ...mapping, pipelineId: 'old' }, targets)).toEqual([
    'pipeline "old" is not in use; expected one of sales',
  ]);
  expect(mappingProblems({ ...mapping, stageOrder: ['new', 'gone'] }, targets)).toEqual([
    'stage "gone" is not in use in that pipeline; expected one of new, met',
  ]);
});

test('a field that a person does not have, and tags where there are none', () => {
  expect(mappingProblems(mapping, { ...targets, personFields: [] })).toEqual([
    'lead.field "booking_status" is no text field of a person; expected one of none, the account has none',
  ]);
  expect(mappingProblems(mapping, { ...targets, tags: false })).toEqual([
    'lead.status names tags, and this CRM has none; use lead.field instead',
  ]);
});

test('a lead source that has no field to go to, or needs none', () => {
  expect(mappingProblems({ ...mapping, leadSourceField: 'lead_origin' }, targets)).toEqual([
    'leadSource "lead_origin" is no text field of a person; expected one of booking_status',
  ]);
  expect(mappingProblems({ ...mapping, leadSourceField: 'booking_status' }, targets)).toEqual([]);
  expect(
    mappingProblems({ ...mapping, leadSourceField: 'booking_status' }, { ...targets, nativeLeadSource: true }),
  ).toEqual(['leadSource names a field, and this CRM has one of its own; leave it out']);
});

test('every event type is checked, and what it inherits is told once', () => {
  const demo = { pipelineId: 'demos', stageOrder: ['a'], byStatus: {} };
  expect(mappingProblems({ ...mapping, eventTypes: { demo } }, targets)).toEqual([
    'event type "demo": pipeline "demos" is not in use; expected one of sales',
  ]);
  const inherits = { ...mapping, stageOrder: ['new', 'gone'], eventTypes: { demo: { forwardOnly: false } } };
  expect(mappingProblems(inherits, targets)).toHaveLength(1);
  const withTags = { showed: { value: null, tags: ['demo'] } };
  const lead = { ...mapping.lead!, byStatus: {}, byEventType: { demo: withTags } };
  expect(mappingProblems({ ...mapping, lead }, { ...targets, tags: false })).toEqual([
    'lead.status names tags, and this CRM has none; use lead.field instead',
  ]);
});
