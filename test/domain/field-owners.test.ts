/** Who has the last word when a person changed a booking's appointment in a CRM: the tables are the documentation. */
import {
  canFollow,
  isSameSlot,
  judgeAppointment,
  ownersOf,
  slotShown,
  type AppointmentState,
  type Comparison,
} from '../../domain/field-owners';
import { DAY, HOUR, slotAt, START } from '../support/facts';

const at = (startMs: number, status: AppointmentState['status'] = 'scheduled'): AppointmentState => ({
  status,
  startMs,
  endMs: startMs + HOUR,
});
const BEFORE = at(START);
const judge = (given: Partial<Comparison>) =>
  judgeAppointment({
    agreed: BEFORE,
    attempted: [],
    shown: BEFORE,
    wanted: BEFORE,
    bookingStatus: 'scheduled',
    owners: ownersOf({}),
    ...given,
  });

test('what the ledger wrote last, may have written, or the booking says as well is ours', () => {
  const ours = { outcome: 'ours', slot: 'ours' };
  expect(judge({})).toEqual(ours);
  // The booking has moved on and its write is still to come.
  expect(judge({ wanted: at(START + DAY, 'canceled') })).toEqual(ours);
  expect(judge({ shown: at(START + DAY), attempted: [at(START + DAY)] })).toEqual(ours);
  expect(judge({ shown: at(START + DAY, 'canceled'), wanted: at(START + DAY, 'canceled') })).toEqual(ours);
  // To the second, an end that is not named, a word without meaning.
  expect(judge({ shown: { ...BEFORE, startMs: START + 400, endMs: null } })).toEqual(ours);
  expect(judge({ shown: { ...BEFORE, status: null } })).toEqual(ours);
  expect(judge({ shown: { ...BEFORE, startMs: null } })).toEqual(ours);
});

describe.each([
  { owner: 'booking', alone: 'write_back', both: 'write_back' },
  { owner: 'crm', alone: 'adopt', both: 'adopt' },
  { owner: 'newest', alone: 'adopt', both: 'conflict' },
] as const)('owned by $owner', ({ owner, alone, both }) => {
  it(`a time that only the CRM changed: ${alone}; that both changed: ${both}`, () => {
    const given = { owners: { outcome: 'newest', slot: owner }, shown: at(START + DAY) } as const;
    expect(judge(given)).toEqual({ outcome: 'ours', slot: alone });
    expect(judge({ ...given, wanted: at(START + 2 * DAY) })).toEqual({ outcome: 'ours', slot: both });
  });

  it(`an outcome that only the CRM changed: ${alone}; that both changed: ${both}`, () => {
    const given = { owners: { outcome: owner, slot: 'newest' }, shown: at(START, 'no_show') } as const;
    expect(judge({ ...given, bookingStatus: 'awaiting_outcome' })).toEqual({ outcome: alone, slot: 'ours' });
    const wanted = at(START, 'showed');
    expect(judge({ ...given, wanted, bookingStatus: 'showed' })).toEqual({ outcome: both, slot: 'ours' });
  });
});

test.each([
  // What a rep makes of a booking that is …
  ['scheduled', 'canceled', 'adopt'],
  ['scheduled', 'showed', 'adopt'],
  ['scheduled', 'rescheduled', 'adopt'],
  ['awaiting_outcome', 'no_show', 'adopt'],
  ['showed', 'no_show', 'adopt'],
  ['no_show', 'scheduled', 'adopt'],
  ['no_show', 'canceled', 'adopt'],
  ['canceled', 'showed', 'adopt'],
  ['canceled', 'scheduled', 'conflict'],
  ['canceled', 'rescheduled', 'conflict'],
  ['rejected', 'scheduled', 'conflict'],
  ['reschedule_requested', 'scheduled', 'conflict'],
  ['reschedule_requested', 'canceled', 'adopt'],
] as const)('%s, made %s in the CRM: %s', (bookingStatus, shown, verdict) => {
  const shownOf = { showed: 'showed', no_show: 'no_show', canceled: 'canceled', rejected: 'canceled' } as const;
  const now = bookingStatus === 'reschedule_requested' ? 'rescheduled' : 'scheduled';
  const agreed = at(START, shownOf[bookingStatus as keyof typeof shownOf] ?? now);
  expect(judge({ agreed, wanted: agreed, bookingStatus, shown: at(START, shown) }).outcome).toBe(verdict);
});

test('a move is followed while the appointment is open, and asked about once it is over', () => {
  const moved = (bookingStatus: Comparison['bookingStatus'], from: AppointmentState, status = from.status) =>
    judge({ agreed: from, wanted: from, bookingStatus, shown: at(START + DAY, status) });
  expect(moved('awaiting_outcome', BEFORE)).toEqual({ outcome: 'ours', slot: 'adopt' });
  // The new time that was waited for.
  expect(moved('reschedule_requested', at(START, 'rescheduled'), 'scheduled')).toEqual({
    outcome: 'ours',
    slot: 'adopt',
  });
  expect(moved('scheduled', BEFORE, 'rescheduled')).toEqual({ outcome: 'ours', slot: 'adopt' });
  expect(moved('no_show', at(START, 'no_show'), 'scheduled')).toEqual({ outcome: 'adopt', slot: 'adopt' });
  expect(moved('no_show', at(START, 'no_show'))).toEqual({ outcome: 'ours', slot: 'conflict' });
  expect(moved('canceled', at(START, 'canceled'))).toEqual({ outcome: 'ours', slot: 'conflict' });
  expect(moved('scheduled', BEFORE, 'showed')).toEqual({ outcome: 'adopt', slot: 'conflict' });
  expect(moved('scheduled', BEFORE, 'canceled')).toEqual({ outcome: 'adopt', slot: 'ours' });
});

test('a time is taken over in the zone of the booking, and as long as before where the CRM names no end', () => {
  const before = slotAt(START);
  expect(slotShown(at(START + DAY), before)).toEqual({ ...before, startMs: START + DAY, endMs: START + DAY + HOUR });
  expect(slotShown({ ...at(START + DAY), endMs: null }, before)).toEqual(slotAt(START + DAY));
  expect(slotShown({ ...BEFORE, startMs: null }, before)).toBeNull();
});

test('nobody owns a field more than the newest word, unless the mapping says so', () => {
  expect(ownersOf({})).toEqual({ outcome: 'newest', slot: 'newest', stage: 'newest' });
  expect(ownersOf({ owners: { slot: 'crm' } })).toEqual({ outcome: 'newest', slot: 'crm', stage: 'newest' });
});

describe('a booking can still become what the CRM shows', () => {
  const statuses = [
    ...(['requested', 'scheduled', 'awaiting_outcome', 'reschedule_requested'] as const),
    ...(['showed', 'no_show', 'canceled', 'rejected'] as const),
  ];
  const following = (shown: Parameters<typeof canFollow>[1]) => statuses.filter((status) => canFollow(status, shown));

  test('of the time: while it is open', () => {
    expect(following({ field: 'slot', status: 'scheduled' })).toEqual([
      ...['requested', 'scheduled', 'awaiting_outcome', 'reschedule_requested'],
    ]);
  });
  test('of the outcome: any, but one that was called off is not revived', () => {
    expect(following({ field: 'outcome', status: 'scheduled' })).toEqual(['showed', 'no_show']);
    expect(following({ field: 'outcome', status: 'rescheduled' })).toEqual([
      ...['requested', 'scheduled', 'awaiting_outcome', 'reschedule_requested', 'showed', 'no_show'],
    ]);
    expect(following({ field: 'outcome', status: 'showed' })).toEqual(statuses);
  });
});

describe('an appointment without a time, or with another length', () => {
  const of = (startMs: number | null, endMs: number | null): AppointmentState => ({
    status: 'scheduled',
    startMs,
    endMs,
  });
  test.each([
    ['none and none', of(null, null), of(null, null), true],
    ['one and none', of(START, null), of(null, null), false],
    ['another end', of(START, START + HOUR), of(START, START + 2 * HOUR), false],
    ['an end and none', of(START, START + HOUR), of(START, null), true],
    ['none and an end', of(START, null), of(START, START + HOUR), true],
    ['the same end within a second', of(START, START + HOUR), of(START, START + HOUR + 400), true],
    ['another start and the same end', of(START + 1_000, START + HOUR), of(START, START + HOUR), false],
  ])('%s', (_what, one, other, same) => {
    expect(isSameSlot(one, other)).toBe(same);
  });
});
