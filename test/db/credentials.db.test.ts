/** Tokens that renew themselves: sealed, renewed by one process at a time, stored before they are used. */
import { randomBytes } from 'node:crypto';
import { tokenStore, type StoredTokens, type TokenStore } from '../../db/credentials';
import { createPool } from '../../db/pool';
import { openVault, parseMasterKeys } from '../../db/vault';
import { cleanUp } from '../support/clean-up';
import { testDatabase } from '../support/postgres';

const tokens = (n: number): StoredTokens => ({
  accessToken: `access-${n}`,
  refreshToken: `refresh-${n}`,
  expiresAtMs: 1_000 * n,
  grant: 'grant',
});

async function stores(count: number): Promise<{ stores: TokenStore[]; rows: () => Promise<Buffer[]> }> {
  const { pool, url } = await testDatabase();
  const vault = await openVault(pool, parseMasterKeys(randomBytes(32).toString('base64')));
  const made = Array.from({ length: count }, () => {
    // A pool each, as separate processes have.
    const own = createPool(url, { max: 2 });
    cleanUp(() => own.end());
    return tokenStore({ pool: own, vault }, 'calcom-sales');
  });
  const rows = async () =>
    (await pool.query<{ sealed: Buffer }>('SELECT sealed FROM credential')).rows.map((row) => row.sealed);
  return { stores: made, rows };
}

async function oneStore() {
  const made = await stores(1);
  return { store: made.stores[0] as TokenStore, rows: made.rows };
}

test('what was exchanged is read again, and lies sealed in the database', async () => {
  const { store, rows } = await oneStore();
  expect(await store.read()).toBeNull();
  expect(await store.exchange(() => Promise.resolve(tokens(1)))).toEqual(tokens(1));
  expect(await store.read()).toEqual(tokens(1));
  expect(await store.exchange(() => Promise.resolve(tokens(2)))).toEqual(tokens(2));
  expect(await store.read()).toEqual(tokens(2));
  const [sealed] = await rows();
  expect(sealed?.toString('latin1')).not.toMatch(/access|refresh/);
});

test('of several processes that need new tokens at once, one gets them and the others find them', async () => {
  const { stores: processes } = await stores(4);
  let exchanges = 0;
  const obtain = async (stored: StoredTokens | null): Promise<StoredTokens> => {
    if (stored !== null) return stored;
    exchanges += 1;
    return Promise.resolve(tokens(exchanges));
  };
  const got = await Promise.all(processes.map((store) => store.exchange(obtain)));
  expect(exchanges).toBe(1);
  expect(got).toEqual(got.map(() => tokens(1)));
});

test('nobody sees tokens before they are stored', async () => {
  const { stores: made } = await stores(2);
  const [one, other] = made as [TokenStore, TokenStore];
  await one.exchange(() => Promise.resolve(tokens(1)));
  let seen: StoredTokens | null = null;
  await one.exchange(async () => {
    seen = await other.read();
    return tokens(2);
  });
  expect([seen, await other.read()]).toEqual([tokens(1), tokens(2)]);
});

test('an exchange that fails leaves what was there, also nothing', async () => {
  const { store, rows } = await oneStore();
  const failing = (): Promise<StoredTokens> => Promise.reject(new Error('the vendor is away'));
  await expect(store.exchange(failing)).rejects.toThrow('the vendor is away');
  expect([await store.read(), await rows()]).toEqual([null, []]);
  await store.exchange(() => Promise.resolve(tokens(1)));
  await expect(store.exchange(failing)).rejects.toThrow('the vendor is away');
  expect(await store.read()).toEqual(tokens(1));
});

test('tokens that are still good are not written again', async () => {
  const { store, rows } = await oneStore();
  await store.exchange(() => Promise.resolve(tokens(1)));
  const before = await rows();
  await store.exchange((stored) => Promise.resolve(stored ?? tokens(9)));
  expect(await rows()).toEqual(before);
});

test('one connection does not open what was sealed for another', async () => {
  const { pool } = await testDatabase();
  const vault = await openVault(pool, parseMasterKeys(randomBytes(32).toString('base64')));
  await tokenStore({ pool, vault }, 'calcom-sales').exchange(() => Promise.resolve(tokens(1)));
  await pool.query(`INSERT INTO credential (connection, sealed) SELECT 'other', sealed FROM credential`);
  await expect(tokenStore({ pool, vault }, 'other').read()).rejects.toThrow('credential/other');
});
