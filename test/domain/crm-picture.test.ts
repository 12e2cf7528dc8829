/**
 * What a CRM should show for each status, and when a deal stays where it is.
 */
import { asksForMore, crmPictureOf, whyDealStays, whyStageStays } from '../../domain/crm-picture';
import { fold } from '../../domain/fold';
import type { CrmMapping } from '../../domain/settings';
import { aFact, DAY, EVIDENCE, slotAt, START } from '../support/facts';

const to = (stageId: string, onlyFrom: readonly string[] | null = null) => ({ stageId, onlyFrom });
const mapping: CrmMapping = {
  pipelineId: 'sales',
  stageOrder: ['new', 'booked', 'met', 'won'],
  forwardOnly: true,
  byStatus: { scheduled: to('booked'), showed: to('met'), no_show: to('booked') },
  eventTypes: {},
  lead: null,
  notes: false,
};
const inSales = (stageId: string, onlyFrom: readonly string[] | null = null) => ({
  ...to(stageId, onlyFrom),
  pipelineId: 'sales',
});
const slot = slotAt(START);
type Types = Parameters<typeof aFact>[0][];
const shown = (...types: Types) =>
  crmPictureOf(
    fold(
      types.map((type) => aFact(type, { slot: type === 'ended' || type === 'no_show' ? null : slot })),
      START - DAY,
      EVIDENCE,
    ).picture,
    mapping,
  );

test.each([
  ['scheduled', ['scheduled'], 'scheduled', 'booked'],
  ['awaiting_outcome', ['scheduled', 'ended'], 'scheduled', undefined],
  ['canceled', ['scheduled', 'canceled'], 'canceled', undefined],
  ['rejected after it was confirmed', ['scheduled', 'rejected'], 'canceled', undefined],
  ['reschedule_requested', ['scheduled', 'reschedule_requested'], 'rescheduled', undefined],
  ['no_show', ['scheduled', 'no_show'], 'no_show', 'booked'],
] as [string, Types, string, string | undefined][])('%s', (_status, types, appointment, stage) => {
  const picture = shown(...types);
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

test.each(['showed', 'no_show'] as const)(
  'an appointment that nobody had confirmed is in the CRM once its outcome is known: %s',
  (outcome) => {
    const { picture } = fold([aFact('requested', { slot }), aFact(outcome)], START + DAY, EVIDENCE);
    expect(crmPictureOf(picture, mapping).appointment).toEqual({ status: outcome, slot });
  },
);

test('the end of a slot asks nothing of the CRM, an outcome does', () => {
  expect(asksForMore(shown('scheduled'), shown('scheduled', 'ended'))).toBe(false);
  expect(asksForMore(shown('scheduled', 'ended'), shown('scheduled', 'no_show'))).toBe(true);
});

test('the stage is that of the event type, where the mapping names it', () => {
  const eventTypes = { demo: { byStatus: { scheduled: to('met') } } };
  const stageOf = (eventType: string | null) => {
    const { picture } = fold([aFact('scheduled', { slot, eventType })], START - DAY, EVIDENCE);
    return crmPictureOf(picture, { ...mapping, eventTypes }).stage?.stageId;
  };
  expect(stageOf('demo')).toBe('met');
  expect(stageOf('other')).toBe('booked');
  expect(stageOf(null)).toBe('booked');
});

describe('a deal moves', () => {
  const wanted = inSales('booked');
  const stays = (currentStageId: string, lastWrittenStageId: string | null, pipelineId = 'sales') =>
    whyStageStays({ mapping, pipelineId, currentStageId, lastWrittenStageId, wanted });

  test('forward from a stage that we only found', () => expect(stays('new', null)).toBeNull());
  test('not back from a stage that we only found', () =>
    expect(stays('won', null)).toBe('the mapping only moves deals forward'));
  test('either way from a stage that we wrote last', () => expect(stays('met', 'met')).toBeNull());
  test('not from a stage that a person chose', () => expect(stays('won', 'met')).toBe('a person moved the deal'));
  test('not out of another pipeline', () =>
    expect(stays('new', null, 'service')).toBe('a person moved the deal to another pipeline'));
  test('into the pipeline that the mapping names now, from where we put it', () => {
    expect(stays('held', 'held', 'demos')).toBeNull();
    expect(stays('done', 'held', 'demos')).toBe('a person moved the deal to another pipeline');
  });
  test('not to where it is', () => expect(stays('booked', null)).toBe('already there'));
});

describe('a deal that we only found', () => {
  const from = { mapping, pipelineId: 'sales', currentStageId: 'met', lastWrittenStageId: null };
  const booked = inSales('booked');
  const anyWay = { ...mapping, forwardOnly: false };

  test('goes back where the mapping lets it', () => {
    expect(whyStageStays({ ...from, wanted: booked })).toBe('the mapping only moves deals forward');
    expect(whyStageStays({ ...from, mapping: anyWay, wanted: booked })).toBeNull();
  });
  test('moves from a stage that the mapping does not know, and from none', () => {
    expect(whyStageStays({ ...from, currentStageId: 'elsewhere', wanted: booked })).toBeNull();
    expect(whyStageStays({ ...from, currentStageId: null, pipelineId: null, wanted: booked })).toBeNull();
  });
  test('goes to a stage only from those that the mapping names for it, and from none where it has none', () => {
    const fromMet = { ...booked, onlyFrom: ['new', 'met'] };
    expect(whyStageStays({ ...from, mapping: anyWay, wanted: fromMet })).toBeNull();
    expect(whyStageStays({ ...from, mapping: anyWay, currentStageId: 'won', wanted: fromMet })).toMatch(/only from/);
    expect(whyStageStays({ ...from, currentStageId: null, wanted: fromMet })).toMatch(/only from certain stages/);
    expect(whyStageStays({ ...from, currentStageId: 'won', lastWrittenStageId: 'won', wanted: fromMet })).toBeNull();
  });
  test('stays in the first stage rather than go to one that is in no order', () => {
    const unknown = inSales('elsewhere');
    expect(whyStageStays({ ...from, currentStageId: 'new', wanted: unknown })).toMatch(/only moves deals forward/);
  });
});

describe('a mapping that names the stages to come from', () => {
  const from = { mapping, pipelineId: 'sales', lastWrittenStageId: null, wanted: inSales('met', ['booked']) };

  test('moves a deal from these, and from where this service put it', () => {
    expect(whyStageStays({ ...from, currentStageId: 'booked' })).toBeNull();
    expect(whyStageStays({ ...from, currentStageId: 'won', lastWrittenStageId: 'won' })).toBeNull();
  });
  test.each(['new', null])('and leaves it where it is otherwise: %s', (currentStageId) => {
    expect(whyStageStays({ ...from, currentStageId })).toBe('the mapping moves deals there only from certain stages');
  });
});

describe('a CRM is written again', () => {
  const appointment = { status: 'scheduled', slot } as const;
  const stage = inSales('booked');
  const later = { status: 'scheduled', slot: slotAt(START + DAY) } as const;

  test('when the appointment changes, whatever the stage', () => {
    expect(asksForMore({ appointment, stage }, { appointment: later, stage })).toBe(true);
    expect(asksForMore({ appointment, stage }, { appointment: later, stage: null })).toBe(true);
    expect(asksForMore({ appointment, stage }, { appointment: null, stage })).toBe(true);
  });
  test('when the stage changes, though the appointment does not', () => {
    expect(asksForMore({ appointment, stage: null }, { appointment, stage })).toBe(true);
    expect(asksForMore({ appointment, stage }, { appointment, stage: { ...stage, stageId: 'met' } })).toBe(true);
  });
  test('for nothing else', () => {
    expect(asksForMore({ appointment, stage }, { appointment: { ...appointment }, stage: { ...stage } })).toBe(false);
    expect(asksForMore({ appointment, stage }, { appointment, stage: null })).toBe(false);
  });
});

test('a mapping without a pipeline leaves deals alone', () => {
  const { picture } = fold([aFact('scheduled', { slot })], START - DAY, EVIDENCE);
  expect(crmPictureOf(picture, { ...mapping, pipelineId: null }).stage).toBeNull();
  expect(crmPictureOf(picture, mapping).stage).toEqual(inSales('booked'));
});

describe('a time that was agreed on in a CRM', () => {
  const there = slotAt(START + DAY);
  const decision = { kind: 'reported', connection: 'hubspot-main', outcome: 'rescheduled', slot: there } as const;
  const moved = aFact('crm_reported', { by: 'crm', decision, receivedAtMs: START - DAY });
  const { picture } = fold([aFact('scheduled', { slot }), moved], START - DAY, EVIDENCE);

  test('stays there, and is not there yet for another CRM', () => {
    expect(crmPictureOf(picture, mapping, 'hubspot-main').appointment).toEqual({ status: 'scheduled', slot: there });
    expect(crmPictureOf(picture, mapping, 'ghl-main').appointment).toEqual({ status: 'rescheduled', slot });
    expect(crmPictureOf(picture, mapping).appointment).toEqual({ status: 'rescheduled', slot });
  });
  test('by somebody here is the same for all CRMs', () => {
    const { agreedIn: _agreedIn, ...here } = picture;
    expect(crmPictureOf(here, mapping).appointment).toEqual({ status: 'rescheduled', slot });
  });
});

describe('whose stage it is', () => {
  const from = {
    mapping,
    pipelineId: 'sales',
    currentStageId: 'won',
    lastWrittenStageId: 'booked',
    wanted: inSales('met'),
  };
  test.each([
    ['crm', 'the CRM owns the stage'],
    ['booking', null],
    ['newest', 'a person moved the deal'],
  ] as const)('owned by %s, a deal that a person moved: %s', (owner, why) => {
    expect(whyStageStays({ ...from, owner })).toBe(why);
  });
  test('the booking takes no deal back that it never wrote', () => {
    expect(whyStageStays({ ...from, owner: 'booking', lastWrittenStageId: null })).toBe(
      'the mapping only moves deals forward',
    );
  });
  test('a deal of no stage goes wherever the mapping lets one in', () => {
    const none = { ...from, currentStageId: null, lastWrittenStageId: null };
    expect(whyStageStays(none)).toBeNull();
    expect(whyStageStays({ ...none, wanted: inSales('met', ['booked']) })).toBe(
      'the mapping moves deals there only from certain stages',
    );
  });
});

describe('a closed deal', () => {
  const now = { pipelineId: 'sales', stageId: 'won', closed: true, archived: false };
  const stays = (given: Partial<Parameters<typeof whyDealStays>[0]>) =>
    whyDealStays({ now, mapping, lastWrittenStageId: null, wanted: inSales('met'), ...given });
  test('stays, unless we closed it, or it is where it should be', () => {
    expect(stays({})).toBe('the deal is closed');
    expect(stays({ lastWrittenStageId: 'won' })).toBeNull();
    expect(stays({ wanted: inSales('won') })).toBe('already there');
  });
  test('that is gone is not moved', () => {
    expect(stays({ now: null })).toBe('the deal is gone');
    expect(stays({ now: { ...now, closed: false, archived: true } })).toBe('the deal is gone');
  });
});
