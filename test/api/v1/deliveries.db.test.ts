/** `/api/v1/deliveries` against a real database. */
import { randomUUID } from 'node:crypto';
import * as schemas from '../../../api/v1/schemas';
import { markDead } from '../../../db/deliveries';
import { send } from '../http';
import { CONNECTION, signedWebhook } from '../test-api';
import { checked, operatorOfThisFile, refusalOf } from './operator';

const operator = operatorOfThisFile();

describe('deliveries', () => {
  const body = JSON.stringify({
    triggerEvent: 'BOOKING_CREATED',
    payload: { attendees: [{ email: 'pat@example.com' }] },
  });
  const store = async (text: string) =>
    (await send(operator().api.port, signedWebhook(text))).json<{ delivery: string }>().delivery;

  it('are listed newest first, by state, in pages', async () => {
    const first = await store('1');
    const second = await store('2');
    await markDead(operator().pool, first, { trigger: null, reason: 'no JSON object' });
    const all = await operator().get('/api/v1/deliveries', schemas.deliveryListSchema);
    expect(all.deliveries.map((delivery) => delivery.id)).toEqual([second, first]);
    const dead = await operator().get('/api/v1/deliveries?state=dead', schemas.deliveryListSchema);
    expect(dead.deliveries).toMatchObject([{ id: first, source: CONNECTION, state: 'dead', reason: 'no JSON object' }]);
    const page = await operator().get('/api/v1/deliveries?limit=1', schemas.deliveryListSchema);
    const next = await operator().get(
      `/api/v1/deliveries?limit=1&cursor=${page.nextCursor}`,
      schemas.deliveryListSchema,
    );
    expect([...page.deliveries, ...next.deliveries].map((delivery) => delivery.id)).toEqual([second, first]);
    expect(refusalOf(await operator().api.ask('GET', '/api/v1/deliveries?cursor=17'))).toEqual([400, 'bad_cursor']);
  });

  it('show the shape of their body, never a value of it', async () => {
    const id = await store(body);
    const reply = await operator().api.ask('GET', `/api/v1/deliveries/${id}`);
    expect(checked(reply, schemas.deliveryDetailSchema)).toMatchObject({
      headers: { 'content-type': 'application/json' },
      body: { kind: 'json', bytes: body.length, shape: { payload: { attendees: [{ email: 'string' }] } } },
    });
    expect(reply.text).not.toContain('pat@example.com');
  });

  it('that are dead go back to the dispatcher when they are replayed, once, with an audit entry', async () => {
    const id = await store(body);
    await markDead(operator().pool, id, { trigger: null, reason: 'unknown version' });
    const replay = async () =>
      checked(await operator().api.ask('POST', `/api/v1/deliveries/${id}/replay`), schemas.replayedDeliverySchema);
    expect(await replay()).toMatchObject({ replayed: true, delivery: { id, state: 'stored', reason: null } });
    expect(await replay()).toMatchObject({ replayed: false, delivery: { id, state: 'stored' } });
    const { rows } = await operator().pool.query(`SELECT actor, action, subject FROM audit_entry`);
    expect(rows).toEqual([{ actor: 'operator', action: 'delivery.replayed', subject: id }]);
  });

  it('that do not exist are answered 404', async () => {
    const id = randomUUID();
    expect(refusalOf(await operator().api.ask('GET', `/api/v1/deliveries/${id}`))).toEqual([404, 'delivery_not_found']);
    expect(refusalOf(await operator().api.ask('POST', `/api/v1/deliveries/${id}/replay`))).toEqual([
      404,
      'delivery_not_found',
    ]);
  });
});
