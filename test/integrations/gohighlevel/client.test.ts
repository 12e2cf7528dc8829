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
    const { crm, call, sent } = cannedCrm({ 'GET /opportunities/o1': { ...refusal(404, 'gone'), headers } }, time);
    await crm.readOpportunity('o1', call);
    await crm.readOpportunity('o1', call);
    expect(time.waits).toEqual([1_500]);
    expect(sent).toHaveLength(2);
  });

  it('sends nothing after the daily limit, and says how long it lasts', async () => {
    const time = fakeTime();
    const headers = { 'x-ratelimit-daily-remaining': '0', 'x-ratelimit-daily-reset': '84322000' };
    const limited = { ...refusal(429, 'Too Many Requests'), headers };
    const answers = { 'GET /opportunities/o1': limited, 'GET /opportunities/pipelines': pipelines };
    const { crm, call, sent } = cannedCrm(answers, time);
    const read = () => failure(crm.readOpportunity('o1', call));
    const daily = { resetInMs: 84_322_000 };
    expect(await read()).toMatchObject({ errorClass: 'rate_limited', retryAfterMs: 84_322_000, daily });
    expect(await read()).toMatchObject({ errorClass: 'rate_limited', daily });
    expect(sent).toHaveLength(1);
    expect(time.waits).toEqual([]);
    // The probe finds out whether it is over.
    await crm.probe(call);
    expect(sent.map(({ path }) => path.split('?')[0])).toEqual(['/opportunities/o1', '/opportunities/pipelines']);
    expect((await read()).daily).toBeNull();
  });

  it('sends nothing after an answer that used up the day', async () => {
    const headers = { 'x-ratelimit-daily-remaining': '0' };
    const { crm, call, sent } = cannedCrm(
      { 'GET /opportunities/o1': { ...refusal(404, 'gone'), headers } },
      fakeTime(),
    );
    expect(await crm.readOpportunity('o1', call)).toBeNull();
    expect(await failure(crm.readOpportunity('o1', call))).toMatchObject({ daily: { resetInMs: null } });
    expect(sent).toHaveLength(1);
  });

  it('takes an id that is empty or made of dots for gone, and does not ask', async () => {
    const { crm, call, sent } = cannedCrm({});
    expect(await crm.readAppointment('..', call)).toBeNull();
    expect(await crm.readOpportunity(' ', call)).toBeNull();
    expect(sent).toEqual([]);
  });
});
