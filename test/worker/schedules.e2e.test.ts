/** Schedules on a real Temporal server: made once by many, changed, paused, removed, and really starting polls. */
import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../activities';
import type { ActivityDeps } from '../../activities/deps';
import { loadConfig } from '../../config/config';
import { readPoll } from '../../db/source-polls';
import { openVault, parseMasterKeys } from '../../db/vault';
import { localTime } from '../../config/zones';
import { ensureSchedules, scheduledCrmsOf, scheduledReportOf, scheduledSourcesOf } from '../../worker/schedules';
import { createWorkers } from '../../worker/worker';
import { scheduleId } from '../../workflows/contract';
import { cleanUp } from '../support/clean-up';
import { eventually } from '../support/eventually';
import { testDatabase, type TestDatabase } from '../support/postgres';
import { readSource, shownApi } from '../support/read-source';
import { devServer, quietTemporal, workflowBundle } from '../support/temporal';

const SOURCE = 'calcom-sales';
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const api = shownApi(() => Date.now());

let client: Client;
let database: TestDatabase;

beforeAll(async () => {
  quietTemporal();
  const [{ address }, madeDatabase] = await Promise.all([devServer(), testDatabase()]);
  database = madeDatabase;
  const connection = await Connection.connect({ address });
  cleanUp(() => connection.close());
  client = new Client({ connection });
  const native = await NativeConnection.connect({ address });
  cleanUp(() => native.close());
  const settings = loadConfig('booksync.example.yaml', {});
  const vault = await openVault(database.pool, parseMasterKeys(randomBytes(32).toString('base64')));
  const deps = { pool: database.pool, vault, settings, log, source: () => readSource, sourceApi: () => api };
  const workers = await createWorkers({
    connection: native,
    namespace: 'default',
    crmRates: new Map(),
    workflowBundle: workflowBundle(),
    activities: createActivities(deps as unknown as ActivityDeps),
  });
  const runs = workers.map((worker) => worker.run());
  cleanUp(async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(runs);
  });
});

const everyMs = async (id: string): Promise<unknown> =>
  (await client.schedule.getHandle(id).describe()).spec.intervals?.[0]?.every;
const listed = async (): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { scheduleId: id } of client.schedule.list()) ids.push(id);
  return ids.sort();
};

test('sources with an API are polled as often as the configuration says, those without are not', () => {
  const config = loadConfig('booksync.example.yaml', {});
  expect(scheduledSourcesOf(config)).toEqual([{ connection: SOURCE, pollEveryMs: 300_000 }]);
  expect(scheduledCrmsOf(config)).toEqual([
    {
      connection: 'hubspot-main',
      checkMappingEveryMs: 86_400_000,
      pollLeadsEveryMs: 900_000,
      readBackEveryMs: 86_400_000,
    },
  ]);
  const settings = config.connections[SOURCE]!;
  expect(settings.kind).toBe('calcom');
  expect(scheduledSourcesOf({ connections: { [SOURCE]: { ...settings, api: null } as typeof settings } })).toEqual([]);
});

test('workers that start at once make one schedule of each kind, and each polls at once and then by itself', async () => {
  const sources = [{ connection: SOURCE, pollEveryMs: 1_000 }];
  await Promise.all([1, 2, 3].map(() => ensureSchedules(client, sources, log)));
  await eventually(async () => expect(await listed()).toEqual([scheduleId('poll', SOURCE), `subscription/${SOURCE}`]));
  await eventually(async () => expect((await readPoll(database.pool, SOURCE)).polledAtMs).not.toBeNull(), {
    what: 'the first poll',
  });
  const before = api.calls.length;
  await eventually(() => api.calls.length >= before + 4, {
    what: 'two polls that nobody triggered',
  });
  const checked = await eventually(
    async () => {
      const { rows } = await database.pool.query<{ findings: unknown }>('SELECT findings FROM source_subscription');
      return rows.length > 0 && rows;
    },
    { what: 'the first check of the subscription' },
  );
  expect(checked).toEqual([{ findings: [] }]);
});

test('a changed configuration changes the schedule, and a paused one stays paused and is not triggered', async () => {
  const id = scheduleId('poll', SOURCE);
  await client.schedule.getHandle(id).pause('the vendor asked for it');
  await ensureSchedules(client, [{ connection: SOURCE, pollEveryMs: 3_600_000 }], log);
  expect(await everyMs(id)).toBe(3_600_000);
  const { state, info } = await client.schedule.getHandle(id).describe();
  expect(state).toMatchObject({ paused: true, note: 'the vendor asked for it' });
  const taken = info.numActionsTaken;
  await ensureSchedules(client, [{ connection: SOURCE, pollEveryMs: 3_600_000 }], log);
  expect((await client.schedule.getHandle(id).describe()).info.numActionsTaken).toBe(taken);
});

test('the report has a schedule where somebody subscribed: Mondays at the set time of its zone, and not at once', async () => {
  const { report } = loadConfig('booksync.example.yaml', {});
  expect(scheduledReportOf({ report })).toEqual([]);
  const subscribed = { ...report, zone: 'America/Denver', subscribers: ['owner@example.com'] };
  const source = { connection: SOURCE, pollEveryMs: 3_600_000 };
  await ensureSchedules(client, [source, ...scheduledReportOf({ report: subscribed })], log);
  const { info } = await client.schedule.getHandle('report/weekly').describe();
  expect(info.numActionsTaken).toBe(0);
  for (const at of info.nextActionTimes.slice(0, 5)) {
    const { year, month, day, hour, minute } = localTime(at.getTime(), 'America/Denver');
    expect([new Date(Date.UTC(year, month - 1, day)).getUTCDay(), hour, minute]).toEqual([1, 8, 0]);
  }
  await eventually(async () => (await ensureSchedules(client, [source], log)).removed.includes('report/weekly'), {
    what: 'the removal of the schedule that nobody wants',
  });
});

test('schedules of connections that are gone are removed, and foreign ones are left alone', async () => {
  await client.schedule.create({
    scheduleId: 'poll/of-somebody-else',
    spec: { intervals: [{ every: '1 day' }] },
    action: { type: 'startWorkflow', workflowType: 'report', taskQueue: 'theirs' },
  });
  await eventually(async () => expect(await listed()).toHaveLength(3));
  const { removed } = await eventually(async () => {
    const changed = await ensureSchedules(client, [{ connection: 'calcom-support', pollEveryMs: 3_600_000 }], log);
    return (await listed()).includes(scheduleId('poll', SOURCE)) ? false : changed;
  });
  expect(removed.every((id) => id.endsWith(`/${SOURCE}`))).toBe(true);
  await eventually(async () =>
    expect(await listed()).toEqual(['poll/calcom-support', 'poll/of-somebody-else', 'subscription/calcom-support']),
  );
});
