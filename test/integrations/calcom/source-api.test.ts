import { createCalcomApi } from '../../../integrations/calcom/source-api';
import { READ_HEADERS, type SourceApi } from '../../../integrations/ports';
import { readDelivery } from '../../../integrations/calcom/events';
import { attendee, row, seated } from './rows';
import { scriptedServer, type Asked, type Reply, type ScriptedServer } from '../scripted-server';
import { failure, success } from './envelopes';

const NOW_MS = Date.parse('2027-03-10T09:00:00Z');
const at = (minute: number): string => new Date(NOW_MS + minute * 60_000).toISOString();

async function apiFor(answer: (asked: Asked, n: number) => Reply): Promise<{ api: SourceApi; server: ScriptedServer }> {
  const server = await scriptedServer(answer);
  const settings = { baseUrl: server.url, apiKey: 'cal_test' };
  return { server, api: createCalcomApi(settings, null, { now: () => NOW_MS, requestTimeoutMs: 1_000 }) };
}

/** Rows that Cal.com lists: filtered, sorted and paged as its API does, `pageSize` at most per answer. */
function listing(rows: () => readonly Readonly<Record<string, unknown>>[], pageSize: number) {
  return ({ query }: Asked): Reply => {
    const time = (one: Readonly<Record<string, unknown>>, key: string) => Date.parse(String(one[key]));
    const within =
      (key: string, from: string | undefined, to: string | undefined) => (one: Readonly<Record<string, unknown>>) =>
        (from === undefined || time(one, key) >= Date.parse(from)) &&
        (to === undefined || time(one, key) <= Date.parse(to));
    const sortKey = query['sortUpdatedAt'] === undefined ? 'start' : 'updatedAt';
    const all = rows()
      .filter(within('updatedAt', query['afterUpdatedAt'], query['beforeUpdatedAt']))
      .filter(within('start', query['afterStart'], undefined))
      .filter(within('end', undefined, query['beforeEnd']))
      .sort((a, b) => time(a, sortKey) - time(b, sortKey));
    const skip = Number(query['skip']);
    const data = all.slice(skip, skip + Math.min(pageSize, Number(query['take'])));
    return success(data, { pagination: { hasNextPage: skip + data.length < all.length } });
  };
}

describe('reading one booking', () => {
  it('makes a delivery that the source itself understands', async () => {
    const { api } = await apiFor(() => success(row({ rescheduledFromUid: 'rowZero' })));
    const read = await api.readBooking('rowFirst');
    expect(read).toMatchObject({
      uid: 'rowFirst',
      predecessorUid: 'rowZero',
      readAtMs: NOW_MS,
      changedAtMs: Date.parse('2027-03-02T08:00:00Z'),
    });
    const said = readDelivery(read?.body ?? Buffer.alloc(0), { ...READ_HEADERS });
    expect(said).toMatchObject({ kind: 'events', trigger: 'BOOKING_READ', events: [{ readAtMs: NOW_MS }] });
  });

  it('is null for a uid that Cal.com does not know, and for one that names a whole series', async () => {
    expect(await (await apiFor(() => failure(404))).api.readBooking('gone')).toBeNull();
    expect(
      await (await apiFor(() => success([row(), row({ uid: 'rowSecond' })]))).api.readBooking('series'),
    ).toBeNull();
  });

  it('is no null when the answer can not be read: that would look like a deleted booking', async () => {
    for (const reply of [success({ id: 1 }), success('nothing'), failure(500)])
      await expect((await apiFor(() => reply)).api.readBooking('x')).rejects.toThrow('readBooking');
  });

  const hashOf = async (fields: Readonly<Record<string, unknown>>) => {
    const { api } = await apiFor(() => success(row(fields)));
    return (await api.readBooking('rowFirst'))?.contentHash;
  };

  it('has a hash that tells whether the booking looks different, whenever it changed', async () => {
    const hash = await hashOf({});
    expect(await hashOf({ updatedAt: at(5), rating: 4, somethingNew: Math.PI })).toBe(hash);
    const swapped = { roof: 'slate', name: 'Tess Example', email: 'tess.example@example.com' };
    expect(await hashOf({ bookingFieldsResponses: swapped })).toBe(hash);
    for (const fields of [
      { status: 'cancelled' },
      { start: '2027-03-16T15:00:00Z' },
      { attendees: [attendee({ absent: true })] },
      { hosts: [{ email: 'nora@example.com' }] },
      { location: 'Office 3' },
    ])
      expect(await hashOf(fields)).not.toBe(hash);
  });

  it('passes a row that can not be read on, to be found unreadable where a person sees it', async () => {
    const { api } = await apiFor(() => success(row({ status: 'teleported' })));
    const read = await api.readBooking('rowFirst');
    expect(readDelivery(read?.body ?? Buffer.alloc(0), { ...READ_HEADERS }).kind).toBe('unreadable');
  });
});

describe('listing what changed', () => {
  const changed = (n: number) => row({ uid: `row${n}`, updatedAt: at(n) });
  const window = { fromMs: NOW_MS, toMs: NOW_MS + 60 * 60_000 };

  it('asks for a closed window, sorted by change', async () => {
    const { api, server } = await apiFor(listing(() => [changed(1)], 100));
    expect(await api.listChanged(window)).toHaveLength(1);
    expect(server.asked[0]?.path).toBe('/v2/bookings');
    expect(server.asked[0]?.query).toEqual({
      afterUpdatedAt: at(0),
      beforeUpdatedAt: at(60),
      sortUpdatedAt: 'asc',
      take: '100',
      skip: '0',
    });
  });

  it('reads every page, and each row once', async () => {
    const rows = Array.from({ length: 25 }, (_, n) => changed(n));
    const { api } = await apiFor(listing(() => rows, 4));
    expect((await api.listChanged(window)).map((read) => read.uid)).toEqual(rows.map((one) => one['uid']));
  });

  it('leaves out no row because another one changes between two pages', async () => {
    const rows = Array.from({ length: 12 }, (_, n) => changed(n));
    const { api } = await apiFor((asked, n) => {
      // The first row leaves the window after the first page, and all others move up.
      if (n === 2) rows[0] = row({ uid: 'row0', updatedAt: at(90) });
      return listing(() => rows, 4)(asked);
    });
    const uids = (await api.listChanged(window)).map((read) => read.uid);
    expect(new Set(uids)).toEqual(new Set(rows.map((one) => one['uid'])));
  });

  it('gets through more rows of one instant than a page holds', async () => {
    const rows = Array.from({ length: 11 }, (_, n) => row({ uid: `same${n}`, updatedAt: at(7) }));
    const { api } = await apiFor(listing(() => [...rows, changed(8), changed(9)], 4));
    expect(await api.listChanged(window)).toHaveLength(13);
  });

  it('gets to the end of rows that do not say when they changed', async () => {
    const rows = Array.from({ length: 6 }, (_, n) => row({ uid: `old${n}`, updatedAt: undefined }));
    const { api } = await apiFor(({ query }) => {
      const skip = Number(query['skip']);
      return success(rows.slice(skip, skip + 4), { pagination: { hasNextPage: skip + 4 < rows.length } });
    });
    expect(await api.listChanged(window)).toHaveLength(6);
  });

  it('is broken by a row without uid: nobody could tell which one is missing', async () => {
    const { api } = await apiFor(() => success([row(), row({ uid: undefined })]));
    await expect(api.listChanged(window)).rejects.toMatchObject({ errorClass: 'contract_violation' });
  });

  it('passes a limit on to the caller', async () => {
    const { api } = await apiFor(() => failure(429, { 'retry-after': '30' }));
    await expect(api.listChanged(window)).rejects.toMatchObject({ errorClass: 'rate_limited', retryAfterMs: 30_000 });
  });
});

describe('listing what ended', () => {
  it('finds slots by their end, those that began before the window included', async () => {
    const slot = (uid: string, start: number, end: number) => row({ uid, start: at(start), end: at(end) });
    const rows = [slot('before', -60, -30), slot('across', -30, 10), slot('within', 20, 50), slot('after', 30, 90)];
    const { api } = await apiFor(listing(() => rows, 2));
    const reads = await api.listEnded({ fromMs: NOW_MS, toMs: NOW_MS + 60 * 60_000 });
    expect(reads.map((read) => read.uid)).toEqual(['across', 'within']);
  });
});

describe('listing a series', () => {
  it('reads every occurrence by the uid of the series', async () => {
    const occurrences = ['r1', 'r2', 'r3'].map((uid) => row({ uid, recurringBookingUid: 'series' }));
    const { api, server } = await apiFor(({ path }) =>
      success(path.endsWith('/series') ? occurrences : occurrences[1]),
    );
    expect((await api.listSeries('r2')).map((read) => read.uid)).toEqual(['r1', 'r2', 'r3']);
    expect(server.asked.map((asked) => asked.path)).toEqual(['/v2/bookings/r2', '/v2/bookings/series']);
  });

  it('is the booking alone where there is no series, and nothing where there is no booking', async () => {
    const { api } = await apiFor(() => success(row()));
    expect(await api.listSeries('rowFirst')).toHaveLength(1);
    expect(await (await apiFor(() => failure(404))).api.listSeries('gone')).toEqual([]);
  });

  it('does not lose the booking when its series is not found', async () => {
    const one = row({ recurringBookingUid: 'series' });
    const { api } = await apiFor(({ path }) => (path.endsWith('/series') ? failure(404) : success(one)));
    expect((await api.listSeries('rowFirst')).map((read) => read.uid)).toEqual(['rowFirst']);
  });
});

describe('writes', () => {
  const writes = (server: ScriptedServer) =>
    server.asked.filter((asked) => asked.method === 'POST').map(({ path, body }) => [path, body]);
  const booked =
    (fields: Readonly<Record<string, unknown>> = {}) =>
    (asked: Asked): Reply =>
      asked.method === 'GET' ? success(row(fields)) : success(row({ uid: 'rowSecond' }));

  it('mark the attendee by the address that Cal.com knows', async () => {
    const managed = attendee({ email: 'Tess+clxyyy21o0003sbk7yw5z6tzg@Example.com', displayEmail: 'Tess@Example.com' });
    const phone = attendee({ email: '13035550142@sms.cal.com' });
    const { api, server } = await apiFor(booked({ attendees: [phone, managed] }));
    await api.markAbsent('rowFirst', { email: 'tess@example.com', absent: true });
    await api.markAbsent('rowFirst', { email: '+13035550142', absent: false });
    expect(writes(server)).toEqual([
      ['/v2/bookings/rowFirst/mark-absent', { attendees: [{ email: managed['email'], absent: true }] }],
      ['/v2/bookings/rowFirst/mark-absent', { attendees: [{ email: phone['email'], absent: false }] }],
    ]);
  });

  it('mark nobody when the attendee is not there any more', async () => {
    const { api, server } = await apiFor(booked());
    await expect(api.markAbsent('rowFirst', { email: 'other@example.com', absent: true })).rejects.toMatchObject({
      errorClass: 'refused',
      message: expect.not.stringContaining('other@') as string,
    });
    expect(writes(server)).toEqual([]);
  });

  it('cancel the booking, or one seat of it', async () => {
    const { api, server } = await apiFor(booked({ attendees: [seated('Ann')] }));
    await api.cancel('rowFirst', { reason: 'No time', seatId: null });
    await api.cancel('rowFirst', { reason: 'No time', seatId: 'seat-ann' });
    expect(writes(server)).toEqual([
      ['/v2/bookings/rowFirst/cancel', { cancellationReason: 'No time' }],
      ['/v2/bookings/rowFirst/cancel', { seatUid: 'seat-ann', cancellationReason: 'No time' }],
    ]);
  });

  it("reschedule in the host's name, and tell the new uid", async () => {
    const { api, server } = await apiFor(booked());
    const startMs = Date.parse('2027-03-20T16:00:00Z');
    expect(await api.reschedule('rowFirst', { startMs, reason: 'Agreed' })).toEqual({ uid: 'rowSecond' });
    expect(writes(server)).toEqual([
      [
        '/v2/bookings/rowFirst/reschedule',
        { start: '2027-03-20T16:00:00.000Z', reschedulingReason: 'Agreed', rescheduledBy: 'hanna.host@example.com' },
      ],
    ]);
  });

  it('say that nobody knows when the answer to a write is lost, and that it is useless when the source says no', async () => {
    const answering = (reply: Reply) => apiFor((asked) => (asked.method === 'GET' ? success(row()) : reply));
    const move = { startMs: NOW_MS, reason: 'Agreed' };
    const lost = (await answering('reset')).api.reschedule('rowFirst', move);
    await expect(lost).rejects.toMatchObject({ errorClass: 'unknown_outcome' });
    const no = (await answering(failure(400))).api.reschedule('rowFirst', move);
    await expect(no).rejects.toMatchObject({ errorClass: 'refused', httpStatus: 400 });
    await expect((await apiFor(() => failure(404))).api.reschedule('gone', move)).rejects.toMatchObject({
      errorClass: 'refused',
    });
  });
});
