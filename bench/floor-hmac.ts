/**
 * F-hmac: the same HTTP work without storage, as it is usually built: express, raw body, signature, JSON, 202.
 * Invariant: counts its own acknowledgements; a request answers how many there were since the last one.
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { verifySignature } from '../integrations/calcom/signature';
import { serveParent } from './child';
import { WEBHOOK_PATH } from './webhook-bodies';

const secret = process.env.CALCOM_WEBHOOK_SECRET ?? '';
let acked = 0;

const app = express();
app.post(WEBHOOK_PATH, express.raw({ type: () => true, limit: '1mb' }), (request, response) => {
  const body = request.body as Buffer;
  if (!verifySignature(body, (name) => request.get(name), [secret]).ok) {
    response.status(401).json({ error: { code: 'bad_signature' } });
    return;
  }
  JSON.parse(body.toString('utf8'));
  acked += 1;
  response.status(202).json({ delivery: randomUUID(), status: 'stored' });
});

const server = app.listen(0, '127.0.0.1', () => {
  serveParent({ port: (server.address() as AddressInfo).port }, () => {
    const count = acked;
    acked = 0;
    return { count };
  });
});
