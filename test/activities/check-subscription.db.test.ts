/** The watchdog's check on a real database. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createCheckSubscription, type SubscriptionCheck } from '../../activities/check-subscription';
import type { ActivityDeps } from '../../activities/deps';
import { testDatabase, type TestDatabase } from '../support/postgres';
import { shownApi } from '../support/read-source';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});

const CHECKED_AT_MS = Date.UTC(2026, 10, 24, 12);
const WEBHOOK_URL = 'https://booksync.example.com/webhooks/calcom-sales';

function aSource(connection: string, webhookUrl: string | null) {
  const api = shownApi(() => 0);
  const warnings: unknown[] = [];
  const deps = {
    pool: database.pool,
    settings: { connections: { [connection]: { kind: 'calcom', webhookUrl } } },
    sourceApi: (id: string) => (id === connection ? api : null),
    log: { info: () => undefined, warn: (fields: unknown) => void warnings.push(fields) },
  } as unknown as ActivityDeps;
  const environment = new MockActivityEnvironment({ currentAttemptScheduledTimestampMs: CHECKED_AT_MS });
  const check = (id = connection): Promise<SubscriptionCheck> =>
    environment.run(createCheckSubscription(deps), { connection: id });
  return { api, warnings, check };
}

test('what is wrong is stored, and logged in words with what mends it', async () => {
  const { api, warnings, check } = aSource('calcom-a', WEBHOOK_URL);
  api.findings = [
    { problem: 'the webhook is switched off', fixable: true },
    { problem: 'two webhooks send the same', fixable: false },
  ];
  expect(await check()).toEqual({ kind: 'checked', findings: 2 });
  expect(warnings).toEqual([
    { connection: 'calcom-a', problem: 'the webhook is switched off', remedy: expect.stringContaining('--fix') },
    { connection: 'calcom-a', problem: 'two webhooks send the same', remedy: expect.stringContaining('at the source') },
  ]);
  const { rows } = await database.pool.query('SELECT checked_at, findings FROM source_subscription');
  expect(rows).toEqual([{ checked_at: expect.any(Date), findings: api.findings }]);
  expect((rows[0] as { checked_at: Date }).checked_at.getTime()).toBeGreaterThanOrEqual(CHECKED_AT_MS);
  expect(api.mended).toEqual([]);
});

test('a connection without an API, or without our address, is not checked and not said to be fine', async () => {
  const { check } = aSource('calcom-b', null);
  expect(await check()).toEqual({ kind: 'not_checkable' });
  expect(await aSource('calcom-c', WEBHOOK_URL).check('calcom-without-api')).toEqual({ kind: 'not_checkable' });
  const { rows } = await database.pool.query(`SELECT 1 FROM source_subscription WHERE connection <> 'calcom-a'`);
  expect(rows).toEqual([]);
});
