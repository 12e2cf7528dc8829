/** The vault's index key lives in the database: starters that race must end with the same one. */
import { randomBytes } from 'node:crypto';
import { openVault, parseMasterKeys } from '../../db/vault';
import { testDatabase } from '../support/postgres';

test('several first starts at once agree on one index key, and a restart finds it', async () => {
  const { pool } = await testDatabase();
  const keys = parseMasterKeys(randomBytes(32).toString('base64'));
  const vaults = await Promise.all(Array.from({ length: 8 }, () => openVault(pool, keys)));
  vaults.push(await openVault(pool, keys));
  const hashes = new Set(vaults.map((vault) => vault.blindIndex('phone', '+12025550100').toString('hex')));
  expect(hashes.size).toBe(1);
});
