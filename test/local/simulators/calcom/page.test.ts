/** The page: everything that can be done by hand, without scripts. */
import { startAccount, DAY, HOUR, START_MS } from './test-account';
import type { TestAccount } from './test-account';

let account: TestAccount;
beforeEach(async () => {
  account = await startAccount();
});
afterEach(() => account.close());

const page = async (): Promise<string> => (await fetch(`${account.baseUrl}/`)).text();

/** Sends a form and returns the page that its answer leads to. */
async function submit(path: string, fields: Record<string, string>): Promise<string> {
  const response = await fetch(`${account.baseUrl}${path}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
  });
  expect(response.status).toBe(303);
  const location = response.headers.get('location') ?? '';
  return (await fetch(new URL(location, account.baseUrl))).text();
}

const BOOK = {
  action: 'book',
  eventType: 'plain',
  name: 'Dana Sample',
  email: 'dana.sample@example.com',
  phone: '',
  start: '2026-11-25T09:00',
  startZone: 'America/Denver',
  zone: 'America/Denver',
};
const onlyUid = (): string => account.calcom.state().bookings.at(-1)?.uid ?? '';

it('books in the guest’s zone, moves, and shows what was sent', async () => {
  expect(await page()).toContain('No bookings yet');
  const booked = await submit('/act', BOOK);
  expect(booked).toContain('Booked.');
  expect(booked).toContain('Dana Sample');
  const first = onlyUid();
  expect(account.calcom.booking(first).startMs).toBe(Date.UTC(2026, 10, 25, 16));
  const to = { start: '2026-11-26T10:00', startZone: 'America/Denver' };
  expect(await submit('/act', { action: 'move', uid: first, by: 'guest', ...to })).toContain('Moved');
  expect(await account.triggers()).toEqual(['BOOKING_CREATED', 'BOOKING_RESCHEDULED']);
  const shown = await page();
  expect(shown).toContain('BOOKING_RESCHEDULED');
  expect(shown).toContain('<td class="ok">200</td>');
});

it.each([
  ['pay', { eventType: 'paid' }, {}, 'accepted'],
  ['confirm', { eventType: 'opt-in' }, {}, 'accepted'],
  ['reject', { eventType: 'opt-in' }, {}, 'rejected'],
  ['askToMove', {}, {}, 'cancelled'],
  ['cancel', {}, { by: 'host' }, 'cancelled'],
] as const)('has a button for %s where the state allows it', async (action, booked, more, status) => {
  const shown = await submit('/act', { ...BOOK, ...booked });
  expect(shown).toContain(`name="action" value="${action}"`);
  await submit('/act', { action, uid: onlyUid(), ...more });
  expect(account.calcom.booking(onlyUid()).status).toBe(status);
  expect(await page()).not.toContain(`name="action" value="${action}"`);
});

it('marks a no-show and takes it back once the slot has begun', async () => {
  expect(await submit('/act', BOOK)).not.toContain('did not show up');
  account.clock.nowMs = START_MS + 3 * DAY;
  expect(await page()).toContain('Dana Sample did not show up');
  const mark = { uid: onlyUid(), email: 'dana.sample@example.com' };
  expect(await submit('/act', { action: 'markNoShow', ...mark })).toContain('Dana Sample came after all');
  expect(await submit('/act', { action: 'unmark', ...mark })).toContain('Dana Sample did not show up');
});

it('ends a meeting that was booked into the past', async () => {
  await submit('/act', { ...BOOK, start: '2026-11-23T01:50' });
  expect(account.calcom.booking(onlyUid()).startMs).toBe(START_MS - HOUR / 6);
  expect(await page()).toContain('End the meeting now');
  await submit('/act', { action: 'endMeeting', uid: onlyUid() });
  expect((await account.triggers()).at(-1)).toBe('MEETING_ENDED');
  expect(await page()).not.toContain('End the meeting now');
});

it('says why something can’t be done', async () => {
  expect(await submit('/act', { ...BOOK, email: '', phone: '' })).toContain('email or a phoneNumber');
  expect(await submit('/act', { ...BOOK, start: 'soon' })).toContain('Give a date');
  await submit('/act', BOOK);
  await submit('/act', { action: 'cancel', uid: onlyUid() });
  expect(await submit('/act', { action: 'cancel', uid: onlyUid() })).toContain('has been cancelled already');
  expect(await submit('/act', { action: 'dance' })).toContain('class="said bad"');
});

it('changes how the line behaves, and sends what waits', async () => {
  const fields = {
    loss: '0',
    duplicate: '0',
    reorder: '0',
    delayMs: '60',
    lieAfterCancelMs: '1.5',
    generation: 'older',
  };
  await submit('/settings', { ...fields, delivery: 'queue' });
  expect(account.calcom.settings()).toMatchObject({
    delayMs: 60_000,
    lieAfterCancelMs: 1_500,
    generation: 'older',
    delivery: 'queue',
  });
  expect(await submit('/act', BOOK)).toContain('1 waiting');
  await submit('/flush', {});
  expect(await account.triggers()).toEqual(['BOOKING_CREATED']);
  expect(await submit('/settings', { ...fields, loss: '101' })).toContain('class="said bad"');
});

it('escapes what people type', async () => {
  const shown = await submit('/act', { ...BOOK, name: '<script>alert(1)</script>" onmouseover="x' });
  expect(shown).not.toContain('<script');
  expect(shown).toContain('&lt;script>alert(1)');
  expect(shown).not.toMatch(/" onmouseover="x"/);
  const said = await (await fetch(`${account.baseUrl}/?done=${encodeURIComponent('<img src=x>')}`)).text();
  expect(said).not.toContain('<img');
});

it('counts as no request of the API', async () => {
  await submit('/act', BOOK);
  expect(account.calcom.requests()).toEqual([]);
  expect(account.calcom.state().violations).toBe(0);
});
