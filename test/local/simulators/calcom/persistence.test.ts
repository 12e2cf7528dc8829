/** The account over a restart. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAccount, DAY, GUEST, START_MS } from './test-account';

let stateDir: string;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'simulators-'));
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

const startMs = START_MS + 2 * DAY;

test('a restarted account has the same bookings, subscriptions, tokens and counters, and new uids', async () => {
  const before = await startAccount({ stateDir });
  const first = before.calcom.book({ startMs, guest: GUEST, notes: 'Back door' });
  const second = before.calcom.move(first.uid, { startMs: startMs + DAY });
  before.calcom.bookSeat({ startMs, guest: GUEST });
  before.calcom.changeSettings({ lieAfterCancelMs: 10_000 });
  before.calcom.cancel(before.calcom.book({ startMs, guest: GUEST }).uid);
  await before.api('GET', '/v2/nowhere');
  const { bookings, subscriptions, violations } = before.calcom.state();
  await before.close();

  const after = await startAccount({ stateDir });
  try {
    const state = after.calcom.state();
    expect(state.bookings).toEqual(bookings);
    // The second subscriber listens elsewhere and comes after the saved one.
    expect(state.subscriptions.slice(0, 1)).toEqual(subscriptions);
    expect([state.violations, violations]).toEqual([1, 1]);
    const uids = bookings.map(({ uid }) => uid);
    expect(uids).not.toContain(after.calcom.book({ startMs, guest: GUEST }).uid);
    expect(after.calcom.move(second.uid, { startMs }).fromUid).toBe(second.uid);
    after.clock.nowMs = startMs + 5 * 60_000;
    expect((await after.triggers()).length).toBe(2);
    after.calcom.tick();
    expect(new Set(await after.triggers())).toEqual(new Set(['MEETING_STARTED']));
  } finally {
    await after.close();
  }
});

test.each(['{"version":1,', '{"version":2}'])(
  'a state file with %s is refused with what to do about it',
  async (text) => {
    await writeFile(join(stateDir, 'calcom.json'), text);
    await expect(startAccount({ stateDir })).rejects.toThrow(/calcom\.json .*Delete it to begin/s);
  },
);
