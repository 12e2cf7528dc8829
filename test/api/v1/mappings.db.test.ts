/** `/api/v1/connections`, `/api/v1/mappings` and `/api/v1/undo` against a real database. */
import * as schemas from '../../../api/v1/mapping-schemas';
import { saveHealth } from '../../../db/connection-health';
import { recordWrite } from '../../../db/crm-ledger';
import { mappingVersionOf, saveMappingFindings, saveMappingVersion } from '../../../db/mapping-versions';
import type { CrmMapping } from '../../../domain/settings';
import { checked, operatorOfThisFile, refusalOf } from './operator';
import { seedSynced, T0_MS } from './seed';

const operator = operatorOfThisFile();
const CRM = 'hubspot-main';
const mapping: CrmMapping = {
  pipelineId: 'sales',
  stageOrder: ['new', 'met'],
  forwardOnly: true,
  byStatus: { scheduled: { stageId: 'met', onlyFrom: null } },
  eventTypes: { demo: { byStatus: { showed: { stageId: 'met', onlyFrom: ['new'] } } } },
  lead: null,
  notes: false,
};
const version = mappingVersionOf(mapping);

const synced = (uid: string, stageId: string) => seedSynced(operator().pool, { uid, stageId });

beforeEach(() => saveMappingVersion(operator().pool, { connection: CRM, mapping, nowMs: T0_MS }));

test('connections are listed with their health and what was found', async () => {
  const { pool } = operator();
  await saveHealth(pool, { connection: CRM, state: 'down', reason: 'unavailable', untilMs: null, nowMs: T0_MS });
  await saveMappingFindings(pool, { connection: CRM, findings: ['stage "met" is not in use'], nowMs: T0_MS });
  await synced('a', 'met');
  const { connections } = await operator().get('/api/v1/connections', schemas.connectionListSchema);
  expect(connections).toMatchObject([
    { connection: 'calcom-sales', state: 'up', lastWriteAt: null, findings: [] },
    { connection: CRM, state: 'down', reason: 'unavailable', findings: ['stage "met" is not in use'], parked: 0 },
  ]);
  expect(connections[1]!.lastWriteAt).toBe(new Date(T0_MS).toISOString());
});

test('the mapping in force says what each status does, in general and by event type', async () => {
  const { mappings } = await operator().get('/api/v1/mappings', schemas.mappingListSchema);
  expect(mappings).toMatchObject([{ connection: CRM, version, since: new Date(T0_MS).toISOString() }]);
  expect(mappings[0]!.rules.map(({ eventType, status, stage }) => [eventType, status, stage])).toEqual([
    [null, 'scheduled', 'met'],
    ['demo', 'scheduled', 'met'],
    ['demo', 'showed', 'met'],
  ]);
});

test('a preview changes nothing; applying gives the bookings that would change a version of their own, once', async () => {
  const { api, pool } = operator();
  const changes = await synced('a', 'new');
  await synced('b', 'met');
  const ask = async (what: string) =>
    checked(await api.ask('POST', `/api/v1/mappings/${CRM}/${what}`), schemas.mappingPreviewSchema);
  const shown = { version, older: 2, changed: 1, bookings: [{ booking: changes, stage: { from: 'new', to: 'met' } }] };
  expect(await ask('preview')).toMatchObject({ ...shown, applied: false });
  expect(await ask('apply')).toMatchObject({ ...shown, applied: true });
  const { rows } = await pool.query(
    'SELECT id, mapping_version FROM crm_sync JOIN booking ON id = booking_id ORDER BY id',
  );
  expect(rows.map((row: { mapping_version: string }) => row.mapping_version)).toEqual(['older', version]);
  expect(refusalOf(await api.ask('POST', '/api/v1/mappings/other/apply'))).toEqual([404, 'mapping_not_found']);
});

test('of a mapping only what it decides goes back; an appointment does when its kind is named, and nothing personal is shown', async () => {
  const { pool } = operator();
  const bookingId = await synced('a', 'met');
  const written = (status: string) => ({ status, startMs: T0_MS, endMs: T0_MS });
  const about = { bookingId, connection: CRM, version: 1, nowMs: T0_MS, mappingVersion: 'older' };
  await recordWrite(pool, {
    ...about,
    type: 'appointment',
    action: 'update',
    crmId: 'm',
    before: written('scheduled'),
    after: { ...written('showed'), words: ['title'] },
  });
  const [from, to] = [new Date(T0_MS - 1).toISOString(), new Date(T0_MS + 1).toISOString()];
  const shown = async (more: object) => {
    const body = { mappingVersion: 'older', from, to, ...more };
    const { records } = checked(await operator().api.ask('POST', '/api/v1/undo', body), schemas.undoSchema);
    return records.find(({ type }) => type === 'appointment');
  };
  expect(await shown({})).toMatchObject({ state: 'left', reason: expect.stringMatching(/name the kind/) as unknown });
  expect(await shown({ kinds: ['appointment'] })).toMatchObject({
    state: 'planned',
    reason: 'outcome showed → scheduled, title',
  });
});

test('an undo is shown, then stored and started when it is told to run', async () => {
  const { api, pool } = operator();
  const booking = await synced('a', 'met');
  const undo = async (body: object) => checked(await api.ask('POST', '/api/v1/undo', body), schemas.undoSchema);
  const record = { booking, connection: CRM, type: 'opportunity', crmId: 'a', state: 'planned' };
  expect(await undo({ booking })).toMatchObject({ undo: null, records: [{ ...record, reason: 'met → new' }] });
  const [from, to] = [new Date(T0_MS - 1).toISOString(), new Date(T0_MS + 1).toISOString()];
  expect((await undo({ mappingVersion: 'older', from, to })).records).toHaveLength(1);
  expect((await undo({ mappingVersion: version, from, to })).records).toEqual([]);
  const started = await undo({ booking, run: true });
  expect(started.records).toEqual([{ ...record, reason: null }]);
  const { rows } = await pool.query('SELECT id, requested_by FROM undo_run');
  expect(rows).toEqual([{ id: started.undo, requested_by: 'operator' }]);
  expect((await api.ask('POST', '/api/v1/undo', { booking, mappingVersion: 'x' })).status).toBe(400);
  await pool.query('TRUNCATE undo_run CASCADE');
});
