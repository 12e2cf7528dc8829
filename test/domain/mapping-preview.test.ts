/** What a changed mapping would change of a booking. */
import { liveStageOf, mappingChangeOf, type LastWritten } from '../../domain/mapping-preview';
import { fold } from '../../domain/fold';
import type { CrmMapping } from '../../domain/settings';
import { aFact, DAY, EVIDENCE, slotAt, START } from '../support/facts';

const to = (stageId: string) => ({ stageId, onlyFrom: null });
const mapping: CrmMapping = {
  pipelineId: 'sales',
  stageOrder: ['new', 'met'],
  forwardOnly: true,
  eventTypes: {},
  notes: false,
  byStatus: { scheduled: to('met') },
  lead: {
    rule: { kind: 'newest' },
    field: 'state',
    byEventType: {},
    byStatus: { scheduled: { value: 'Booked', tags: ['booked'] } },
  },
};
const { picture } = fold([aFact('scheduled', { slot: slotAt(START) })], START - DAY, EVIDENCE);
const bookings = [{ bookingId: 'a', status: 'scheduled', eventType: null, openedAtMs: 1 } as const];
const change = (written: Partial<LastWritten>, with_: CrmMapping = mapping) =>
  mappingChangeOf({ picture, bookings, mapping: with_, written: { stageId: 'met', lead: shown, ...written } });
const shown = { values: { state: 'Booked' }, tags: ['booked'] };

test.each<[string, ReturnType<typeof change>, unknown]>([
  ['nothing, where all of it is written', change({}), null],
  ['the stage', change({ stageId: 'new' }), { stage: { from: 'new', to: 'met' }, fields: {} }],
  ['the stage of a deal that is not there yet', change({ stageId: null }), { stage: { from: null, to: 'met' } }],
  ['a word', change({ lead: { ...shown, values: { state: 'Old' } } }), { stage: null, fields: { state: 'Booked' } }],
  ['tags', change({ lead: { ...shown, tags: ['old'] } }), { tags: { add: ['booked'], remove: ['old'] } }],
  ['everything of a person who has nothing yet', change({ lead: null }), { tags: { add: ['booked'], remove: [] } }],
  ['nothing of a deal whose status has no stage', change({ stageId: 'new' }, { ...mapping, byStatus: {} }), null],
  ['nothing of a person without lead status', change({ lead: null }, { ...mapping, lead: null }), null],
])('%s', (_what, found, expected) => {
  if (expected === null) expect(found).toBeNull();
  else expect(found).toMatchObject(expected as object);
});

describe('a deal as the CRM shows it', () => {
  const live = (now: { stageId?: string; pipelineId?: string; closed?: boolean; archived?: boolean } | null) =>
    liveStageOf({
      picture,
      mapping,
      deal: { crmId: '1', stageId: 'new' },
      now: now && { pipelineId: 'sales', stageId: 'new', closed: false, archived: false, ...now },
    });
  const stays = (at: string | null, why: string) => ({ kind: 'stays', at, why });

  test.each([
    ['moves from where we left it', {}, { kind: 'moves', from: 'new', to: 'met' }],
    ['stays where a person put it', { stageId: 'won' }, stays('won', 'a person moved the deal')],
    ['stays when it was closed', { stageId: 'won', closed: true }, stays('won', 'the deal is closed')],
    ['is there already', { stageId: 'met' }, stays('met', 'already there')],
    ['is gone', null, stays(null, 'the deal is gone')],
  ])('%s', (_what, now, expected) => expect(live(now)).toEqual(expected));

  test('is not asked about where the mapping names no stage', () => {
    const of = { picture, mapping: { ...mapping, byStatus: {} }, deal: { crmId: '1', stageId: 'new' }, now: null };
    expect(liveStageOf(of)).toBeNull();
  });
});
