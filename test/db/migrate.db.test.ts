/** Migrations on a real database: run once, by whoever comes first. */
import { migrate } from '../../db/migrate';
import { createPool } from '../../db/pool';
import { emptyDatabase } from '../support/postgres';

test('of several starters at once one migrates, the others find it done, and so does a later start', async () => {
  const { url } = await emptyDatabase();
  const results = await Promise.all([migrate(url), migrate(url), migrate(url)]);
  const ran = results.filter((names) => names.length > 0);
  expect(ran).toHaveLength(1);
  expect(ran[0]?.[0]).toBe('0001_bookings');
  expect(await migrate(url)).toEqual([]);

  // One that landed after a higher number.
  const pool = createPool(url);
  await pool.query('DROP TABLE crm_appointment, crm_read_back');
  await pool.query(`DELETE FROM schema_migration WHERE name = '0014_crm_appointments'`);
  await pool.end();
  expect(await migrate(url)).toEqual(['0014_crm_appointments']);
});
