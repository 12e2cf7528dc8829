/** `/api/v1/bookings` against a real database. */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import * as schemas from '../../../api/v1/schemas';
import { addAliases, insertBooking } from '../../../db/bookings';
import { mergeBookings } from '../../../db/merges';
import { addParticipation } from '../../../db/participations';
import { insertMessages } from '../../../db/messages';
import { CONNECTION } from '../test-api';
import { operatorOfThisFile, refusalOf } from './operator';
import { HOUR_MS, seedBooking, seedFact, seedTask, slotAt, T0_MS } from './seed';

const operator = operatorOfThisFile();

describe('one booking', () => {
  it('is shown with everything that is known, by any uid of its chain', async () => {
    const personId = randomUUID();
    await operator().pool.query(`INSERT INTO person (id, wrapped_key, sealed) VALUES ($1, '', '')`, [personId]);
    const id = await seedBooking(operator().pool, { chain: ['uid-a', 'uid-b/1'], picture: { personId } });
    await seedFact(operator().pool, {
      bookingId: id,
      connection: CONNECTION,
      fact: { type: 'scheduled', uid: 'uid-a', receivedAtMs: T0_MS - 3 },
      why: 'scheduled',
    });
    await seedFact(operator().pool, {
      bookingId: id,
      connection: CONNECTION,
      fact: { type: 'crm_decided', uid: 'uid-a', receivedAtMs: T0_MS - 2, by: 'operator' },
    });
    await operator().pool.query(
      `INSERT INTO crm_sync (booking_id, connection, state) VALUES ($1, 'hubspot-main', 'synced')`,
      [id],
    );
    await operator().pool.query(
      `INSERT INTO crm_link (connection, type, external_key, booking_id, crm_id, state, last_written) VALUES
       ('hubspot-main', 'person', $2, NULL, '7', 'done', NULL),
       ('hubspot-main', 'appointment', 'a:' || $1, $1, '8', 'done', '{"status": "scheduled"}'),
       ('hubspot-main', 'opportunity', 'o:' || $1, $1, '9', 'done', '{"stageId": "appointmentscheduled"}')`,
      [id, `p:${personId}`],
    );
    await insertMessages(operator().pool, id, [
      {
        key: 'reminder/1',
        kind: 'reminder',
        recipient: 'guest',
        slotKey: 'k',
        dueAtMs: T0_MS - 24 * HOUR_MS,
        state: 'skipped',
        reason: 'booked inside the window',
      },
    ]);
    const task = await seedTask(operator().pool, { bookingId: id });

    const byRoot = await operator().get('/api/v1/bookings/calcom-sales/uid-a', schemas.bookingSchema);
    expect(byRoot).toEqual({
      id: 'calcom-sales/uid-a',
      source: 'calcom-sales',
      status: 'scheduled',
      slot: { start: '2026-11-24T17:00:00.000Z', end: '2026-11-24T18:00:00.000Z', zone: 'America/New_York' },
      chain: ['uid-a', 'uid-b/1'],
      version: 1,
      contactMatch: 'pending',
      leadScore: null,
      crm: [
        {
          connection: 'hubspot-main',
          state: 'synced',
          personId: '7',
          appointmentId: '8',
          opportunityId: '9',
          stage: 'appointmentscheduled',
          outcome: 'scheduled',
          reason: null,
        },
      ],
      messages: [
        {
          kind: 'reminder',
          channel: 'email',
          dueAt: '2026-11-23T17:00:00.000Z',
          state: 'skipped',
          reason: 'booked inside the window',
        },
      ],
      tasks: [
        { id: task.id, kind: 'match_contact', state: 'open', owner: 'front-desk', dueAt: '2026-11-24T18:00:00.000Z' },
      ],
      timeline: [
        {
          at: '2026-11-24T16:59:59.997Z',
          type: 'scheduled',
          source: 'calcom-sales',
          outcome: 'applied',
          why: 'scheduled',
        },
        { at: '2026-11-24T16:59:59.998Z', type: 'crm_decided', source: 'operator', outcome: 'pending', why: null },
      ],
    });
    expect(await operator().get('/api/v1/bookings/calcom-sales/uid-b%2F1', schemas.bookingSchema)).toEqual(byRoot);
  });

  it('awaits its outcome once its slot has passed, recorded or not', async () => {
    await seedBooking(operator().pool, { chain: ['past'] });
    const statusAt = async (atMs: number) => {
      operator().nowMs = atMs;
      return (await operator().get('/api/v1/bookings/calcom-sales/past', schemas.bookingSchema)).status;
    };
    expect(await statusAt(T0_MS + HOUR_MS - 1)).toBe('scheduled');
    expect(await statusAt(T0_MS + HOUR_MS)).toBe('awaiting_outcome');
    const { bookings } = await operator().get('/api/v1/bookings?status=awaiting_outcome', schemas.bookingListSchema);
    expect(bookings.map((booking) => booking.id)).toEqual(['calcom-sales/past']);
    expect((await operator().get('/api/v1/bookings?status=scheduled', schemas.bookingListSchema)).bookings).toEqual([]);
  });

  it('is shown from its facts before anybody recorded it', async () => {
    await seedBooking(operator().pool, { chain: ['new'], picture: null, factTypes: ['scheduled'] });
    await seedBooking(operator().pool, { chain: ['asked'], picture: null, factTypes: ['requested'] });
    const fresh = await operator().get('/api/v1/bookings/calcom-sales/new', schemas.bookingSchema);
    expect(fresh).toMatchObject({ status: 'scheduled', slot: null, chain: ['new'], version: 0, crm: [] });
    expect((await operator().get('/api/v1/bookings/calcom-sales/asked', schemas.bookingSchema)).status).toBe(
      'requested',
    );
  });

  it('is the survivor when its uid belonged to a booking that was merged into another', async () => {
    const into = await seedBooking(operator().pool, { chain: ['older'] });
    const from = await seedBooking(operator().pool, { chain: ['newer'] });
    await mergeBookings(operator().pool, { from, into });
    expect((await operator().get('/api/v1/bookings/calcom-sales/newer', schemas.bookingSchema)).id).toBe(into);
    const { bookings } = await operator().get('/api/v1/bookings', schemas.bookingListSchema);
    expect(bookings.map((booking) => booking.id)).toEqual([into]);
  });

  it('that is unknown is answered 404 with what was looked for', async () => {
    const reply = await operator().api.ask('GET', '/api/v1/bookings/calcom-sales/nobody%20knows');
    expect(refusalOf(reply)).toEqual([404, 'booking_not_found']);
    expect(reply.json().error.message).toContain('"calcom-sales" is known by the uid "nobody knows"');
  });

  it.each([
    ['NUL', '%00'],
    ['NUL in the middle', 'a%00b'],
    ['a broken escape', '%E0%A4%A'],
    ['501 characters', 'x'.repeat(501)],
  ])('with an impossible uid is answered 400: %s', async (_what, uid) => {
    expect(refusalOf(await operator().api.ask('GET', `/api/v1/bookings/calcom-sales/${uid}`))).toEqual([
      400,
      'invalid_request',
    ]);
  });
});

describe('a uid that several guests share', () => {
  const shared = '/api/v1/bookings/calcom-sales/shared';
  const participation = async (random: string, uids: string[]): Promise<string> => {
    const id = `calcom-sales/shared/${random}`;
    await insertBooking(operator().pool, { id, connection: CONNECTION, rootUid: 'shared' });
    await addParticipation(operator().pool, {
      connection: CONNECTION,
      bookingId: id,
      uids,
      seatId: null,
      personId: null,
    });
    return id;
  };

  it('answers with the booking of each, also when there is only one, and each is found by its own id', async () => {
    const first = await participation('00000000000a', ['shared']);
    expect(await operator().get(shared, schemas.sharedBookingsSchema)).toMatchObject({ bookings: [{ id: first }] });
    const second = await participation('00000000000b', ['shared', 'moved-alone']);
    const ids = async (path: string) =>
      (await operator().get(path, schemas.sharedBookingsSchema)).bookings.map((booking) => booking.id);
    expect(await ids(shared)).toEqual([first, second]);
    expect(await ids('/api/v1/bookings/calcom-sales/moved-alone')).toEqual([second]);
    expect(await operator().get(`/api/v1/bookings/${second}`, schemas.bookingSchema)).toMatchObject({
      id: second,
      source: CONNECTION,
    });
    expect((await operator().get('/api/v1/bookings', schemas.bookingListSchema)).bookings).toHaveLength(2);
  });

  it('answers 404 for a participation that is not known, and 400 for what can be none', async () => {
    expect(refusalOf(await operator().api.ask('GET', `${shared}/00000000000c`))).toEqual([404, 'booking_not_found']);
    expect(refusalOf(await operator().api.ask('GET', `${shared}/nonsense`))).toEqual([400, 'invalid_request']);
  });

  it('answers with the survivor where a participation was merged into another one', async () => {
    const [into, from] = [
      await participation('00000000000a', ['shared']),
      await participation('00000000000b', ['shared']),
    ];
    await mergeBookings(operator().pool, { from, into });
    expect((await operator().get(`/api/v1/bookings/${from}`, schemas.bookingSchema)).id).toBe(into);
    expect((await operator().get(shared, schemas.sharedBookingsSchema)).bookings).toHaveLength(1);
  });
});

describe('the list of bookings', () => {
  const ids = async (query: string): Promise<string[]> =>
    (await operator().get(`/api/v1/bookings${query}`, schemas.bookingListSchema)).bookings.map(
      (booking) => booking.id.split('/')[1]!,
    );

  it('is latest slot first, those without a slot last, and filters by status, source and start', async () => {
    await seedBooking(operator().pool, { chain: ['b'], picture: { slot: slotAt(T0_MS + HOUR_MS) } });
    await seedBooking(operator().pool, { chain: ['a'] });
    await seedBooking(operator().pool, {
      chain: ['c'],
      picture: { status: 'canceled', slot: slotAt(T0_MS + 2 * HOUR_MS) },
    });
    await seedBooking(operator().pool, { chain: ['none'], picture: { status: 'requested', slot: null } });
    await seedBooking(operator().pool, { chain: ['d'], connection: 'other' });
    expect(await ids('')).toEqual(['c', 'b', 'a', 'd', 'none']);
    expect(await ids('?status=canceled')).toEqual(['c']);
    expect(await ids('?source=other')).toEqual(['d']);
    expect(await ids('?from=2026-11-24T18:00:00Z')).toEqual(['c', 'b']);
    expect(await ids('?to=2026-11-24T13:00:00-05:00')).toEqual(['a', 'd']);
    expect(await ids('?from=2026-11-25')).toEqual([]);
    expect(await ids('?to=2026-11-25&from=2026-11-24')).toEqual(['c', 'b', 'a', 'd']);
  });

  it('is given in pages that miss nothing and repeat nothing, across equal starts and missing slots', async () => {
    for (let n = 0; n < 7; n += 1) {
      const slot = n < 5 ? slotAt(T0_MS + Math.floor(n / 2) * HOUR_MS) : null;
      await seedBooking(operator().pool, { chain: [`p${n}`], picture: { slot } });
    }
    const whole = await ids('');
    for (const limit of [1, 2, 3, 7]) {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const path: string = `/api/v1/bookings?limit=${limit}${cursor && `&cursor=${cursor}`}`;
        const page: z.output<typeof schemas.bookingListSchema> = await operator().get(path, schemas.bookingListSchema);
        expect(page.bookings.length).toBeLessThanOrEqual(limit);
        seen.push(...page.bookings.map((booking) => booking.id.split('/')[1]!));
        cursor = page.nextCursor;
      }
      expect([limit, seen]).toEqual([limit, whole]);
    }
  });

  it.each([
    '?status=completed',
    '?limit=0',
    '?limit=201',
    '?limit=x',
    '?from=yesterday',
    '?stat=open',
    '?status=a&status=b',
  ])('refuses a question that it does not understand: %s', async (query) => {
    expect(refusalOf(await operator().api.ask('GET', `/api/v1/bookings${query}`))).toEqual([400, 'invalid_request']);
  });

  it('refuses a cursor that is not its own', async () => {
    const forTasks = Buffer.from(JSON.stringify({ dueAtMs: 1, id: randomUUID() })).toString('base64url');
    for (const cursor of ['x', forTasks]) {
      expect(refusalOf(await operator().api.ask('GET', `/api/v1/bookings?cursor=${cursor}`))).toEqual([
        400,
        'bad_cursor',
      ]);
    }
  });
});

it('a booking that the source named and nobody described is not invented', async () => {
  await insertBooking(operator().pool, { id: 'calcom-sales/bare', connection: CONNECTION, rootUid: 'bare' });
  await addAliases(operator().pool, {
    bookingId: 'calcom-sales/bare',
    connection: CONNECTION,
    uids: ['bare'],
  });
  expect(await operator().get('/api/v1/bookings/calcom-sales/bare', schemas.bookingSchema)).toMatchObject({
    status: 'requested',
    timeline: [],
  });
});
