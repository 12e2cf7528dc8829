/** Decisions about bookings against a real database; the engine does as a test says. */
import type { BookingDecisionSent } from '../../../api/engine';
import * as schemas from '../../../api/v1/schemas';
import { saveVerdicts } from '../../../db/facts';
import type { BookingDecision } from '../../../domain/booking-decisions';
import { checked, operatorOfThisFile, refusalOf } from './operator';
import { seedBooking, seedFact, T0_MS } from './seed';

const operator = operatorOfThisFile();

let sent: { id: string; version: number; decision: BookingDecision }[];
let bookingId: string;
const post = (body: unknown, uid = 'b') =>
  operator().api.ask('POST', `/api/v1/bookings/calcom-sales/${uid}/decision`, body);

beforeEach(async () => {
  sent = [];
  bookingId = await seedBooking(operator().pool, { chain: ['a', 'b'] });
  operator().decideBooking = ({ id, version }, decision) => {
    sent.push({ id, version, decision });
    return Promise.resolve({ kind: 'accepted' });
  };
});

it.each([
  [{ decision: 'no_show' }, { decision: 'no_show', startMs: null, by: 'operator' }],
  [
    { decision: 'canceled', by: 'op-7' },
    { decision: 'canceled', startMs: null, by: 'op-7' },
  ],
  [
    { decision: 'rescheduled', start: '2026-11-26T10:00:00-07:00' },
    { decision: 'rescheduled', startMs: T0_MS + 48 * 3_600_000, by: 'operator' },
  ],
])('%j is handed to the workflow of the booking, found by any uid of its chain', async (body, decision) => {
  const booking = checked(await post(body), schemas.bookingSchema);
  expect(booking).toMatchObject({ id: bookingId, chain: ['a', 'b'] });
  expect(sent).toEqual([{ id: bookingId, version: 1, decision }]);
});

it('the answer waits until the booking has taken the decision in', async () => {
  operator().decideBooking = async ({ id }) => {
    const fact = {
      id: '00000000-0000-4000-8000-00000000aaaa',
      type: 'outcome_decided',
      uid: 'b',
      by: 'operator',
    } as const;
    await seedFact(operator().pool, { bookingId: id, connection: 'calcom-sales', fact });
    setTimeout(() => {
      const verdict = { factId: fact.id, outcome: 'applied', why: 'a person decided: showed' } as const;
      void saveVerdicts(operator().pool, [verdict]);
    }, 150);
    return { kind: 'accepted' };
  };
  const { timeline } = checked(await post({ decision: 'showed' }), schemas.bookingSchema);
  expect(timeline).toMatchObject([{ type: 'outcome_decided', source: 'operator', outcome: 'applied' }]);
});

it.each([
  ['no body', undefined],
  ['no decision', {}],
  ['an unknown decision', { decision: 'erased' }],
  ['an unknown field', { decision: 'showed', note: 'x' }],
  ['a start without its offset', { decision: 'rescheduled', start: '2026-11-26T10:00:00' }],
  ['an address in place of an operator id', { decision: 'showed', by: 'jane@example.com' }],
])('a body that is malformed is refused before anything else: %s', async (_what, body) => {
  expect(refusalOf(await post(body))).toEqual([400, 'invalid_request']);
  expect(sent).toEqual([]);
});

it('a uid that nobody knows is answered 404', async () => {
  expect(refusalOf(await post({ decision: 'showed' }, 'unheard'))).toEqual([404, 'booking_not_found']);
});

it.each<[BookingDecisionSent, [number, string]]>([
  [{ kind: 'refused', reason: 'The appointment begins later' }, [422, 'decision_refused']],
  [{ kind: 'merged', reason: 'It turned out to be another booking' }, [409, 'booking_merged']],
  [{ kind: 'unconfirmed', reason: 'the workflow engine can not be reached' }, [503, 'decision_not_confirmed']],
])('what the engine answers is explained: %j', async (result, expected) => {
  operator().decideBooking = () => Promise.resolve(result);
  const reply = await post({ decision: 'showed' });
  expect(refusalOf(reply)).toEqual(expected);
  if ('reason' in result) expect(reply.json().error.message).toContain(result.reason);
  if (reply.status === 503) expect(reply.headers['retry-after']).toBe('5');
});

describe('of a uid that several guests share', () => {
  const participations = async (): Promise<string[]> => {
    const ids = await Promise.all(['p1', 'p2'].map((root) => seedBooking(operator().pool, { chain: [root] })));
    for (const id of ids) {
      await operator().pool.query(`DELETE FROM booking_alias WHERE booking_id = $1`, [id]);
      await operator().pool.query(`INSERT INTO participation (connection, uid, booking_id) VALUES ($1, $2, $3)`, [
        ...['calcom-sales', 'shared', id],
      ]);
    }
    return ids;
  };

  it('the booking has to be named; the refusal lists them', async () => {
    const ids = await participations();
    const reply = await post({ decision: 'canceled' }, 'shared');
    expect(refusalOf(reply)).toEqual([409, 'booking_ambiguous']);
    for (const id of ids) expect(reply.json().error.message).toContain(id);
    expect(sent).toEqual([]);
    checked(await post({ decision: 'canceled', booking: ids[1] }, 'shared'), schemas.bookingSchema);
    expect(sent.map(({ id }) => id)).toEqual([ids[1]]);
  });

  it('a booking that does not have the uid is none of them', async () => {
    await participations();
    const reply = await post({ decision: 'canceled', booking: bookingId }, 'shared');
    expect(refusalOf(reply)).toEqual([404, 'booking_not_found']);
    expect(sent).toEqual([]);
  });
});
