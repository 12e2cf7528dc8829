/**
 * What a CRM should show for each status, and when a deal stays where it is.
 */
import { asksForMore, crmPictureOf, whyStageStays } from '../../domain/crm-picture';
import { fold } from '../../domain/fold';
import { aFact, DAY, EVIDENCE, slotAt, START } from '../support/facts';

const mapping = {
  pipelineId: 'sales',
  stageOrder: ['new', 'booked', 'met', 'won'],
  forwardOnly: true,
  byStatus: { scheduled: { stageId: 'booked' }, showed: { stageId: 'met' }, no_show: { stageId: 'booked' } },
};
const slot = slotAt(START);
const shown = (...types: Parameters<typeof aFact>[0][]) =>
  crmPictureOf(
    fold(
      types.map((type) => aFact(type, { slot: type === 'ended' || type === 'no_show' ? null : slot })),
      START - DAY,
      EVIDENCE,
    ).picture,
    mapping,
  );

test.each([
  ['scheduled', shown('scheduled'), 'scheduled', 'booked'],
  ['awaiting_outcome', shown('scheduled', 'ended'), 'scheduled', undefined],
  ['canceled', shown('scheduled', 'canceled'), 'canceled', undefined],
  ['rejected after it was confirmed', shown('scheduled', 'rejected'), 'canceled', undefined],
  ['reschedule_requested', shown('scheduled', 'reschedule_requested'), 'rescheduled', undefined],
  ['no_show', shown('scheduled', 'no_show'), 'no_show', 'booked'],
] as const)('%s', (_status, picture, appointment, stage) => {
  expect(picture.appointment?.status).toBe(appointment);
  expect(picture.stage?.stageId).toBe(stage);
});

test('a booking that was never confirmed has no appointment in the CRM', () => {
  expect(shown('requested').appointment).toBeNull();
  expect(shown('requested', 'rejected').appointment).toBeNull();
});

describe('a new time that was only requested', () => {
  const requested = aFact('requested', { uid: 'B', predecessorUid: 'A', slot: slotAt(START + DAY) });
  const ending = (type: 'rejected' | 'canceled') => aFact(type, { uid: 'B', slot: slotAt(START + DAY) });
  const appointmentOf = (...more: ReturnType<typeof aFact>[]) =>
    crmPictureOf(fold([aFact('scheduled', { slot }), requested, ...more], START - DAY, EVIDENCE).picture, mapping)
      .appointment;

  test('leaves the appointment at the confirmed one', () => {
    expect(appointmentOf()).toEqual({ status: 'rescheduled', slot });
  });
  test.each(['rejected', 'canceled'] as const)(
    'and then %s: the appointment is canceled at the confirmed one',
    (type) => {
      expect(appointmentOf(ending(type))).toEqual({ status: 'canceled', slot });
    },
  );
});

test('a guest who came to an appointment that nobody had confirmed has one in the CRM', () => {
  const { picture } = fold([aFact('requested', { slot }), aFact('showed')], START + DAY, EVIDENCE);
  expect(crmPictureOf(picture, mapping).appointment).toEqual({ status: 'showed', slot });
});

test('the end of a slot asks nothing of the CRM, an outcome does', () => {
  expect(asksForMore(shown('scheduled'), shown('scheduled', 'ended'))).toBe(false);
  expect(asksForMore(shown('scheduled', 'ended'), shown('scheduled', 'no_show'))).toBe(true);
});

describe('a deal moves', () => {
  const wanted = { pipelineId: 'sales', stageId: 'booked' };
  const stays = (currentStageId: string, lastWrittenStageId: string | null, pipelineId = 'sales') =>
    whyStageStays({ mapping, pipelineId, currentStageId, lastWrittenStageId, wanted });

  test('forward from a stage that we only found', () => expect(stays('new', null)).toBeNull());
  test('not back from a stage that we only found', () =>
    expect(stays('won', null)).toBe('the mapping only moves deals forward'));
  test('either way from a stage that we wrote last', () => expect(stays('met', 'met')).toBeNull());
  test('not from a stage that a person chose', () => expect(stays('won', 'met')).toBe('a person moved the deal'));
  test('not out of another pipeline', () =>
    expect(stays('new', null, 'service')).toBe('a person moved the deal to another pipeline'));
  test('not to where it is', () => expect(stays('booked', null)).toBe('already there'));
});
