/**
 * The per-request variant: our own receiver and our own sealing, but one plain INSERT for each request, on a pool of 16.
 * What it is slower than ours by is what the micro-batches of db/delivery-writer.ts bring.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApiMetrics } from '../api/metrics';
import { createWebhookHandler, type DeliveryStore } from '../api/webhooks/receive';
import { createLogger } from '../config/logger';
import { createPool } from '../db/pool';
import { openVault, parseMasterKeys, type Vault } from '../db/vault';
import { sourceOf } from '../integrations/registry';
import { serveParent } from './child';
import { CONNECTION } from './webhook-bodies';

const { CALCOM_WEBHOOK_SECRET = '', DATABASE_URL = '', BOOKSYNC_MASTER_KEY = '' } = process.env;
const pool = createPool(DATABASE_URL, { max: 16, applicationName: 'bench-inserts' });

function storeWith(vault: Vault): DeliveryStore {
  return {
    async store({ connection, dedupeKey, headers, body }) {
      const id = randomUUID();
      const { sealedBody, wrappedKey } = vault.sealDelivery(id, body);
      const { rows } = await pool.query<{ id: string }>(
        `INSERT INTO delivery AS there (id, connection, dedupe_key, headers, sealed_body, wrapped_key) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (connection, dedupe_key) DO UPDATE SET repeats = there.repeats + 1 RETURNING id`,
        [id, connection, dedupeKey, JSON.stringify(headers), sealedBody, wrappedKey],
      );
      const stored = rows[0]?.id ?? id;
      return { id: stored, status: stored === id ? 'stored' : 'duplicate' };
    },
    again: () => Promise.resolve(),
  };
}

async function main(): Promise<void> {
  const vault = await openVault(pool, parseMasterKeys(BOOKSYNC_MASTER_KEY));
  const handler = createWebhookHandler({
    sources: new Map([[CONNECTION, { source: sourceOf('calcom'), secrets: [CALCOM_WEBHOOK_SECRET] }]]),
    store: storeWith(vault),
    metrics: createApiMetrics({ processMetrics: true }),
    logger: createLogger({ name: 'inserts', level: 'info' }),
  });
  const server = createServer(handler);
  server.listen(0, '127.0.0.1', () => serveParent({ port: (server.address() as AddressInfo).port }, () => ({})));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
