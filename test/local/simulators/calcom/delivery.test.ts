/** How webhooks travel: signed, lost, doubled, out of order, late, repeated; and always the same way for the same seed. */
import { verifySignature } from '../../../../integrations/calcom/signature';
import type { CalcomSettingsPatch } from '../../../../local/simulators/calcom/settings';
import { startAccount, startListener, DAY, GUEST, SECRET, START_MS } from './test-account';
import type { Heard, TestAccount } from './test-account';

let account: TestAccount;
beforeEach(async () => {
  account = await startAccount();
});
afterEach(() => account.close());

const startMs = START_MS + 2 * DAY;
const bookMany = (count: number): string[] =>
  Array.from({ length: count }, () => account.calcom.book({ startMs, guest: GUEST }).uid);
const uidsOf = (heard: readonly Heard[]): (string | undefined)[] => heard.map(({ payload }) => payload.uid);

describe('a webhook', () => {
  it('is signed with the subscription’s secret, or says that there is none', async () => {
    const { calcom, listener } = account;
    bookMany(1);
    const [signed] = await account.heard();
    if (signed === undefined) throw new Error('Nothing was heard.');
    const header = (name: string): string | undefined => signed.headers[name] as string | undefined;
    expect(verifySignature(signed.raw, header, [SECRET])).toEqual({ ok: true });
    expect(signed.headers['x-cal-webhook-version']).toBe('2021-10-20');
    calcom.subscribe({ url: listener.url, secret: null });
    bookMany(1);
    expect((await account.heard())[0]?.headers['x-cal-signature-256']).toBe('no-secret-provided');
  });

  it('goes to active subscriptions with its trigger only', async () => {
    const { calcom, listener } = account;
    calcom.subscribe({ url: listener.url, secret: SECRET, triggers: ['BOOKING_CANCELLED'] });
    const [uid = ''] = bookMany(1);
    calcom.cancel(uid);
    expect(await account.triggers()).toEqual(['BOOKING_CANCELLED']);
  });

  it('is sent once per subscription, with a createdAt of its own on the legacy path and a common one on the queue', async () => {
    const { calcom, listener } = account;
    calcom.subscribe({ url: listener.url, secret: SECRET, another: true });
    bookMany(1);
    calcom.changeSettings({ delivery: 'queue' });
    bookMany(1);
    const [one, two, three, four] = await account.heard();
    expect(one?.payload).toEqual(two?.payload);
    expect(one?.createdAt).not.toBe(two?.createdAt);
    expect(three?.raw).toEqual(four?.raw);
  });

  it('follows a template where the subscription has one', async () => {
    const { calcom, api } = account;
    const id = calcom.state().subscriptions[0]?.id ?? '';
    await api('PATCH', `/v2/webhooks/${id}`, { payloadTemplate: 'kind={{triggerEvent}}&who={{organizer.name}}' });
    bookMany(1);
    const [heard] = await account.heard();
    expect(heard?.raw.toString()).toBe('kind=BOOKING_CREATED&who=Sample Host');
    expect(heard?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  });
});

describe('the line', () => {
  it('loses what it is told to lose, and counts it', async () => {
    const { calcom } = account;
    calcom.changeSettings({ loss: 1 });
    bookMany(3);
    calcom.changeSettings({ loss: 0 });
    const [last] = bookMany(1);
    expect(uidsOf(await account.heard())).toEqual([last]);
    expect(calcom.lostWebhooks()).toBe(3);
    expect(calcom.sentWebhooks().map(({ answer }) => answer)).toEqual([200, 'lost', 'lost', 'lost']);
  });

  it('doubles byte for byte', async () => {
    account.calcom.changeSettings({ duplicate: 1 });
    bookMany(1);
    const [one, two, ...more] = await account.heard();
    expect(more).toEqual([]);
    expect(one?.raw).toEqual(two?.raw);
  });

  it('holds back until later ones are out, for half a minute, or until it is flushed', async () => {
    const { calcom, clock } = account;
    calcom.changeSettings({ reorder: 1 });
    const [first] = bookMany(1);
    calcom.changeSettings({ reorder: 0 });
    const later = bookMany(3);
    const heard = uidsOf(await account.heard());
    expect(heard).toHaveLength(4);
    expect(heard[0]).toBe(later[0]);
    expect(heard).toContain(first);
    calcom.changeSettings({ reorder: 1 });
    bookMany(1);
    expect(await account.heard()).toEqual([]);
    clock.nowMs += 30_000;
    calcom.tick();
    expect(await account.heard()).toHaveLength(1);
    bookMany(1);
    await calcom.flush();
    expect(await account.heard()).toHaveLength(1);
  });

  it('delays by its own clock, and shows what waits', async () => {
    const { calcom, clock } = account;
    calcom.changeSettings({ delayMs: 60_000 });
    const [uid] = bookMany(1);
    expect(await account.heard()).toEqual([]);
    expect(calcom.pendingWebhooks()).toMatchObject([
      { trigger: 'BOOKING_CREATED', uid, dueAtMs: START_MS + 60_000, attempt: 1 },
    ]);
    clock.nowMs += 59_999;
    calcom.tick();
    expect(await account.heard()).toEqual([]);
    clock.nowMs += 1;
    calcom.tick();
    expect(uidsOf(await account.heard())).toEqual([uid]);
    expect(calcom.pendingWebhooks()).toEqual([]);
  });

  it('draws the same fates for the same seed, and others for another', async () => {
    const settings: CalcomSettingsPatch = { loss: 0.3, duplicate: 0.3, reorder: 0.5 };
    const run = async (seed: number): Promise<number[]> => {
      const { calcom } = account;
      calcom.reset();
      calcom.subscribe({ url: account.listener.url, secret: SECRET });
      calcom.changeSettings({ ...settings, seed: 99 });
      calcom.changeSettings({ seed });
      const uids = bookMany(40);
      await calcom.flush();
      return uidsOf(await account.heard()).map((uid) => uids.indexOf(uid ?? ''));
    };
    const once = await run(7);
    expect(await run(7)).toEqual(once);
    expect(await run(8)).not.toEqual(once);
    expect(new Set(once).size).toBeLessThan(40);
    expect(once.length).toBeGreaterThan(new Set(once).size);
    expect(once).not.toEqual([...once].sort((a, b) => a - b));
  });
});

describe('a subscriber in trouble', () => {
  it('is told once on the legacy path', async () => {
    account.listener.answers.push(503);
    bookMany(1);
    await account.calcom.flush();
    expect(await account.heard()).toHaveLength(1);
  });

  it('is told three times by the queue, after 10 and 15 seconds', async () => {
    const { calcom, listener } = account;
    calcom.changeSettings({ delivery: 'queue' });
    listener.answers.push(503, 429, 500);
    bookMany(1);
    await calcom.idle();
    expect(calcom.pendingWebhooks()).toMatchObject([{ attempt: 2, dueAtMs: START_MS + 10_000 }]);
    account.clock.nowMs += 10_000;
    calcom.tick();
    await calcom.idle();
    expect(calcom.pendingWebhooks()).toMatchObject([{ attempt: 3, dueAtMs: START_MS + 25_000 }]);
    await calcom.flush();
    expect(calcom.sentWebhooks().map(({ answer }) => answer)).toEqual([500, 429, 503]);
    expect(calcom.pendingWebhooks()).toEqual([]);
  });

  it('is not told again after a refusal, and is unsubscribed by 410', async () => {
    const { calcom, listener } = account;
    calcom.changeSettings({ delivery: 'queue' });
    listener.answers.push(400, 410);
    bookMany(2);
    await calcom.flush();
    bookMany(1);
    expect(await account.heard()).toHaveLength(2);
    expect(calcom.state().subscriptions).toMatchObject([{ active: false }]);
  });

  it('that does not listen keeps nobody else from hearing', async () => {
    const { calcom } = account;
    const gone = await startListener();
    await gone.close();
    calcom.subscribe({ url: gone.url, secret: SECRET });
    bookMany(1);
    expect(await account.heard()).toHaveLength(1);
    expect(
      calcom
        .sentWebhooks()
        .map(({ answer }) => answer)
        .sort(),
    ).toEqual([200, 'no answer']);
  });
});

test('closing cuts what is under way and ends at once', async () => {
  const { calcom } = account;
  calcom.changeSettings({ delayMs: 600_000 });
  bookMany(5);
  await account.simulators.close();
  expect(await account.heard()).toEqual([]);
});
