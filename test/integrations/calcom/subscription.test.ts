import { TRIGGERS_READ } from '../../../integrations/calcom/events';
import { createCalcomApi } from '../../../integrations/calcom/source-api';
import { scriptedServer, type Asked, type Reply } from '../scripted-server';
import { failure, success } from './envelopes';

type Fields = Readonly<Record<string, unknown>>;
const URL_HERE = 'https://booksync.example.com/webhooks/calcom-sales';
const SECRET = 'configured-secret';

const webhook = (fields: Fields = {}): Fields => ({
  id: 'hook-1',
  userId: 7,
  subscriberUrl: URL_HERE,
  active: true,
  triggers: TRIGGERS_READ,
  payloadTemplate: null,
  secret: SECRET,
  version: '2021-10-20',
  ...fields,
});

async function withWebhooks(webhooks: readonly Fields[], answer: (asked: Asked) => Reply | null = () => null) {
  const server = await scriptedServer((asked) => {
    const other = answer(asked);
    if (other !== null) return other;
    if (asked.method === 'GET') return success(webhooks.slice(Number(asked.query['skip'])));
    return { status: asked.method === 'POST' ? 201 : 200, json: { status: 'success', data: webhook() } };
  });
  const api = createCalcomApi({ baseUrl: server.url, apiKey: 'cal_test' }, null);
  const changes = () =>
    server.asked.filter((asked) => asked.method !== 'GET').map(({ method, path, body }) => ({ method, path, body }));
  return { api, changes };
}

const check = async (...webhooks: Fields[]) =>
  (await withWebhooks(webhooks)).api.checkSubscription({ webhookUrl: URL_HERE });
const mend = async (...webhooks: Fields[]) => {
  const { api, changes } = await withWebhooks(webhooks);
  const done = await api.mendSubscription({ webhookUrl: URL_HERE, secret: SECRET });
  return { done, changes: changes() };
};

describe('the subscription at Cal.com', () => {
  it('has to send everything that is read, and nothing else', () => {
    expect([...TRIGGERS_READ].sort()).toEqual([
      'AFTER_GUESTS_CAL_VIDEO_NO_SHOW',
      'AFTER_HOSTS_CAL_VIDEO_NO_SHOW',
      'BOOKING_CANCELLED',
      'BOOKING_CREATED',
      'BOOKING_NO_SHOW_UPDATED',
      'BOOKING_PAID',
      'BOOKING_PAYMENT_INITIATED',
      'BOOKING_REJECTED',
      'BOOKING_REQUESTED',
      'BOOKING_RESCHEDULED',
      'MEETING_ENDED',
    ]);
  });

  it('is without findings, and nothing is changed, when it is as it should be', async () => {
    const more = webhook({ triggers: [...TRIGGERS_READ, 'FORM_SUBMITTED'], version: undefined, payloadTemplate: '' });
    expect(await check(more, webhook({ id: 2, subscriberUrl: 'https://other.example.com/x' }))).toEqual([]);
    expect(await mend(more)).toEqual({ done: [], changes: [] });
  });

  it.each<readonly [string, Fields, string, Fields]>([
    ['is switched off', { active: false }, 'switched off', { active: true }],
    ['has no secret', { secret: null }, 'no secret', {}],
    ['hides or lacks its secret', { secret: undefined }, 'no secret', {}],
    ['has a template', { payloadTemplate: '{"hello":1}' }, 'payload template', { payloadTemplate: null }],
    ['sends another version', { version: '2027-01-01' }, 'payload version', { version: '2021-10-20' }],
  ])('is mended when it %s', async (_title, fields, words, change) => {
    const findings = await check(webhook(fields));
    expect(findings).toEqual([{ problem: expect.stringContaining(words) as string, fixable: true }]);
    const { done, changes } = await mend(webhook(fields));
    expect(changes).toEqual([{ method: 'PATCH', path: '/v2/webhooks/hook-1', body: { secret: SECRET, ...change } }]);
    expect(done).toHaveLength(1);
  });

  it('is mended when triggers are missing, and keeps those that a person added', async () => {
    const triggers = ['FORM_SUBMITTED', ...TRIGGERS_READ.filter((trigger) => trigger !== 'BOOKING_REJECTED')];
    expect(await check(webhook({ triggers }))).toEqual([
      { problem: 'webhook hook-1 does not send BOOKING_REJECTED', fixable: true },
    ]);
    const { done, changes } = await mend(webhook({ triggers }));
    expect(done).toEqual(['webhook hook-1: added BOOKING_REJECTED']);
    expect((changes[0]?.body as Fields)['triggers']).toEqual(expect.arrayContaining([...triggers, 'BOOKING_REJECTED']));
  });

  it('gets all its flaws mended in one request', async () => {
    const broken = webhook({ active: false, secret: null, triggers: [], payloadTemplate: 'x' });
    expect(await check(broken)).toHaveLength(4);
    const { done, changes } = await mend(broken);
    expect(changes).toHaveLength(1);
    expect(changes[0]?.body).toEqual({ active: true, secret: SECRET, payloadTemplate: null, triggers: TRIGGERS_READ });
    expect(done.at(-1)).toContain('left to a person');
  });

  it('gets our secret when it signs with another one, which only mending can see', async () => {
    expect(await check(webhook({ secret: 'old' }))).toEqual([]);
    const { done, changes } = await mend(webhook({ secret: 'old' }));
    expect(changes.map(({ body }) => body)).toEqual([{ secret: SECRET }]);
    expect(done.join()).not.toMatch(/old|configured-secret/);
  });

  it('is created when there is none, and the finding says what can not be seen', async () => {
    const elsewhere = webhook({ subscriberUrl: 'https://old.example.com/webhooks/calcom-sales?token=hidden' });
    const [finding] = await check(elsewhere);
    expect(finding?.fixable).toBe(true);
    expect(finding?.problem).toContain(`no webhook sends to ${URL_HERE}`);
    expect(finding?.problem).toContain('sends to https://old.example.com/webhooks/calcom-sales instead');
    expect(finding?.problem).toContain('team');
    expect(finding?.problem).not.toContain('hidden');
    const { done, changes } = await mend(elsewhere);
    expect(changes).toEqual([
      {
        method: 'POST',
        path: '/v2/webhooks',
        body: { active: true, subscriberUrl: URL_HERE, triggers: TRIGGERS_READ, secret: SECRET },
      },
    ]);
    expect(done[0]).toContain('created a webhook');
  });

  it('is one: a second active one to our address is a finding that a person has to mend', async () => {
    const twice = [webhook({ active: true, triggers: [] }), webhook({ id: 2, subscriberUrl: `${URL_HERE}/` })];
    expect(await check(...twice)).toEqual([
      { problem: expect.stringContaining('keep 2 and delete hook-1') as string, fixable: false },
    ]);
    const { done, changes } = await mend(...twice);
    expect([changes, done]).toEqual([[], [expect.stringContaining('left to a person')]]);
    expect(await check(webhook(), webhook({ id: 2, active: false }))).toEqual([]);
  });

  it('is looked for on every page', async () => {
    const others = Array.from({ length: 250 }, (_, n) =>
      webhook({ id: n, subscriberUrl: 'https://other.example.com/x' }),
    );
    expect(await check(...others, webhook())).toEqual([]);
  });

  it('can not be seen with credentials that may not read webhooks: a finding, not an outage', async () => {
    const { api } = await withWebhooks([], () => failure(403));
    const [finding] = await api.checkSubscription({ webhookUrl: URL_HERE });
    expect(finding).toEqual({ problem: expect.stringContaining('WEBHOOK_READ') as string, fixable: false });
    const done = await api.mendSubscription({ webhookUrl: URL_HERE, secret: SECRET });
    expect(done).toEqual([expect.stringContaining('nothing was mended')]);
  });

  it('can not be checked while Cal.com is away: an error, not a finding', async () => {
    const { api } = await withWebhooks([], () => failure(503));
    await expect(api.checkSubscription({ webhookUrl: URL_HERE })).rejects.toMatchObject({ errorClass: 'unavailable' });
  });

  it('may have been created when the answer is lost', async () => {
    const { api } = await withWebhooks([], (asked) => (asked.method === 'POST' ? 'reset' : null));
    const lost = api.mendSubscription({ webhookUrl: URL_HERE, secret: SECRET });
    await expect(lost).rejects.toMatchObject({ errorClass: 'unknown_outcome' });
  });
});
