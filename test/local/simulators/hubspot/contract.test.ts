/** The simulated portal against HubSpot's contract files: what it takes, and what it answers. */
import { oauthOperations } from '../../../../local/simulators/hubspot/oauth';
import { operations } from '../../../../local/simulators/hubspot/router';
import { loadContract } from './contract-files';
import type { Contract } from './contract-files';
import {
  CONTACTS,
  DEALS,
  MEETINGS,
  NOTES,
  aDeal,
  aKey,
  aMeeting,
  linkTo,
  propertiesOf,
  startPortal,
} from './portal-client';
import type { ApiBody, TestPortal } from './portal-client';

const contract = loadContract();
/** Without the folder there is nothing to compare with; `loadContract` has said so. */
const withContract = (check: (contract: Contract) => Promise<void> | void) => async (): Promise<void> => {
  if (contract !== null) await check(contract);
};

/** HubSpot's reference has it; the files, made from what its client calls, have not. */
const MERGE = 'POST /crm/objects/2026-09/{objectType}/merge';
const isInContract = (name: string): boolean => name !== MERGE;
const nameOf = ({ method, template }: { readonly method: string; readonly template: string }): string =>
  `${method} ${template}`;

let portal: TestPortal;
beforeEach(async () => {
  portal = await startPortal();
  portal.hubspot.changeSettings({ searchLagMs: 0 });
});
afterEach(() => portal.close());

test(
  "every operation and query parameter of the portal is in HubSpot's contract",
  withContract(({ queryOf }) => {
    const oauth = oauthOperations.map((operation) => ({ ...operation, query: [] }));
    const invented = [...operations, ...oauth].flatMap(({ method, template, query }) => {
      const known = queryOf(method, template);
      const named = nameOf({ method, template });
      if (!isInContract(named)) return [];
      return known === null ? [named] : query.filter((name) => !known.includes(name)).map((name) => `${named}?${name}`);
    });
    expect(invented).toEqual([]);
  }),
);

test(
  'the comparison notices answers that the contract does not know',
  withContract(({ answerProblems }) => {
    const path = '/crm/objects/2026-09/{objectType}';
    const at = '2026-11-23T09:00:00.000Z';
    const body = { id: '1', properties: { email: null }, createdAt: at, updatedAt: at, archived: false };
    expect(answerProblems('POST', path, { status: 201, body })).toEqual([]);
    for (const wrong of [
      { status: 200, body },
      { status: 201, body: { ...body, id: 1 } },
      { status: 201, body: { ...body, url: 'https://example.com' } },
      { status: 201, body: { ...body, createdAt: 'yesterday' } },
      { status: 400, body: { status: 'error' } },
    ]) {
      expect(answerProblems('POST', path, wrong)).not.toEqual([]);
    }
  }),
);

interface Exchange {
  readonly operation: string;
  readonly status: number;
  readonly problems: readonly string[];
}

/** Sends a request and holds it and its answer against the contract. */
async function compared(
  known: Contract,
  method: string,
  path: string,
  body?: unknown,
): Promise<Exchange & { body: ApiBody }> {
  const response = await fetch(`${portal.simulators.url}/hubspot${path}`, {
    method,
    headers: { authorization: 'Bearer t', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as ApiBody) };
  const template = known.templateOf(method, path.replace(/\?.*$/, ''));
  if (template === null) throw new Error(`${method} ${path} is not in the contract.`);
  const asked = known.requestProblems(method, template, body).map((problem) => `request: ${problem}`);
  const answered = known.answerProblems(method, template, answer).map((problem) => `answer: ${problem}`);
  return {
    operation: `${method} ${template}`,
    status: answer.status,
    problems: [...asked, ...answered],
    body: answer.body ?? {},
  };
}

test(
  'a whole story, one exchange for each operation at least, fits the contract in requests and answers',
  withContract(async (known) => {
    const seen: Exchange[] = [];
    const call = async (method: string, path: string, body?: unknown): Promise<ApiBody> => {
      const exchange = await compared(known, method, path, body);
      seen.push(exchange);
      return exchange.body;
    };
    const guest = { properties: { email: 'sample.guest@example.com', phone: '+1 202 555 0101' } };
    const { id: contactId = '' } = await call('POST', CONTACTS, { ...guest, associations: [] });
    const { id: dealId = '' } = await call('POST', DEALS, { ...aDeal(), associations: [linkTo(contactId, 3)] });
    const { id: meetingId = '' } = await call('POST', MEETINGS, {
      ...aMeeting({ hubspot_owner_id: '77001' }),
      associations: [linkTo(contactId, 200), linkTo(dealId, 212)],
    });
    const { id: noteId = '' } = await call('POST', NOTES, { properties: { hs_timestamp: '2026-11-23T09:00:00Z' } });
    await call('PUT', `${NOTES}/${noteId}/associations/default/contacts/${contactId}`);
    await call('PUT', `${NOTES}/${noteId}/associations/deals/${dealId}`, [
      { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 214 },
    ]);
    await call('POST', '/crm/associations/2026-09/contacts/meetings/batch/read', { inputs: [{ id: contactId }] });
    await call('POST', '/crm/associations/2026-09/contacts/meetings/batch/read', { inputs: [{ id: '1' }] });
    await call('GET', `${CONTACTS}/sample.guest@example.com?idProperty=email&properties=phone&associations=meetings`);
    const reads = { properties: ['hs_meeting_outcome'], propertiesWithHistory: [] };
    await call('POST', `${MEETINGS}/batch/read`, { ...reads, inputs: [{ id: meetingId }] });
    await call('POST', `${MEETINGS}/batch/read`, { ...reads, inputs: [{ id: '1' }] });
    await call('PATCH', `${MEETINGS}/${meetingId}`, { properties: { hs_meeting_outcome: 'COMPLETED' } });
    await call('POST', `${CONTACTS}/search`, {
      filterGroups: [{ filters: [{ propertyName: 'email', operator: 'IN', values: ['sample.guest@example.com'] }] }],
      sorts: ['createdate'],
      properties: ['email'],
      limit: 1,
    });
    for (const path of [
      'pipelines/2026-09/deals',
      'pipelines/2026-09/deals/default',
      'owners/2026-09',
      'owners/2026-09/77001',
    ]) {
      await call('GET', `/crm/${path}`);
    }
    await call('GET', '/crm/pipelines/2026-09/deals/default/stages');
    await call('GET', '/crm/owners/2026-09?email=host@example.com&limit=1&archived=false');
    for (const type of ['contacts', 'meetings', 'deals', 'notes']) await call('GET', `/crm/properties/2026-09/${type}`);
    await call('GET', '/crm/properties/2026-09/deals/dealstage');
    await call('GET', `${CONTACTS}?limit=1&properties=email&associations=meetings`);
    const forContacts = propertiesOf('contacts');
    await call('POST', `${forContacts}/groups`, { name: 'bookings', label: 'Bookings' });
    await call('GET', `${forContacts}/groups`);
    await call('GET', `${forContacts}/groups/bookings`);
    await call('POST', forContacts, aKey('booking_key', { groupName: 'bookings' }));
    await call('PATCH', `${forContacts}/booking_key`, { label: 'Key' });
    await call('POST', `${forContacts}/batch/create`, { inputs: [aKey('other_key'), aKey('booking_key')] });
    await call('POST', `${forContacts}/batch/create`, { inputs: [aKey('third_key')] });
    await call('POST', `${forContacts}/batch/read`, { archived: false, inputs: [{ name: 'email' }, { name: 'nope' }] });
    const byKey = { id: 'p:1', idProperty: 'booking_key', objectWriteTraceId: 'a' };
    for (const properties of [{ firstname: 'Sample' }, { lastname: 'Guest' }, { lifecyclestage: 'nope' }]) {
      await call('POST', `${CONTACTS}/batch/upsert`, { inputs: [{ ...byKey, properties }] });
    }
    await call('POST', `${CONTACTS}/batch/update`, { inputs: [{ ...byKey, properties: { phone: '+12025550102' } }] });
    const rows = [aDeal(), aDeal({ dealstage: 'nope' })];
    await call('POST', `${DEALS}/batch/create`, {
      inputs: rows.map((row, index) => ({ ...row, objectWriteTraceId: `row-${index}` })),
    });
    await call('DELETE', `${NOTES}/${noteId}/associations/deals/${dealId}`);
    await call('DELETE', `${NOTES}/${noteId}`);
    await call('GET', `${NOTES}/${noteId}?archived=true`);

    expect(seen.filter(({ problems, status }) => problems.length > 0 || status >= 300)).toEqual([]);
    const exercised = new Set(seen.map(({ operation }) => operation));
    expect(
      operations
        .map(nameOf)
        .filter(isInContract)
        .filter((name) => !exercised.has(name)),
    ).toEqual([]);
    // The rows and properties that were wrong on purpose.
    expect(portal.hubspot.state().violations).toBe(2);
  }),
);

test(
  'refusals have the shape that the contract gives to errors',
  withContract(async (known) => {
    await portal.api('POST', CONTACTS, { properties: { email: 'sample.guest@example.com' } });
    await portal.api('POST', propertiesOf('contacts'), aKey('booking_key'));
    const refusals = [
      await compared(known, 'POST', propertiesOf('contacts'), aKey('booking_key')),
      await compared(known, 'POST', CONTACTS, { properties: { email: 'sample.guest@example.com' } }),
      await compared(known, 'POST', CONTACTS, { properties: { emial: 'a@example.com' } }),
      await compared(known, 'GET', `${CONTACTS}/999`),
    ];
    portal.hubspot.changeSettings({ missingScopes: ['crm.objects.owners.read'] });
    refusals.push(await compared(known, 'GET', '/crm/owners/2026-09'));
    portal.hubspot.changeSettings({ token: 'expired' });
    refusals.push(await compared(known, 'GET', '/crm/owners/2026-09'));
    for (const status of [500, 503]) {
      portal.hubspot.setFaults([{ status }]);
      refusals.push(await compared(known, 'GET', '/crm/owners/2026-09'));
    }
    expect(refusals.map(({ status }) => status)).toEqual([409, 409, 400, 404, 403, 401, 500, 503]);
    expect(refusals.flatMap(({ problems }) => problems)).toEqual([]);
  }),
);

test(
  "OAuth's answers and refusals fit the contract",
  withContract(async (known) => {
    const client = { client_id: 'hubspot-demo-client', client_secret: 'hubspot-demo-secret' };
    const redirectUri = 'https://booksync.example.com/callback';
    const consent = { ...client, redirect_uri: redirectUri, scope: 'crm.objects.owners.read', decision: 'grant' };
    const authorize = `${portal.simulators.url}/hubspot/oauth/authorize`;
    const body = new URLSearchParams(consent);
    const granted = await fetch(authorize, { method: 'POST', body, redirect: 'manual' });
    const code = new URL(granted.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const problems: string[] = [];
    const post = async (path: string, fields: Record<string, string>): Promise<Record<string, unknown>> => {
      const form = { ...client, ...fields };
      const url = `${portal.simulators.url}/hubspot${path}`;
      const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
      const text = await response.text();
      const answer = { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
      problems.push(...known.requestProblems('POST', path, form), ...known.answerProblems('POST', path, answer));
      return (answer.body ?? {}) as Record<string, unknown>;
    };
    const path = '/oauth/2026-03/token';
    const tokens = await post(path, { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
    const token = String(tokens['refresh_token']);
    await post(path, { grant_type: 'refresh_token', refresh_token: token });
    for (const asked of [token, String(tokens['access_token'])]) await post(`${path}/introspect`, { token: asked });
    await post(`${path}/revoke`, { token });
    await post(`${path}/introspect`, { token });
    const refused = await post(path, { grant_type: 'refresh_token', refresh_token: token });
    expect(refused['status']).toBe('BAD_REFRESH_TOKEN');
    expect(problems).toEqual([]);
  }),
);

test(
  'a merge answers with a record as all other operations do',
  withContract(async (known) => {
    const ids: string[] = [];
    for (const firstname of ['A', 'B']) {
      ids.push((await portal.api('POST', CONTACTS, { properties: { firstname } })).body.id ?? '');
    }
    const body = { primaryObjectId: ids[0], objectIdToMerge: ids[1] };
    const answer = await portal.api('POST', `${CONTACTS}/merge`, body);
    const like = '/crm/objects/2026-09/{objectType}/{objectId}';
    expect(known.answerProblems('PATCH', like, { status: answer.status, body: answer.body })).toEqual([]);
  }),
);

const outsideTheContract: readonly (readonly [string, string, string, unknown])[] = [
  ['a create without properties', 'POST', CONTACTS, {}],
  ['a create with an unknown field', 'POST', CONTACTS, { properties: {}, objectWriteTraceId: 'a' }],
  ['a number as a property value', 'POST', DEALS, { properties: { dealname: 'A', amount: 1 } }],
  ['an association id that is a number', 'POST', DEALS, { ...aDeal(), associations: [{ to: { id: 1 }, types: [] }] }],
  [
    'an unknown association category',
    'POST',
    DEALS,
    { ...aDeal(), associations: [{ to: { id: '1' }, types: [{ associationCategory: 'WORK', associationTypeId: 3 }] }] },
  ],
  [
    'an unknown search operator',
    'POST',
    `${CONTACTS}/search`,
    { filterGroups: [{ filters: [{ propertyName: 'email', operator: 'LIKE', value: 'a' }] }] },
  ],
  [
    'a filter without a property',
    'POST',
    `${CONTACTS}/search`,
    { filterGroups: [{ filters: [{ operator: 'EQ', value: 'a' }] }] },
  ],
  ['an upsert without ids', 'POST', `${CONTACTS}/batch/upsert`, { inputs: [{ properties: { firstname: 'A' } }] }],
  ['a property without a group', 'POST', propertiesOf('contacts'), aKey('booking_key', { groupName: undefined })],
  ['a search limit that is text', 'POST', `${CONTACTS}/search`, { limit: '10' }],
  ['a batch read without its lists', 'POST', `${CONTACTS}/batch/read`, { inputs: [{ id: '1' }] }],
  [
    'an association read by number',
    'POST',
    '/crm/associations/2026-09/contacts/deals/batch/read',
    { inputs: [{ id: 1 }] },
  ],
];

test.each(outsideTheContract)(
  'what the contract refuses, the portal refuses and counts: %s',
  async (_what, method, path, body) => {
    expect((await portal.api(method, path, body)).status).toBe(400);
    expect(portal.hubspot.state().violations).toBe(1);
    const template = contract?.templateOf(method, path);
    if (contract === null || typeof template !== 'string') return;
    expect(contract.requestProblems(method, template, body)).not.toEqual([]);
  },
);
