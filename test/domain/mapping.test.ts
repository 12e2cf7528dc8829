/** Which rules of a mapping hold for a booking of an event type. */
import { mappingFor, mappingVariants } from '../../domain/mapping';
import type { CrmMapping, StageMapping } from '../../domain/settings';

const to = (stageId: string) => ({ stageId, onlyFrom: null });
const general: StageMapping = {
  pipelineId: 'sales',
  stageOrder: ['new', 'booked', 'met'],
  forwardOnly: true,
  byStatus: { scheduled: to('booked'), showed: to('met') },
};
const mapping = (eventTypes: CrmMapping['eventTypes']): CrmMapping => ({
  ...general,
  eventTypes,
  lead: null,
  notes: false,
});

test.each<[string, string | null, Partial<StageMapping>, StageMapping]>([
  ['a booking without an event type has the general rules', null, { forwardOnly: false }, general],
  ['so has one of an event type that is not named', 'other', { forwardOnly: false }, general],
  [
    'a key of the event type replaces that key only',
    'demo',
    { forwardOnly: false },
    { ...general, forwardOnly: false },
  ],
  [
    'a status of the event type replaces that status only',
    'demo',
    { byStatus: { showed: to('booked') } },
    { ...general, byStatus: { scheduled: to('booked'), showed: to('booked') } },
  ],
  [
    'another pipeline has stages of its own: none is inherited',
    'demo',
    { pipelineId: 'demos', stageOrder: ['held'], byStatus: { showed: to('held') } },
    { pipelineId: 'demos', forwardOnly: true, stageOrder: ['held'], byStatus: { showed: to('held') } },
  ],
  [
    'no pipeline leaves the deals of the event type alone',
    'demo',
    { pipelineId: null },
    { pipelineId: null, forwardOnly: true, stageOrder: [], byStatus: {} },
  ],
  ['the same pipeline inherits', 'demo', { pipelineId: 'sales' }, general],
])('%s', (_title, eventType, own, expected) => {
  expect(mappingFor(mapping({ demo: own }), eventType)).toEqual(expected);
});

test('a word that every object knows is no event type', () => {
  expect(mappingFor(mapping({}), 'constructor')).toEqual(general);
});

test('variants are the general rules and those of each event type', () => {
  const variants = mappingVariants(mapping({ demo: { forwardOnly: false } }));
  expect(variants).toEqual([
    { eventType: null, rules: general },
    { eventType: 'demo', rules: { ...general, forwardOnly: false } },
  ]);
});
