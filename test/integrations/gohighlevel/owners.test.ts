import { cannedCrm, failure, refusal } from './canned-transport';

const location = { json: { location: { id: 'loc-1', companyId: 'company-1' } } };
const users = (...list: object[]) => ({ json: { users: list } });
const host = { id: 'user-1', email: 'Host@Example.com' };
const routes = (answer: object) => ({ 'GET /locations/loc-1': location, 'GET /users/search': answer });

describe('finding the host among HighLevel’s users', () => {
  it('searches the company of the location, and believes an equal e-mail only', async () => {
    const other = { id: 'user-2', email: 'other-host@example.com' };
    const gone = { id: 'user-0', email: 'host@example.com', deleted: true };
    const { crm, call, sent } = cannedCrm(routes(users(gone, other, host)));
    expect(await crm.findOwner(' HOST@example.com', call)).toEqual({ id: 'user-1' });
    expect(await crm.findOwner('nobody@example.com', call)).toBeNull();
    expect(await crm.findOwner(' ', call)).toBeNull();
    expect(sent.map(({ path }) => path)).toEqual([
      '/locations/loc-1',
      '/users/search?companyId=company-1&locationId=loc-1&limit=100&query=host%40example.com',
      '/users/search?companyId=company-1&locationId=loc-1&limit=100&query=nobody%40example.com',
    ]);
  });

  it('lists the location’s users under the dated versions', async () => {
    const { crm, call, sent } = cannedCrm({ 'GET /users/': users(host) }, { apiVersion: 'dated' });
    expect(await crm.findOwner('host@example.com', call)).toEqual({ id: 'user-1' });
    expect(sent.map(({ path }) => path)).toEqual(['/users/?locationId=loc-1']);
  });

  it('remembers for ten minutes who it was, and that it was nobody', async () => {
    let nowMs = 0;
    const { crm, call, sent } = cannedCrm(routes(users(host)), { now: () => nowMs });
    const ask = async () => {
      await crm.findOwner('host@example.com', call);
      await crm.findOwner('nobody@example.com', call);
      return sent.length;
    };
    expect(await ask()).toBe(3);
    nowMs += 10 * 60_000 - 1;
    expect(await ask()).toBe(3);
    nowMs += 1;
    expect(await ask()).toBe(5);
  });

  it('goes without an owner where our kind of token may not read users', async () => {
    const message = 'This route is not yet supported by the IAM Service. Please update your IAM config.';
    const { crm, call } = cannedCrm(routes(refusal(401, message)));
    expect(await crm.findOwner('host@example.com', call)).toBeNull();
  });

  it.each([
    ['a missing scope', routes(refusal(401, 'The token is not authorized for this scope.')), 'scope_missing'],
    ['an outage', routes({ status: 503 }), 'unavailable'],
    ['a location without a company', { 'GET /locations/loc-1': { json: { location: {} } } }, 'contract_violation'],
  ])('says so, and remembers nothing, at %s', async (_what, given, errorClass) => {
    const { crm, call, sent } = cannedCrm(given);
    expect((await failure(crm.findOwner('host@example.com', call))).errorClass).toBe(errorClass);
    const before = sent.length;
    await failure(crm.findOwner('host@example.com', call));
    expect(sent.length).toBeGreaterThan(before);
  });
});
