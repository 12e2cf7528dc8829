/** Connecting to a real Temporal server by the environment, and preparing its namespace. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time';
import { readEnvironment, type Environment } from '../../config/environment';
import {
  connectTemporalClient,
  connectTemporalWorker,
  ensureNamespaceRetention,
  registerSearchAttributes,
  temporalNamespaceOf,
} from '../../config/temporal';
import { searchAttributes } from '../../workflows/contract';
import { cleanUp } from '../support/clean-up';
import { makeTestDirectory } from '../support/directories';
import { eventually } from '../support/eventually';
import { devServer, quietTemporal } from '../support/temporal';

const NAMESPACE = 'bookings-test';
const DAY_MS = 86_400_000;
let environment: Environment;
let client: Client;

beforeAll(async () => {
  quietTemporal();
  const { address } = await devServer();
  // Takes the place of a profile that the user who runs this may have, and must lose against the environment.
  const profile = path.join(makeTestDirectory(), 'temporal.toml');
  cleanUp(() => rmSync(path.dirname(profile), { recursive: true }));
  writeFileSync(profile, '[profile.default]\naddress = "127.0.0.1:1"\nnamespace = "of-the-profile"\n');
  environment = readEnvironment({
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: NAMESPACE,
    TEMPORAL_CONFIG_FILE: profile,
  });
  client = await connectTemporalClient(environment);
  cleanUp(() => client.connection.close());
  await client.workflowService.registerNamespace({
    namespace: NAMESPACE,
    workflowExecutionRetentionPeriod: msToTs(DAY_MS),
  });
});

test('search attributes are registered once, in the namespace of the environment', async () => {
  const names = Object.keys(searchAttributes);
  const first = await eventually(() => registerSearchAttributes(client), {
    what: 'the new namespace',
  });
  expect(first.refused).toEqual([]);
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace: NAMESPACE });
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(names));
  expect(await registerSearchAttributes(client)).toEqual({ added: [], refused: [] });
});

test('retention grows to 90 days and is never shortened', async () => {
  const retentionMs = async (): Promise<number> => {
    const { config } = await client.workflowService.describeNamespace({ namespace: NAMESPACE });
    return tsToMs(config?.workflowExecutionRetentionTtl);
  };
  expect(await ensureNamespaceRetention(client)).toBe(true);
  expect(await retentionMs()).toBe(90 * DAY_MS);
  expect(await ensureNamespaceRetention(client, 30)).toBe(true);
  expect(await retentionMs()).toBe(90 * DAY_MS);
});

test('a worker connects to the same server and namespace', async () => {
  const connection = await connectTemporalWorker(environment);
  await connection.close();
  expect(temporalNamespaceOf(environment)).toBe(NAMESPACE);
  expect(client.options.namespace).toBe(NAMESPACE);
});
