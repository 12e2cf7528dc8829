/** A notice about a task, as it reaches Slack's incoming webhook: what it says, where its link leads, and how often it comes. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { ActivityDeps } from '../../activities/deps';
import { createTellOwner, type TellOwnerInput } from '../../activities/tell-owner';
import { wallClock } from '../../config/zones';
import { findOrCreatePerson } from '../../db/persons';
import { withTransaction } from '../../db/pool';
import { readLink } from '../../db/signed-links';
import { openVault, parseMasterKeys, type Vault } from '../../db/vault';
import { createSlackNotifier } from '../../integrations/slack/notifier';
import { startSimulators, type Simulators } from '../../local/simulators/server';
import { MASTER_KEY } from '../api/test-api';
import { HOUR_MS, seedBooking, seedTask, T0_MS } from '../api/v1/seed';
import { cleanUp } from '../support/clean-up';
import { testDatabase, type TestDatabase } from '../support/postgres';

const PUBLIC_URL = 'https://booksync.example.com/';
const NORA = {
  name: 'Nora Nobody',
  firstName: 'Nora',
  lastName: 'Nobody',
  email: 'nora@example.com',
  phone: '+13035550123',
  zone: 'America/Denver',
  locale: 'en',
};
let database: TestDatabase;
let simulators: Simulators;
let vault: Vault;

beforeAll(async () => {
  database = await testDatabase();
  vault = await openVault(database.pool, parseMasterKeys(MASTER_KEY));
  simulators = await startSimulators({ port: 0 });
  cleanUp(() => simulators.close());
});
beforeEach(() => simulators.slack.reset());
afterEach(() => database.pool.query('TRUNCATE booking, person CASCADE'));

async function aTask(): Promise<string> {
  const { id: personId } = await withTransaction(database.pool, (tx) => findOrCreatePerson(tx, vault, NORA));
  const bookingId = await seedBooking(database.pool, { chain: ['nora-u1'], picture: { personId } });
  return (await seedTask(database.pool, { bookingId })).id;
}

function tell(input: TellOwnerInput, publicUrl: string | null = PUBLIC_URL): Promise<void> {
  const webhookUrl = `${simulators.url}/slack/services/T0DEMO/B0DEMO/demo`;
  const deps = {
    pool: database.pool,
    vault,
    wallClock,
    notifier: createSlackNotifier({ webhookUrl, timeLimitMs: 2_000 }),
    messenger: { send: () => Promise.reject(new Error('nobody is told by e-mail here')) },
    settings: { publicUrl, account: { zone: 'America/Denver' }, tasks: { notices: { emails: {}, slack: true } } },
  } as unknown as ActivityDeps;
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  return environment.run(createTellOwner(deps), input);
}

const posted = (): readonly string[] => simulators.slack.notes().map(({ text }) => text);

test('it says for whom, what is asked and until when, and nothing of the guest or the booking', async () => {
  const taskId = await aTask();
  await tell({ taskId, occasion: 'opened', n: 1 });
  const [note = ''] = posted();
  expect(note).toMatch(
    /^A task for front-desk: \S.*\. Who in the CRM is this guest\? Due .*11:00.* <https:\S+\|Open the task>$/,
  );
  expect(note).not.toMatch(/nora|nobody|example\.com\/(?!task)|3035550123|hubspot|101/i);
  expect(simulators.slack.violations()).toBe(0);
});

test('its link is signed, opens this task only, names nobody, and ends a month after the task is due', async () => {
  const taskId = await aTask();
  await tell({ taskId, occasion: 'escalate', n: 1 });
  const url = /<(https:[^|]+)\|/.exec(posted()[0] ?? '')?.[1] ?? '';
  expect(url.startsWith(`${PUBLIC_URL}task/`)).toBe(true);
  const token = url.slice(`${PUBLIC_URL}task/`.length);
  const untilMs = T0_MS + HOUR_MS + 30 * 24 * HOUR_MS;
  const read = (purpose: 'open_task' | 'host_answer', nowMs = untilMs - 1) =>
    readLink(vault, token, { purpose, nowMs });
  expect(read('open_task')).toEqual({
    kind: 'valid',
    link: { purpose: 'open_task', subject: [taskId], decision: null, untilMs },
  });
  expect([read('open_task', untilMs).kind, read('host_answer').kind]).toEqual(['expired', 'forged']);
  expect(Buffer.from(token.split('.')[0]!, 'base64url').toString()).not.toMatch(/nora|@|calcom/i);
});

test('it comes once for its occasion, however often it is tried, again after Slack asked to wait, and never of a settled task', async () => {
  const taskId = await aTask();
  simulators.slack.setFaults([{ status: 429 }]);
  await expect(tell({ taskId, occasion: 'opened', n: 1 })).rejects.toThrow('not told: slack');
  await tell({ taskId, occasion: 'opened', n: 1 });
  await tell({ taskId, occasion: 'opened', n: 1 });
  expect(posted()).toHaveLength(1);
  await tell({ taskId, occasion: 'remind', n: 2 }, null);
  expect(posted()[1]).toMatch(/^Still open, for front-desk: .* MST\.$/);
  expect(posted()[1]).not.toContain('<http');
  await database.pool.query(`UPDATE task SET state = 'withdrawn'`);
  await tell({ taskId, occasion: 'escalate', n: 3 });
  expect(posted()).toHaveLength(2);
});
