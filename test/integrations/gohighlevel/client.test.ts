import { cannedCrm, failure, refusal } from './canned-transport';

const pipelines = { json: { pipelines: [] } };
/** A clock that moves only when the client waits. */
function fakeTime() {
  let nowMs = 1_000_000;
  const waits: number[] = [];
  const sleep = (ms: number) => {
    waits.push(ms);
    nowMs += ms;
    return Promise.resolve();
  };
  return { waits, sleep, now: () => nowMs, advance: (ms: number) => void (nowMs += ms) };
}

describe('the HighLevel client', () => {
  it('sends the private token and the version with every request', async () => {
    const { crm, call, sent } = cannedCrm({ 'GET /opportunities/pipelines': pipelines });
    await crm.probe(call);
    expect(sent[0]?.headers).toMatchObject({
      authorization: 'Bearer pit-test',
      version: 'v3',
      accept: 'application/json',
    });
  });

  it('does not ask for another private token', async () => {
    const answer = refusal(401, 'Invalid token: access token is invalid');
    const { crm, call, sent } = cannedCrm({ 'GET /opportunities/pipelines': answer });
    expect(await failure(crm.probe(call))).toMatchObject({ errorClass: 'reauth_required', correlationId: 'trace-1' });
    expect(sent).toHaveLength(1);
  });

  it('holds back when the headers say that nothing is left', async () => {
    const time = fakeTime();
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-interval-milliseconds': '1500' };
    const { crm, call, sent } = cannedCrm({ 'GET /opportunities/pipelines': { ...pipelines, headers } }, time);
    await crm.probe(call);
    await crm.probe(call);
    expect(time.waits).toEqual([1_500]);
    expect(sent).toHaveLength(2);
  });

  it('sends nothing after the daily limit, and says how long it lasts', async () => {
    const time = fakeTime();
    const headers = { 'x-ratelimit-daily-remaining': '0', 'x-ratelimit-daily-reset': '84322000' };
    const limited = { ...refusal(429, 'Too Many Requests'), headers };
    const { crm, call, sent } = cannedCrm({ 'GET /opportunities/pipelines': limited }, time);
    expect(await failure(crm.probe(call))).toMatchObject({ errorClass: 'rate_limited', retryAfterMs: 84_322_000 });
    expect((await failure(crm.probe(call))).errorClass).toBe('rate_limited');
    expect(sent).toHaveLength(1);
    expect(time.waits).toEqual([]);
  });

  it('takes an id that is empty or made of dots for gone, and does not ask', async () => {
    const { crm, call, sent } = cannedCrm({});
    expect(await crm.readAppointment('..', call)).toBeNull();
    expect(await crm.readOpportunity(' ', call)).toBeNull();
    expect(sent).toEqual([]);
  });
});
