/** Migrations on a real database: run once, by whoever comes first. */
import { migrate } from '../../db/migrate';
import { emptyDatabase } from '../support/postgres';

test('of several starters at once one migrates, the others find it done, and so does a later start', async () => {
  const { url } = await emptyDatabase();
  const results = await Promise.all([migrate(url), migrate(url), migrate(url)]);
  const ran = results.filter((names) => names.length > 0);
  expect(ran).toHaveLength(1);
  expect(ran[0]?.[0]).toBe('0001_bookings');
  expect(await migrate(url)).toEqual([]);
});
