/** The nightly check of a mapping, on a real database. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createCheckMapping, type MappingCheck } from '../../activities/check-mapping';
import type { ActivityDeps } from '../../activities/deps';
import { mappingVersionOf, readMappingsInForce, saveMappingVersion } from '../../db/mapping-versions';
import type { CrmMapping } from '../../domain/settings';
import { CrmError, type CrmErrorClass } from '../../integrations/ports';
import { testDatabase, type TestDatabase } from '../support/postgres';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});

/** One attempt fails on purpose. */
const quiet = new DefaultLogger('ERROR');
const CRM = 'hubspot-main';
const mapping: CrmMapping = {
  pipelineId: 'sales',
  stageOrder: ['new', 'met'],
  forwardOnly: true,
  byStatus: {},
  eventTypes: {},
  lead: null,
  notes: false,
};

function check(stages: readonly string[] | CrmErrorClass, connection = CRM): Promise<MappingCheck> {
  const pipelines = typeof stages === 'string' ? [] : [{ id: 'sales', stages: stages.map((id) => ({ id })) }];
  const describe = async () => {
    if (typeof stages === 'string') throw new CrmError(stages, 'the CRM said no');
    return { pipelines, personFields: [] };
  };
  const deps = {
    pool: database.pool,
    settings: { mapping: { [CRM]: mapping } },
    crm: () => ({ describe, capabilities: { tags: false, notes: false, nativeLeadSource: false } }),
    log: { info: () => undefined, warn: () => undefined },
  } as unknown as ActivityDeps;
  return new MockActivityEnvironment({}, { logger: quiet }).run(createCheckMapping(deps), { connection });
}

const stored = async () => (await database.pool.query('SELECT connection, findings FROM mapping_check')).rows;

test('what does not fit the account is stored until a later check finds it mended', async () => {
  expect(await check(['new'])).toEqual({ kind: 'checked', findings: 1 });
  const [row] = await stored();
  expect(row).toEqual({ connection: CRM, findings: [expect.stringMatching(/^stage "met" is not in use/)] });
  expect(await check('scope_missing')).toEqual({ kind: 'refused', reason: 'scope_missing' });
  expect(await stored()).toEqual([row]);
  await expect(check('unavailable')).rejects.toThrow('unavailable: the CRM said no');
  expect(await check(['new', 'met'])).toEqual({ kind: 'checked', findings: 0 });
  expect(await stored()).toEqual([{ connection: CRM, findings: [] }]);
});

test('a CRM that nothing is mapped to is not said to be fine', async () => {
  expect(await check([], 'another')).toEqual({ kind: 'not_mapped' });
});

test('a mapping has one version, however its keys are ordered, and the one that was started last is in force', async () => {
  const { pool } = database;
  const reordered = Object.fromEntries(Object.entries(mapping).reverse()) as unknown as CrmMapping;
  expect(mappingVersionOf(reordered)).toBe(mappingVersionOf(mapping));
  const changed = { ...mapping, forwardOnly: false };
  expect(mappingVersionOf(changed)).not.toBe(mappingVersionOf(mapping));
  await saveMappingVersion(pool, { connection: CRM, mapping, nowMs: 1_000 });
  await saveMappingVersion(pool, { connection: CRM, mapping: changed, nowMs: 2_000 });
  expect(await readMappingsInForce(pool)).toMatchObject([{ version: mappingVersionOf(changed), mapping: changed }]);
  await saveMappingVersion(pool, { connection: CRM, mapping: reordered, nowMs: 3_000 });
  expect(await readMappingsInForce(pool)).toEqual([
    { connection: CRM, version: mappingVersionOf(mapping), mapping, sinceMs: 1_000 },
  ]);
});
