/** API v2: strict about what it is asked, and honest about what it has, unless it is told to lie. */
import { startAccount, DAY, GUEST, HOUR, MINUTE, START_MS } from './test-account';
import type { ApiBody, TestAccount } from './test-account';

let account: TestAccount;
beforeEach(async () => {
  account = await startAccount();
});
afterEach(() => account.close());

const startMs = START_MS + 2 * DAY;
const uidsOf = (body: ApiBody): unknown[] => (body.data as unknown as { uid: string }[]).map(({ uid }) => uid);

describe('what breaks the contract', () => {
  it.each([
    ['an unknown operation', 'GET', '/v2/nowhere', undefined, {}, 404],
    ['a missing version', 'GET', '/v2/bookings', undefined, { 'cal-api-version': '' }, 404],
    ['a wrong version', 'GET', '/v2/bookings', undefined, { 'cal-api-version': '2024-06-14' }, 404],
    ['no credentials', 'GET', '/v2/bookings', undefined, { authorization: '' }, 401],
    ['an unknown query parameter', 'GET', '/v2/bookings?limit=1', undefined, {}, 400],
    ['too many rows at once', 'GET', '/v2/bookings?take=251', undefined, {}, 400],
    ['an instant without a zone', 'GET', '/v2/bookings?afterStart=2026-11-23T09:00:00', undefined, {}, 400],
    ['an unknown field', 'POST', '/v2/bookings/x/cancel', { reason: 'Ill' }, {}, 400],
    [
      'a mark that is no mark',
      'POST',
      '/v2/bookings/x/mark-absent',
      { attendees: [{ email: 'a@example.com' }] },
      {},
      400,
    ],
    [
      'an unknown trigger',
      'POST',
      '/v2/webhooks',
      { active: true, subscriberUrl: 'http://a', triggers: ['X'] },
      {},
      400,
    ],
    ['text that is not JSON', 'POST', '/v2/bookings/x/decline', '{', {}, 400],
  ] as const)(
    'is refused in the vendor’s shape and counted: %s',
    async (_what, method, path, body, headers, status) => {
      const answer = await account.api(method, path, body, headers);
      expect(answer.status).toBe(status);
      expect(answer.body).toMatchObject({ status: 'error', error: { code: expect.any(String) as string } });
      expect(account.calcom.state().violations).toBe(1);
      expect(account.calcom.requests()).toMatchObject([{ method, status, applied: false }]);
    },
  );

  it('is not a state that changed meanwhile, an unknown uid or a dead key', async () => {
    const { calcom, api } = account;
    const { uid } = calcom.book({ startMs, guest: GUEST });
    calcom.cancel(uid);
    expect((await api('POST', `/v2/bookings/${uid}/cancel`, {})).status).toBe(400);
    expect((await api('POST', `/v2/bookings/${uid}/confirm`)).status).toBe(400);
    expect((await api('GET', '/v2/bookings/never-made')).status).toBe(404);
    calcom.changeSettings({ apiKeys: [] });
    expect((await api('GET', '/v2/bookings')).status).toBe(401);
    expect(calcom.state().violations).toBe(0);
  });
});

describe('a list', () => {
  it('is filtered by every filter', async () => {
    const { calcom, api, clock } = account;
    const past = calcom.book({ startMs: START_MS - DAY, guest: GUEST });
    clock.nowMs += HOUR;
    const other = { name: 'Robin Example', email: 'robin.example@example.com' };
    const pending = calcom.requestBooking({ startMs, guest: other });
    clock.nowMs += HOUR;
    const canceled = calcom.book({ startMs: startMs + DAY, guest: GUEST });
    calcom.cancel(canceled.uid);
    const [occurrence] = calcom.bookSeries({ startMs: startMs + 2 * DAY, guest: GUEST, count: 1 });
    const of = async (query: string): Promise<unknown[]> => uidsOf((await api('GET', `/v2/bookings?${query}`)).body);

    expect(await of('')).toEqual([past.uid, pending.uid, canceled.uid, occurrence?.uid]);
    expect(await of('status=upcoming')).toEqual([pending.uid, occurrence?.uid]);
    expect(await of('status=past,cancelled')).toEqual([past.uid, canceled.uid]);
    expect(await of('status=unconfirmed')).toEqual([pending.uid]);
    expect(await of('status=recurring')).toEqual([occurrence?.uid]);
    expect(await of('attendeeEmail=robin.example@example.com')).toEqual([pending.uid]);
    expect(await of('attendeeName=Robin%20Example')).toEqual([pending.uid]);
    expect(await of(`bookingUid=${canceled.uid}`)).toEqual([canceled.uid]);
    expect(await of('eventTypeIds=102,106')).toEqual([pending.uid, occurrence?.uid]);
    expect(await of('eventTypeId=102')).toEqual([pending.uid]);
    expect(await of('afterStart=2026-11-25T09:00:00Z&beforeEnd=2026-11-26T09:30:00Z')).toEqual([
      pending.uid,
      canceled.uid,
    ]);
    // Both ends are part of the window.
    expect(await of('afterUpdatedAt=2026-11-23T10:00:00Z&beforeUpdatedAt=2026-11-23T10:00:00Z')).toEqual([pending.uid]);
    expect(await of('beforeCreatedAt=2026-11-23T10:00:00Z&sortCreated=desc')).toEqual([pending.uid, past.uid]);
  });

  it('comes in pages that say what is left', async () => {
    const { calcom, api } = account;
    const uids = Array.from({ length: 5 }, (_, n) => calcom.book({ startMs: startMs + n * HOUR, guest: GUEST }).uid);
    const { body } = await api('GET', '/v2/bookings?take=2&skip=2&sortStart=desc');
    expect(uidsOf(body)).toEqual([uids[2], uids[1]]);
    expect(body.pagination).toEqual({
      totalItems: 5,
      remainingItems: 1,
      returnedItems: 2,
      itemsPerPage: 2,
      currentPage: 2,
      totalPages: 3,
      hasNextPage: true,
      hasPreviousPage: true,
    });
  });
});

describe('a cancellation', () => {
  it('is denied by reads for as long as the setting says, and then changed at that moment', async () => {
    const { calcom, api, clock } = account;
    const { uid } = calcom.book({ startMs, guest: GUEST });
    calcom.changeSettings({ lieAfterCancelMs: 5_000 });
    clock.nowMs += HOUR;
    calcom.cancel(uid, { reason: 'Ill' });
    expect((await account.triggers()).at(-1)).toBe('BOOKING_CANCELLED');
    const lie = (await api('GET', `/v2/bookings/${uid}`)).body.data;
    expect(lie).toMatchObject({ status: 'accepted', updatedAt: '2026-11-23T09:00:00.000Z' });
    expect(lie).not.toHaveProperty('cancellationReason');
    const since = `/v2/bookings?afterUpdatedAt=2026-11-23T09:30:00Z`;
    expect(uidsOf((await api('GET', since)).body)).toEqual([]);
    clock.nowMs += 5_000;
    const truth = (await api('GET', `/v2/bookings/${uid}`)).body.data;
    expect(truth).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'Ill',
      cancelledByEmail: GUEST.email,
      updatedAt: '2026-11-23T10:00:05.000Z',
    });
    expect(uidsOf((await api('GET', since)).body)).toEqual([uid]);
  });
});

describe('limits', () => {
  it('are told in every answer, and whoever asks too often is refused for a minute', async () => {
    const { calcom, api, clock } = account;
    calcom.changeSettings({ rateLimits: { apiKeyPerMinute: 2, tokenPerMinute: 500, blockMs: 60_000 } });
    const left = async (): Promise<(string | number | null)[]> => {
      const { status, headers } = await api('GET', '/v2/bookings');
      return [status, headers.get('x-ratelimit-remaining-default'), headers.get('x-ratelimit-reset-default')];
    };
    expect(await left()).toEqual([200, '1', '60']);
    clock.nowMs += 30_000;
    expect(await left()).toEqual([200, '0', '30']);
    expect(await left()).toEqual([429, '0', '60']);
    clock.nowMs += 59_999;
    expect((await left())[0]).toBe(429);
    clock.nowMs += 1;
    expect((await left())[0]).toBe(200);
    expect(calcom.state().violations).toBe(0);
  });
});

describe('tokens', () => {
  const refresh = (refreshToken: string) => ({
    grant_type: 'refresh_token',
    client_id: 'demo-oauth-client',
    client_secret: 'demo-oauth-secret',
    refresh_token: refreshToken,
  });

  it('end after half an hour; a renewal gives a new refresh token and keeps the old one', async () => {
    const { api, clock } = account;
    const first = await api('POST', '/v2/auth/oauth2/token', refresh('demo-refresh-token'));
    expect(first).toMatchObject({ status: 200, body: { token_type: 'bearer', expires_in: 1_800 } });
    const bearer = { authorization: `Bearer ${String(first.body['access_token'])}` };
    expect((await api('GET', '/v2/bookings', undefined, bearer)).status).toBe(200);
    clock.nowMs += 30 * MINUTE;
    expect((await api('GET', '/v2/bookings', undefined, bearer)).status).toBe(401);
    const second = await api('POST', '/v2/auth/oauth2/token', refresh(String(first.body['refresh_token'])));
    expect(second.body['refresh_token']).not.toBe(first.body['refresh_token']);
    const again = await api('POST', '/v2/auth/oauth2/token', refresh(String(first.body['refresh_token'])));
    expect(again.status).toBe(200);
  });

  it('come from a code once, and from a form as well as from JSON', async () => {
    const { api } = account;
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'demo-oauth-client',
      client_secret: 'demo-oauth-secret',
      code: 'demo-oauth-code',
      redirect_uri: 'http://127.0.0.1/oauth/calcom',
    }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await api('POST', '/v2/auth/oauth2/token', form, type)).status).toBe(200);
    const twice = await api('POST', '/v2/auth/oauth2/token', form, type);
    expect(twice).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('are refused when they were revoked, and may lack scopes', async () => {
    const { api, calcom } = account;
    const { body } = await api('POST', '/v2/auth/oauth2/token', refresh('demo-refresh-token'));
    const bearer = { authorization: `Bearer ${String(body['access_token'])}` };
    calcom.changeSettings({ missingScopes: ['WEBHOOK_READ'] });
    expect((await api('GET', '/v2/webhooks', undefined, bearer)).status).toBe(403);
    calcom.changeSettings({ oauth: 'revoked' });
    expect((await api('GET', '/v2/bookings', undefined, bearer)).status).toBe(401);
    expect((await api('POST', '/v2/auth/oauth2/token', refresh('demo-refresh-token'))).status).toBe(400);
  });
});

describe('bookings by API', () => {
  it('are created, refused in the past, and sent as webhooks like any other', async () => {
    const { api } = account;
    const body = {
      start: '2026-11-25T09:00:00Z',
      eventTypeSlug: 'plain',
      username: 'sample-host',
      attendee: { name: 'Dana Sample', timeZone: 'America/Denver', email: 'dana.sample@example.com' },
      bookingFieldsResponses: { notes: 'Back door', roof: 'tiles' },
    };
    const created = await api('POST', '/v2/bookings', body);
    expect(created).toMatchObject({ status: 201, body: { data: { status: 'accepted' } } });
    expect(created.body.data?.['bookingFieldsResponses']).toMatchObject({ notes: 'Back door', roof: 'tiles' });
    expect((await api('POST', '/v2/bookings', { ...body, start: '2026-11-22T09:00:00Z' })).status).toBe(400);
    expect(await account.triggers()).toEqual(['BOOKING_CREATED']);
  });

  it('are given to another host without a webhook', async () => {
    const { api, calcom } = account;
    const { uid } = calcom.book({ startMs, guest: GUEST });
    await account.heard();
    const answer = await api('POST', `/v2/bookings/${uid}/reassign/9002`, { reason: 'Holiday' });
    expect(answer.body.data).toMatchObject({ bookingUid: uid, reassignedTo: { email: 'estimator@example.com' } });
    expect((await api('POST', `/v2/bookings/${uid}/reassign/1`)).status).toBe(404);
    expect(await account.triggers()).toEqual([]);
  });
});

describe('the admin paths', () => {
  it('do what guests do, and say why not', async () => {
    const { api, calcom } = account;
    const act = (body: unknown) => api('POST', '/_admin/act', body);
    const booked = await act({ action: 'book', startMs, guest: GUEST });
    const [row] = booked.body['bookings'] as { uid: string }[];
    expect(row?.uid).toBe(calcom.state().bookings[0]?.uid);
    expect((await act({ action: 'cancel', uid: row?.uid })).status).toBe(200);
    expect((await act({ action: 'cancel', uid: row?.uid })).status).toBe(409);
    expect((await act({ action: 'cancel', uid: 'never-made' })).status).toBe(404);
    expect((await act({ action: 'dance' })).status).toBe(400);
    expect(await account.triggers()).toEqual(['BOOKING_CREATED', 'BOOKING_CANCELLED']);
    expect(calcom.requests()).toEqual([]);
  });

  it('subscribe once per address, release what waits, and reset', async () => {
    const { api, calcom, listener } = account;
    const subscription = { url: listener.url, secret: 'other' };
    expect((await api('POST', '/_admin/subscribe', subscription)).status).toBe(200);
    expect(calcom.state().subscriptions).toMatchObject([{ secret: 'other' }]);
    expect((await api('POST', '/_admin/settings', { delayMs: 60_000 })).body['delayMs']).toBe(60_000);
    const { uid } = calcom.book({ startMs, guest: GUEST });
    expect((await api('POST', '/_admin/flush')).body).toEqual({ released: 1 });
    expect(await account.triggers()).toEqual(['BOOKING_CREATED']);
    expect((await api('GET', '/_admin/webhooks')).body).toMatchObject({ sent: [{ answer: 200, uid }], lost: 0 });
    await api('POST', '/_admin/reset');
    expect(calcom.state()).toMatchObject({ bookings: [], subscriptions: [], webhooks: { sent: [] } });
    expect(calcom.settings().delayMs).toBe(0);
    expect(calcom.book({ startMs, guest: GUEST }).uid).not.toBe(uid);
  });

  it('let requests fail as planned', async () => {
    const { api, calcom } = account;
    const { uid } = calcom.book({ startMs, guest: GUEST });
    await api('POST', '/_admin/faults', { faults: [{ method: 'POST', path: '/cancel$', status: 500, apply: true }] });
    expect((await api('POST', `/v2/bookings/${uid}/cancel`, {})).status).toBe(500);
    expect(calcom.booking(uid).status).toBe('cancelled');
    calcom.changeSettings({ down: true });
    expect((await api('GET', '/v2/bookings')).status).toBe(503);
  });
});
