import { verifySignature } from '../../../integrations/calcom/signature';
import { playSamples } from '../../../local/samples/play';
import { sampleContacts, sampleDeliveries } from '../../../local/samples/samples';

const ANCHOR_MS = Date.parse('2027-05-04T13:37:00Z');
const SECRET = 'demo-secret';

interface Request {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Stands in for both servers: contacts are unique by e-mail, deliveries by their bytes. */
function fakeServers(override: (request: Request) => Response | null = () => null) {
  const requests: Request[] = [];
  const seen = new Set<string>();
  const answer = (request: Request): Response => {
    const known = seen.has(request.body);
    seen.add(request.body);
    if (request.url.startsWith('http://crm.test')) return Response.json({}, { status: known ? 409 : 201 });
    return Response.json({ delivery: `d${seen.size}`, status: known ? 'duplicate' : 'stored' }, { status: 202 });
  };
  const fetch: typeof globalThis.fetch = (input, init) => {
    if (typeof input !== 'string' || typeof init?.body !== 'string')
      throw new Error('expected an address and a text body');
    const request = { url: input, headers: new Headers(init.headers), body: init.body };
    requests.push(request);
    return Promise.resolve(override(request) ?? answer(request));
  };
  const play = () =>
    playSamples({
      apiUrl: 'http://api.test',
      secret: SECRET,
      anchorMs: ANCHOR_MS,
      hubspotUrl: 'http://crm.test/hubspot',
      hubspotToken: 'token',
      fetch,
    });
  return { requests, play };
}

const ALL_DELIVERIES = sampleDeliveries(ANCHOR_MS).flatMap((sample) => sample.deliveries);

describe('playing the samples', () => {
  it('creates the contacts first, then sends every delivery signed and in order', async () => {
    const { requests, play } = fakeServers();
    const played = await play();

    expect(played.contacts).toEqual({ created: sampleContacts.length, existing: 0 });
    const [contacts, webhooks] = [requests.slice(0, sampleContacts.length), requests.slice(sampleContacts.length)];
    for (const request of contacts) {
      expect(request.url).toBe('http://crm.test/hubspot/crm/objects/2026-09/contacts');
      expect(request.headers.get('authorization')).toBe('Bearer token');
    }
    expect(webhooks.map((request) => request.body)).toEqual(ALL_DELIVERIES.map((delivery) => delivery.body));
    for (const request of webhooks) {
      expect(request.url).toBe('http://api.test/webhooks/calcom-sales');
      const header = (name: string) => request.headers.get(name) ?? undefined;
      expect(verifySignature(Buffer.from(request.body), header, [SECRET])).toEqual({ ok: true });
    }
    expect(played.stories.flatMap((story) => story.answers.map((answer) => answer.status))).toEqual(
      ALL_DELIVERIES.map(() => 'stored'),
    );
  });

  it('skips contacts that exist and reports duplicates when it is played again', async () => {
    const { play } = fakeServers();
    await play();
    const again = await play();
    expect(again.contacts).toEqual({ created: 0, existing: sampleContacts.length });
    const statuses = again.stories.flatMap((story) => story.answers.map((answer) => answer.status));
    expect(new Set(statuses)).toEqual(new Set(['duplicate']));
  });

  it('reports a refused delivery and goes on', async () => {
    const { play } = fakeServers((request) =>
      request.url.startsWith('http://api.test')
        ? Response.json({ error: { code: 'bad_signature', message: 'no' } }, { status: 401 })
        : null,
    );
    const answers = (await play()).stories.flatMap((story) => story.answers);
    expect(answers).toHaveLength(ALL_DELIVERIES.length);
    expect(answers[0]).toEqual({
      trigger: 'BOOKING_CREATED',
      httpStatus: 401,
      status: null,
      deliveryId: null,
      error: 'bad_signature',
    });
  });

  it('reports an answer that is not JSON', async () => {
    const { play } = fakeServers((request) =>
      request.url.startsWith('http://api.test') ? new Response('<html>', { status: 502 }) : null,
    );
    const [story] = (await play()).stories;
    expect(story?.answers[0]).toMatchObject({ httpStatus: 502, status: null, error: 'unexpected_answer' });
  });

  it('stops when the CRM refuses a contact, without naming the person', async () => {
    const { play } = fakeServers(() => Response.json({}, { status: 401 }));
    await expect(play()).rejects.toThrow(/answered 401, expected 201 or 409; check the CRM's base URL and token/);
  });

  it('says who did not answer', async () => {
    const { play } = fakeServers(() => {
      throw new Error('connection refused');
    });
    await expect(play()).rejects.toThrow('No answer from the CRM at http://crm.test/hubspot');
  });
});
