/** What the simulated portal refuses, how it says so, and that it counts. */
import { CONTACTS, DEALS, MEETINGS, NOTES, aDeal, aMeeting, createContact, linkTo, startPortal } from './portal-client';
import type { TestPortal } from './portal-client';

let portal: TestPortal;
beforeEach(async () => {
  portal = await startPortal();
});
afterEach(() => portal.close());

const contact = (properties: Record<string, unknown>): object => ({ properties });
const filters = (count: number): object[] =>
  Array.from({ length: count }, () => ({ propertyName: 'email', operator: 'HAS_PROPERTY' }));
const groups = (count: number, each: number): object => ({
  filterGroups: Array.from({ length: count }, () => ({ filters: filters(each) })),
});

interface Refused {
  readonly what: string;
  readonly request: readonly [method: string, path: string, body?: unknown];
  readonly status: number;
  /** `errors[0].code`, where the refusal is about a property. */
  readonly code?: string;
  readonly property?: string;
}

const refused: readonly Refused[] = [
  { what: 'an operation that does not exist', request: ['GET', '/crm/v9/contacts'], status: 404 },
  { what: 'a method that the path does not have', request: ['PUT', CONTACTS], status: 405 },
  { what: 'an object type that does not exist', request: ['GET', '/crm/objects/2026-09/contatcs/1'], status: 400 },
  { what: 'an unknown query parameter', request: ['GET', `${CONTACTS}/1?idProprety=email`], status: 400 },
  { what: 'an unknown body field', request: ['POST', CONTACTS, { properties: {}, propertys: {} }], status: 400 },
  { what: 'a body that is not JSON', request: ['POST', CONTACTS, '{"properties":'], status: 400 },
  {
    what: 'a number as a property value',
    request: ['POST', DEALS, contact({ dealname: 'A', amount: 5 })],
    status: 400,
  },
  { what: 'null as a property value', request: ['POST', CONTACTS, contact({ email: null })], status: 400 },
  {
    what: 'an unknown property',
    request: ['POST', CONTACTS, contact({ firstname: 'A', frist: 'B' })],
    status: 400,
    code: 'PROPERTY_DOESNT_EXIST',
    property: 'frist',
  },
  {
    what: 'an unknown property in a read',
    request: ['GET', `${CONTACTS}/1?properties=emial`],
    status: 400,
    code: 'PROPERTY_DOESNT_EXIST',
    property: 'emial',
  },
  {
    what: 'a read-only property',
    request: ['POST', CONTACTS, contact({ firstname: 'A', hs_object_id: '7' })],
    status: 400,
    code: 'READ_ONLY_VALUE',
    property: 'hs_object_id',
  },
  {
    what: 'a contact without any name or e-mail',
    request: ['POST', CONTACTS, contact({ phone: '+12025550101' })],
    status: 400,
    code: 'MISSING_REQUIRED_PROPERTY',
    property: 'email',
  },
  {
    what: 'a meeting without hs_timestamp',
    request: ['POST', MEETINGS, contact({ hs_meeting_title: 'A' })],
    status: 400,
    code: 'MISSING_REQUIRED_PROPERTY',
    property: 'hs_timestamp',
  },
  {
    what: 'a meeting whose hs_timestamp is not its start',
    request: ['POST', MEETINGS, aMeeting({ hs_timestamp: '2026-11-24T18:00:00Z' })],
    status: 400,
    code: 'INVALID_DATE',
    property: 'hs_timestamp',
  },
  {
    what: 'a meeting outcome spelt with two Ls',
    request: ['POST', MEETINGS, aMeeting({ hs_meeting_outcome: 'CANCELLED' })],
    status: 400,
    code: 'INVALID_OPTION',
    property: 'hs_meeting_outcome',
  },
  {
    what: 'a date that is none',
    request: ['POST', NOTES, contact({ hs_timestamp: 'tomorrow' })],
    status: 400,
    code: 'INVALID_DATE',
    property: 'hs_timestamp',
  },
  {
    what: 'an unknown owner',
    request: ['POST', MEETINGS, aMeeting({ hubspot_owner_id: '9001' })],
    status: 400,
    code: 'INVALID_OWNER_ID',
    property: 'hubspot_owner_id',
  },
  {
    what: 'an unknown pipeline',
    request: ['POST', DEALS, aDeal({ pipeline: 'sales' })],
    status: 400,
    code: 'INVALID_OPTION',
    property: 'pipeline',
  },
  {
    what: 'an unknown stage',
    request: ['POST', DEALS, aDeal({ dealstage: 'Closed Won' })],
    status: 400,
    code: 'INVALID_OPTION',
    property: 'dealstage',
  },
  {
    what: 'an association type that does not start at the object',
    request: ['POST', MEETINGS, { ...aMeeting(), associations: [linkTo('1', 3)] }],
    status: 400,
  },
  { what: 'more than five filter groups', request: ['POST', `${CONTACTS}/search`, groups(6, 1)], status: 400 },
  { what: 'more than six filters in a group', request: ['POST', `${CONTACTS}/search`, groups(1, 7)], status: 400 },
  { what: 'more than eighteen filters', request: ['POST', `${CONTACTS}/search`, groups(4, 5)], status: 400 },
  { what: 'a search limit above 200', request: ['POST', `${CONTACTS}/search`, { limit: 201 }], status: 400 },
  {
    what: 'a search operator in lower case',
    request: [
      'POST',
      `${CONTACTS}/search`,
      { filterGroups: [{ filters: [{ propertyName: 'email', operator: 'eq', value: 'a' }] }] },
    ],
    status: 400,
  },
  {
    what: 'IN with a single value',
    request: [
      'POST',
      `${CONTACTS}/search`,
      { filterGroups: [{ filters: [{ propertyName: 'email', operator: 'IN', value: 'a' }] }] },
    ],
    status: 400,
  },
  {
    what: 'a batch read without the properties that its contract asks for',
    request: ['POST', `${CONTACTS}/batch/read`, { inputs: [{ id: '1' }] }],
    status: 400,
  },
  { what: 'an idProperty that is not unique', request: ['GET', `${CONTACTS}/1?idProperty=phone`], status: 400 },
];

describe('the simulated portal refuses and counts', () => {
  test.each(refused)('$what', async ({ request: [method, path, body], status, code, property }) => {
    const answer = await portal.api(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      status: 'error',
      category: status === 400 ? 'VALIDATION_ERROR' : 'INVALID_REQUEST',
      message: expect.any(String),
      correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(answer.body.errors?.[0]?.code).toBe(code);
    expect(answer.body.errors?.[0]?.context?.['propertyName']?.[0]).toBe(property);
    expect(portal.hubspot.state().violations).toBe(1);
    expect(portal.hubspot.requests()).toMatchObject([{ applied: false, violation: expect.any(String) }]);
    expect(Object.values(portal.hubspot.state().objects).flat()).toEqual([]);
  });

  test('a call without a bearer token', async () => {
    const answer = await portal.api('GET', '/crm/owners/2026-09', undefined, { authorization: 'test-token' });
    expect(answer).toMatchObject({ status: 401, body: { category: 'INVALID_AUTHENTICATION' } });
    expect(portal.hubspot.state().violations).toBe(1);
  });

  test('a body that is not declared as JSON', async () => {
    const answer = await portal.api('POST', CONTACTS, contact({ email: 'a@example.com' }), {
      'content-type': 'text/plain',
    });
    expect(answer.status).toBe(415);
    expect(portal.hubspot.state().violations).toBe(1);
  });

  test('every problem of a body at once', async () => {
    const answer = await portal.api('POST', MEETINGS, aMeeting({ hs_meeting_outcome: 'no_show', nope: 'x' }));
    expect(answer.body.errors?.map(({ code }) => code)).toEqual(['INVALID_OPTION', 'PROPERTY_DOESNT_EXIST']);
  });
});

describe('the simulated portal refuses without blaming the caller', () => {
  afterEach(() => expect(portal.hubspot.state().violations).toBe(0));

  test('a record that does not exist', async () => {
    const answer = await portal.api('GET', `${CONTACTS}/999`);
    expect(answer).toMatchObject({ status: 404, body: { category: 'OBJECT_NOT_FOUND' } });
  });

  test('a misspelt e-mail address, which a guest typed', async () => {
    const answer = await portal.api('POST', CONTACTS, contact({ email: 'sample.guest@' }));
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ code: 'INVALID_EMAIL' }] } });
  });

  test('an expired and a revoked token', async () => {
    portal.hubspot.changeSettings({ token: 'expired' });
    expect((await portal.api('GET', '/crm/owners/2026-09')).body.category).toBe('EXPIRED_AUTHENTICATION');
    portal.hubspot.changeSettings({ token: 'revoked' });
    expect(await portal.api('GET', '/crm/owners/2026-09')).toMatchObject({
      status: 401,
      body: { category: 'INVALID_AUTHENTICATION' },
    });
  });

  test('a scope that the app was not granted, named in the answer', async () => {
    portal.hubspot.changeSettings({ missingScopes: ['crm.objects.deals.write'] });
    expect(await portal.api('POST', DEALS, aDeal())).toMatchObject({
      status: 403,
      body: {
        category: 'MISSING_SCOPES',
        errors: [{ context: { requiredGranularScopes: ['crm.objects.deals.write'] } }],
      },
    });
    expect((await portal.api('POST', CONTACTS, contact({ email: 'a@example.com' }))).status).toBe(201);
  });

  test("a stage move that a rule of the portal's admin forbids", async () => {
    const rule = { objectType: 'deals', property: 'dealstage', value: 'closedwon', requires: 'amount' } as const;
    portal.hubspot.changeSettings({ conditionalRules: [rule] });
    const { body } = await portal.api('POST', DEALS, aDeal());
    const move = await portal.api('PATCH', `${DEALS}/${body.id}`, contact({ dealstage: 'closedwon' }));
    expect(move.body.errors?.[0]).toMatchObject({
      code: 'MISSING_CONDITIONAL_REQUIRED_PROPERTY',
      context: { propertyName: ['amount'] },
    });
    const filled = await portal.api('PATCH', `${DEALS}/${body.id}`, contact({ dealstage: 'closedwon', amount: '5' }));
    expect(filled.status).toBe(200);
  });

  test('the request after the last one that the ten seconds allow, and takes it when they are over', async () => {
    portal.hubspot.changeSettings({ rateLimits: { tenSecondly: 2, searchPerSecond: 5 } });
    const ask = () => portal.api('GET', '/crm/owners/2026-09');
    expect((await ask()).headers.get('x-hubspot-ratelimit-remaining')).toBe('1');
    expect((await ask()).headers.get('x-hubspot-ratelimit-remaining')).toBe('0');
    const tooMany = await ask();
    expect(tooMany).toMatchObject({ status: 429, body: { policyName: 'TEN_SECONDLY_ROLLING' } });
    expect(tooMany.headers.get('x-hubspot-ratelimit-max')).toBe('2');
    portal.clock.nowMs += 10_000;
    expect((await ask()).status).toBe(200);
  });

  test('the sixth search of a second, without rate-limit headers and outside the other window', async () => {
    portal.hubspot.changeSettings({ rateLimits: { tenSecondly: 1, searchPerSecond: 5 } });
    const ask = () => portal.api('POST', `${CONTACTS}/search`, {});
    for (let n = 0; n < 5; n += 1) expect((await ask()).status).toBe(200);
    const tooMany = await ask();
    expect(tooMany).toMatchObject({ status: 429, body: { policyName: 'SECONDLY' } });
    expect(tooMany.headers.get('x-hubspot-ratelimit-max')).toBeNull();
    expect((await portal.api('GET', '/crm/owners/2026-09')).status).toBe(200);
  });

  test('nothing at all when the limits are switched off', async () => {
    portal.hubspot.changeSettings({ rateLimits: null });
    for (let n = 0; n < 10; n += 1) expect((await portal.api('POST', `${CONTACTS}/search`, {})).status).toBe(200);
  });
});

test('a contact that is named in a request never shows up in the journal beyond the path', async () => {
  await createContact(portal.api, { email: 'sample.guest@example.com' });
  expect(JSON.stringify(portal.hubspot.requests())).not.toContain('sample.guest');
});
