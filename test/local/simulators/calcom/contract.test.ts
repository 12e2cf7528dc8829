/** The simulated account against Cal.com's contract files: what its API takes and answers, and what its webhooks look like. */
import { operations } from '../../../../local/simulators/calcom/router';
import { loadContracts, loadSamples } from './contract-files';
import type { SampleBody } from './contract-files';
import { meanings, startAccount, DAY, GUEST, HOUR, START_MS } from './test-account';
import type { ApiBody, Heard, TestAccount } from './test-account';

/** Empty where the folder is absent; `loadContracts` has said so. */
const contracts = loadContracts();
const [newer] = contracts;

let account: TestAccount;
beforeEach(async () => {
  account = await startAccount();
});
afterEach(() => account.close());

const startMs = START_MS + 2 * DAY;

/** Cal.com's database has texts for a webhook's id and null for no template; its contract says number and string. */
function asContracted(path: string, body: ApiBody): unknown {
  if (!path.startsWith('/v2/webhooks')) return body;
  const shown = (one: object): object => ({ ...one, id: 1, payloadTemplate: '' });
  return { ...body, data: Array.isArray(body.data) ? body.data.map(shown) : shown(body.data ?? {}) };
}

/** Where a file is wrong about itself: what it demands can't be sent, whoever implements it. */
const ERRATA: readonly RegExp[] = [
  // The answer's schema contains itself.
  /\/reassign(\/\{userId\})? (newer|older): \/data/,
  // The schema of another kind of attendee.
  /mark-absent older: \/attendees/,
  // The answer's schema leaves the envelope out, which its own example has.
  /\/v2\/slots (newer|older): /,
  // A list of triggers as one trigger, or as objects.
  /\/v2\/webhooks.* older: .*\/triggers/,
];

test('every operation and query parameter of the simulator is in the newer contract', () => {
  if (newer === undefined) return;
  const invented = operations.flatMap(({ method, template, query }) => {
    const known = newer.queryOf(method, template);
    const named = `${method} ${template}`;
    // The file leaves them out; they are in Cal.com's documentation (slots/reserve-a-slot).
    if (template.startsWith('/v2/slots/reservations')) return [];
    return known === null ? [named] : query.filter((name) => !known.includes(name)).map((name) => `${named}?${name}`);
  });
  expect(invented).toEqual([]);
});

test('the comparison notices answers that the contract does not know', async () => {
  if (newer === undefined) return;
  const { uid } = account.calcom.book({ startMs, guest: GUEST });
  const { body } = await account.api('GET', `/v2/bookings/${uid}`);
  const template = '/v2/bookings/{bookingUid}';
  expect(newer.answerProblems('GET', template, { status: 200, body })).toEqual([]);
  for (const wrong of [
    { ...body, data: { ...body.data, invented: true } },
    { ...body, data: { ...body.data, status: 'done' } },
    { ...body, data: { ...body.data, id: 'text' } },
    { ...body, data: { ...body.data, attendees: undefined } },
  ]) {
    expect(newer.answerProblems('GET', template, { status: 200, body: wrong })).not.toEqual([]);
  }
});

test('a whole story, one exchange for each operation at least, fits both contracts in requests and answers', async () => {
  const problems: string[] = [];
  const exercised = new Set<string>();
  const call = async (method: string, path: string, body?: unknown): Promise<ApiBody> => {
    const headers = path.startsWith('/v2/slots') ? { 'cal-api-version': '2024-09-04' } : {};
    const answer = await account.api(method, path, body, headers);
    if (answer.status >= 300) problems.push(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    const [plain = ''] = path.split('?');
    for (const contract of contracts) {
      const template = contract.templateOf(method, plain);
      if (template === null) continue;
      if (contract === newer) exercised.add(`${method} ${template}`);
      const shown = { status: answer.status, body: asContracted(plain, answer.body) };
      // The older file has a schema for JSON only where there is a body.
      const asked = body === undefined ? [] : contract.requestProblems(method, template, body);
      const answered = contract.answerProblems(method, template, shown);
      problems.push(...[...asked, ...answered].map((problem) => `${method} ${template} ${problem}`));
    }
    return answer.body;
  };

  const attendee = { name: 'Dana Sample', timeZone: 'America/Denver', email: 'dana.sample@example.com' };
  const aBooking = (eventTypeId: number, more: object = {}) => ({
    start: '2026-11-25T09:00:00Z',
    eventTypeId,
    attendee,
    ...more,
  });
  const uidOf = (body: ApiBody): string =>
    String((Array.isArray(body.data) ? (body.data[0] as object) : (body.data ?? {}))['uid' as never]);
  const later = { start: '2026-11-26T09:00:00Z' };
  const at = (hours: number) => ({ start: `2026-11-25T${9 + hours}:00:00Z` });

  const plain = uidOf(await call('POST', '/v2/bookings', aBooking(101, { guests: ['brought.along@example.com'] })));
  const moved = uidOf(
    await call('POST', `/v2/bookings/${plain}/reschedule`, { ...later, reschedulingReason: 'Storm' }),
  );
  await call('GET', `/v2/bookings/${plain}`);
  const seated = await call('POST', '/v2/bookings', aBooking(105));
  const other = { ...attendee, email: 'robin.example@example.com', phoneNumber: '+13035550143' };
  const second = await call('POST', '/v2/bookings', aBooking(105, { attendee: other }));
  const seat = uidOf(seated);
  const seatUid = seated.data?.['seatUid'];
  await call('GET', `/v2/bookings/by-seat/${String(seatUid)}`);
  await call('POST', `/v2/bookings/${seat}/reschedule`, { ...later, seatUid });
  await call('POST', `/v2/bookings/${seat}/cancel`, { seatUid: second.data?.['seatUid'], cancellationReason: 'Ill' });
  const series = await call('POST', '/v2/bookings', aBooking(106, { ...at(2), recurrenceCount: 3 }));
  const seriesUid = String((series.data as unknown as Record<string, unknown>[])[0]?.['recurringBookingUid']);
  await call('GET', `/v2/bookings/${seriesUid}`);
  await call('POST', `/v2/bookings/${uidOf(series)}/cancel`, { cancelSubsequentBookings: true });
  const asked = uidOf(await call('POST', '/v2/bookings', aBooking(102, at(3))));
  await call('POST', `/v2/bookings/${asked}/confirm`);
  const declined = uidOf(await call('POST', '/v2/bookings', aBooking(102, at(4))));
  await call('POST', `/v2/bookings/${declined}/decline`, { reason: 'Too far' });
  await call('POST', `/v2/bookings/${asked}/reassign/9002`, {});
  await call('POST', `/v2/bookings/${asked}/reassign`);
  account.clock.nowMs = startMs + 2 * DAY;
  await call('POST', `/v2/bookings/${moved}/mark-absent`, {
    host: true,
    attendees: [{ email: attendee.email, absent: true }],
  });
  await call('POST', `/v2/bookings/${moved}/cancel`, { cancellationReason: 'Nobody there' });
  await call('GET', '/v2/bookings?sortUpdatedAt=asc&take=100&skip=0&afterUpdatedAt=2026-11-23T00:00:00Z');

  const trigger = { active: true, subscriberUrl: 'http://127.0.0.1:9/x', triggers: ['BOOKING_CREATED'] };
  const created = await call('POST', '/v2/webhooks', { ...trigger, secret: 's', version: '2021-10-20' });
  const id = created.data?.id ?? '';
  await call('GET', '/v2/webhooks?take=10&skip=0');
  await call('GET', `/v2/webhooks/${id}`);
  await call('PATCH', `/v2/webhooks/${id}`, { active: false });
  await call('DELETE', `/v2/webhooks/${id}`);
  await call('GET', '/v2/slots?eventTypeId=101&start=2026-11-27&end=2026-11-27&format=range&timeZone=UTC');
  const held = await call('POST', '/v2/slots/reservations', { eventTypeId: 101, slotStart: '2026-11-30T09:00:00Z' });
  const reserved = `/v2/slots/reservations/${String(held.data?.['reservationUid'])}`;
  await call('GET', reserved);
  await call('DELETE', reserved);
  await call('GET', '/v2/me');
  await call('POST', '/v2/auth/oauth2/token', {
    grant_type: 'refresh_token',
    client_id: 'demo-oauth-client',
    client_secret: 'demo-oauth-secret',
    refresh_token: 'demo-refresh-token',
  });

  expect(problems.filter((problem) => !ERRATA.some((known) => known.test(problem)))).toEqual([]);
  expect(account.calcom.state().violations).toBe(0);
  if (newer === undefined) return;
  const names = operations
    .filter(({ template }) => !template.startsWith('/v2/slots/reservations'))
    .map(({ method, template }) => `${method} ${template}`);
  expect(names.filter((name) => !exercised.has(name))).toEqual([]);
});

/** One webhook of every kind, in every generation and shape; what our adapter must make of it beside it. */
async function everyWebhook(): Promise<readonly (readonly [expected: string, heard: Heard])[]> {
  const { calcom, clock } = account;
  const all: (readonly [string, Heard])[] = [];
  const expecting = async (...expected: readonly string[]): Promise<void> => {
    const heard = await account.heard();
    expect(heard).toHaveLength(expected.length);
    heard.forEach((one, n) => all.push([expected[n] ?? '', one]));
  };
  for (const generation of ['older', 'newer'] as const) {
    const start = clock.nowMs + 2 * DAY;
    calcom.changeSettings({ generation, meetings: generation === 'older' ? 'flat' : 'wrapped' });
    const first = calcom.book({
      startMs: start,
      guest: GUEST,
      guests: ['brought.along@example.com'],
      notes: 'Back door',
    });
    const second = calcom.move(first.uid, { startMs: start + HOUR, reason: 'Storm' });
    calcom.askToMove(second.uid);
    const third = calcom.rebook(second.uid, { startMs: start });
    calcom.cancel(calcom.book({ startMs: start, guest: { name: 'Dana Sample', phone: '+13035550142' } }).uid);
    await expecting('scheduled', 'rescheduled', 'reschedule_requested', 'rescheduled', 'scheduled', 'canceled');
    const asked = calcom.requestBooking({ startMs: start, guest: GUEST });
    calcom.confirm(asked.uid);
    calcom.reject(calcom.move(asked.uid, { startMs: start + DAY }).uid, 'Too far');
    await expecting('requested', 'scheduled', 'requested', 'rejected');
    calcom.cancel(calcom.pay(calcom.book({ eventType: 'paid', startMs: start, guest: GUEST }).uid).uid);
    await expecting('payment_pending', 'paid', 'scheduled', 'canceled');
    const seat = calcom.bookSeat({ startMs: start, guest: GUEST });
    const other = calcom.bookSeat({ startMs: start, guest: { name: 'Robin Example', email: 'r@example.com' } });
    calcom.moveSeat(seat.booking.uid, { seatUid: other.seat.seatUid ?? '', startMs: start + 5 * DAY });
    calcom.bookSeat({ startMs: start, guest: { name: 'Sam Sample', email: 's@example.com' } });
    calcom.cancelSeat(seat.booking.uid, { seatUid: seat.seat.seatUid ?? '', reason: 'Ill' });
    calcom.moveSlot(seat.booking.uid, { startMs: start + 5 * DAY });
    await expecting('scheduled', 'scheduled', 'rescheduled', 'scheduled', 'canceled', 'rescheduled');
    const [occurrence] = calcom.bookSeries({ startMs: start + 10 * DAY, guest: GUEST, count: 1 });
    calcom.cancel(occurrence?.uid ?? '', { scope: 'all', by: 'host' });
    await expecting('scheduled', 'canceled');
    clock.nowMs = start + HOUR / 4;
    calcom.markNoShow(third.uid);
    calcom.unmark(third.uid);
    calcom.headCount(third.uid, 'guests');
    calcom.headCount(third.uid, 'host');
    calcom.endMeeting(third.uid);
    await expecting(
      'ignored MEETING_STARTED',
      'no_show',
      'no_show_reverted',
      'no_show_suspected',
      'host_no_show',
      'ended',
    );
  }
  return all;
}

test('every webhook is read by our adapter as what it is', async () => {
  for (const [expected, heard] of await everyWebhook()) {
    expect(`${heard.trigger} ${meanings([heard]).join()}`).toBe(`${heard.trigger} ${expected}`);
  }
});

/** Objects, and lists of them, that always have the same keys. */
const NESTED: readonly string[] = ['attendees', 'guests', 'organizer', 'user', 'webhook'];

/** Keys of a body and of what is nested in it. */
function keysOf(body: SampleBody): Set<string> {
  const fields = body.payload ?? body;
  const keys = new Set(body.payload === undefined ? [] : Object.keys(body).map((key) => `/${key}`));
  for (const [key, value] of Object.entries(fields)) {
    keys.add(key);
    const nested: unknown[] = !NESTED.includes(key) ? [] : Array.isArray(value) ? (value as unknown[]) : [value];
    for (const one of nested) {
      if (typeof one === 'object' && one !== null) for (const inner of Object.keys(one)) keys.add(`${key}.${inner}`);
    }
  }
  return keys;
}

test('every webhook has the keys that all samples of its kind have, and no key that none of them has', async () => {
  const samples = [...loadSamples('webhooks').values(), ...loadSamples('derived').values()].flat();
  if (samples.length === 0) return;
  /** Which samples a body is compared with: MEETING_* by shape, so that a wrapped one is not held against the flat ones. */
  const kindOf = (body: SampleBody): string =>
    body.triggerEvent.startsWith('MEETING_') ? `MEETING ${body.payload === undefined}` : body.triggerEvent;
  /** One builder makes these three; the samples show phones and seats in some of them only. */
  const full = ['BOOKING_CREATED', 'BOOKING_REQUESTED', 'BOOKING_RESCHEDULED'];
  const unfit: string[] = [];
  const kinds = new Set<string>();
  for (const [, heard] of await everyWebhook()) {
    const body = JSON.parse(heard.raw.toString('utf8')) as SampleBody;
    const kind = kindOf(body);
    const like = samples.filter((sample) => kindOf(sample) === kind).map(keysOf);
    const alike = samples.filter((sample) => full.includes(kind) && full.includes(sample.triggerEvent)).map(keysOf);
    const ours = keysOf(body);
    kinds.add(kind);
    if (like.length === 0) unfit.push(`${kind}: no sample`);
    for (const key of ours)
      if (![...like, ...alike].some((keys) => keys.has(key))) unfit.push(`${kind}: invented ${key}`);
    for (const key of like[0] ?? []) {
      if (like.every((keys) => keys.has(key)) && !ours.has(key)) unfit.push(`${kind}: lacks ${key}`);
    }
  }
  expect([...new Set(unfit)].sort()).toEqual([]);
  expect([...kinds].sort()).toEqual([
    ...['AFTER_GUESTS_CAL_VIDEO_NO_SHOW', 'AFTER_HOSTS_CAL_VIDEO_NO_SHOW', 'BOOKING_CANCELLED', 'BOOKING_CREATED'],
    ...['BOOKING_NO_SHOW_UPDATED', 'BOOKING_PAID', 'BOOKING_PAYMENT_INITIATED', 'BOOKING_REJECTED'],
    ...['BOOKING_REQUESTED', 'BOOKING_RESCHEDULED', 'MEETING false', 'MEETING true'],
  ]);
});
