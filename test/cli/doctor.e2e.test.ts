/** The doctor with a real database and a real Temporal server, healthy and broken, and as the program that operators run. */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { toText } from '../../cli/check-line';
import { runDoctor } from '../../cli/doctor';
import { loadConfig } from '../../config/config';
import { openVault, parseMasterKeys } from '../../db/vault';
import type { Crm } from '../../integrations/ports';
import { projectRoot } from '../../local/programs';
import { cleanUp } from '../support/clean-up';
import { makeTestDirectory } from '../support/directories';
import { emptyDatabase, testDatabase, type TestDatabase } from '../support/postgres';
import { startProcess } from '../support/processes';
import { shownApi } from '../support/read-source';
import { devServer, quietTemporal } from '../support/temporal';

const KEY = randomBytes(32).toString('base64');
const SECRETS = { HUBSPOT_TOKEN: 'pat-canary', CALCOM_API_KEY: 'cal_canary', CALCOM_WEBHOOK_SECRET: 'hook-canary' };

let database: TestDatabase;
let healthy: Record<string, string>;

beforeAll(async () => {
  quietTemporal();
  const [server, made] = await Promise.all([devServer(), testDatabase()]);
  database = made;
  await openVault(database.pool, parseMasterKeys(KEY));
  healthy = {
    ...SECRETS,
    DATABASE_URL: database.url,
    BOOKSYNC_MASTER_KEY: KEY,
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_NAMESPACE: 'default',
    BOOKSYNC_CONFIG: path.join(projectRoot, 'booksync.example.yaml'),
  };
});

/** A CRM that has what the example maps to. */
const healthyCrm = {
  capabilities: { tags: false, nativeLeadSource: false },
  probe: () => Promise.resolve(),
  describe: () => {
    const { mapping } = loadConfig(path.join(projectRoot, 'booksync.example.yaml'), {});
    const { pipelineId, stageOrder, leadSourceField } = mapping['hubspot-main']!;
    const stages = stageOrder.map((id, order) => ({ id, label: id, order }));
    const personFields = leadSourceField ? [{ id: leadSourceField, label: 'Lead source' }] : [];
    return Promise.resolve({ pipelines: [{ id: pipelineId!, label: 'Sales', stages }], personFields });
  },
} as unknown as Crm;

/** The lines that were told, and whether all is well. */
async function diagnose(env: Record<string, string>): Promise<{ well: boolean; lines: string[]; text: string }> {
  const lines: string[] = [];
  const api = shownApi(() => 0);
  const well = await runDoctor({
    env,
    fix: false,
    sourceApi: () => api,
    crm: () => healthyCrm,
    tell: (line) => void lines.push(toText(line)),
  });
  return { well, lines, text: lines.join('\n') };
}

test('everything in place is told line by line, and all is well', async () => {
  const { well, lines } = await diagnose(healthy);
  expect(lines).toEqual([
    'ok       environment: complete and consistent',
    'ok       configuration: complete and consistent',
    'ok       database: answers, its schema is up to date',
    'ok       master key: opens what is stored',
    'ok       temporal: answers, namespace "default" is there',
    'ok       temporal search attributes: all registered',
    'ok       calcom-sales API: answers and accepts our credentials',
    'ok       calcom-sales subscription: as it should be',
    'ok       hubspot-main API: answers and accepts our credentials',
    'ok       hubspot-main mapping: everything that it names is in use',
    'ok       hubspot-main webhooks: taken, and signatures are checked',
  ]);
  expect(well).toBe(true);
});

describe('what is wrong is told with what to do, and hides nothing else', () => {
  test.each<[string, () => Record<string, string> | Promise<Record<string, string>>, RegExp]>([
    ['no database address', () => ({ DATABASE_URL: '' }), /PROBLEM +database: DATABASE_URL is not set/],
    [
      'a database that does not answer',
      () => ({ DATABASE_URL: 'postgres://user:password-canary@127.0.0.1:1/none' }),
      /PROBLEM +database: does not answer \(ECONNREFUSED\)/,
    ],
    [
      'a database that nobody migrated',
      async () => ({ DATABASE_URL: (await emptyDatabase()).url }),
      /PROBLEM +database: lacks 0001_bookings, 0002_booking_truth.*booksync migrate/,
    ],
    ['no master key', () => ({ BOOKSYNC_MASTER_KEY: '' }), /PROBLEM +master key: BOOKSYNC_MASTER_KEY is not set/],
    [
      'a master key of another database',
      () => ({ BOOKSYNC_MASTER_KEY: randomBytes(32).toString('base64') }),
      /PROBLEM +master key: BOOKSYNC_MASTER_KEY does not fit \(VaultError\)/,
    ],
    [
      'a master key that is none',
      () => ({ BOOKSYNC_MASTER_KEY: 'key-canary' }),
      /PROBLEM +master key: .*MasterKeyError/,
    ],
    [
      'a namespace that is not there',
      () => ({ TEMPORAL_NAMESPACE: 'nowhere' }),
      /PROBLEM +temporal: answers, but has no namespace "nowhere"/,
    ],
    [
      'a Temporal that does not answer',
      () => ({ TEMPORAL_ADDRESS: '127.0.0.1:1' }),
      /PROBLEM +temporal: does not answer/,
    ],
  ])('%s', async (_what, broken, words) => {
    const { well, text, lines } = await diagnose({ ...healthy, ...(await broken()) });
    expect(well).toBe(false);
    expect(text).toMatch(words);
    expect(text).toContain('ok       hubspot-main API');
    expect(lines.filter((line) => line.startsWith('PROBLEM'))).toHaveLength(1);
    expect(text).not.toMatch(/canary/);
  });

  test('a database whose first start is still to come is no problem', async () => {
    const { well, text } = await diagnose({ ...healthy, DATABASE_URL: (await testDatabase()).url });
    expect([well, text]).toEqual([true, expect.stringContaining('note     master key: nothing is sealed yet')]);
  });

  test('a configuration with mistakes is told with every line, and costs only the connections', async () => {
    const directory = makeTestDirectory();
    cleanUp(() => rmSync(directory, { recursive: true }));
    const file = path.join(directory, 'booksync.yaml');
    writeFileSync(file, 'connections:\n  a:\n    kind: calendar\nsync: 1\n');
    const { well, text } = await diagnose({ ...healthy, BOOKSYNC_CONFIG: file });
    expect(well).toBe(false);
    expect(text).toMatch(/PROBLEM +configuration: line 3, connections\.a\.kind: expected one of/);
    expect(text).toMatch(/PROBLEM +configuration: line 4, sync: /);
    expect(text).toContain('ok       temporal search attributes');
    expect((await diagnose({ ...healthy, PORT: 'http' })).text).toMatch(/^PROBLEM +environment: PORT: expected a port/);
  });
});

describe('booksync as a program', () => {
  const entry = path.join(projectRoot, 'cli/main.ts');
  const run = (args: string[], env: Record<string, string>) =>
    startProcess({ entry, args, inheritEnv: false, env: { PATH: process.env.PATH, ...env } });

  test('migrates, and says that nothing is left to do the second time', async () => {
    const { url } = await emptyDatabase();
    const first = run(['migrate'], { DATABASE_URL: url });
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(first.output()).toContain('ran 0001_bookings');
    const second = run(['migrate'], { DATABASE_URL: url });
    await second.ended;
    expect(second.output()).toContain('The schema is up to date.');
  });

  test('ends the doctor with 1 when something is wrong, having said what', async () => {
    const nobody = { CALCOM_BASE_URL: 'http://127.0.0.1:1', HUBSPOT_BASE_URL: 'http://127.0.0.1:1' };
    const doctor = run(['doctor'], { ...healthy, ...nobody });
    expect(await doctor.ended).toEqual({ code: 1, signal: null });
    expect(doctor.output()).toMatch(/ok +database/);
    expect(doctor.output()).toMatch(/PROBLEM +calcom-sales API: does not answer/);
    expect(doctor.output()).toMatch(/PROBLEM +hubspot-main API: does not answer/);
    expect(doctor.output()).not.toMatch(/canary/);
  });
});
