import {
  appointment,
  cannedCrm,
  keyProperty,
  links,
  record,
  withKeys,
  type Canned,
  type Routes,
} from './canned-transport';
import { referenceLine } from '../../../integrations/reference';

const PROPERTIES = '/crm/properties/2026-09';
const MEETINGS = '/crm/objects/2026-09/meetings';
const LINKS = '/crm/associations/2026-09/contacts';
const KEY = appointment().externalKey;
const BY_KEY = `GET ${MEETINGS}/${encodeURIComponent(KEY)}?idProperty=booksync_key`;
const QUESTION = `GET ${PROPERTIES}/meetings/booksync_key`;
const ABSENT: Canned = { status: 404, json: { status: 'error', category: 'OBJECT_NOT_FOUND', message: 'not found' } };
const EXISTS: Canned = { status: 409, json: { status: 'error', category: 'OBJECT_ALREADY_EXISTS', message: 'exists' } };
const refusal = (status: number, more: object = {}): Canned => ({ status, json: { message: 'no', ...more } });
const aboutKey = (code: string) =>
  refusal(400, { errors: [{ message: 'x', code, context: { propertyName: ['booksync_key'] } }] });
const NO_SCOPE = refusal(403, {
  category: 'MISSING_SCOPES',
  errors: [{ message: 'x', context: { requiredGranularScopes: ['crm.schemas.meetings.write'] } }],
});

describe('setting a HubSpot account up', () => {
  const each = (answers: (type: string) => Routes): Routes => ({ ...answers('meetings'), ...answers('deals') });
  const setUp = (routes: Routes) => {
    const { crm, call, sent } = cannedCrm(routes);
    return { crm, call, sent, report: crm.ensureSetup(call) };
  };

  it('makes a unique, hidden text property in a group of its own on meetings and deals', async () => {
    const { report, sent } = setUp(
      each((type) => ({
        [`GET ${PROPERTIES}/${type}/booksync_key`]: [ABSENT, { json: keyProperty() }],
        [`POST ${PROPERTIES}/${type}/groups`]: { status: 201, json: {} },
        [`POST ${PROPERTIES}/${type}`]: { status: 201, json: keyProperty() },
      })),
    );
    expect(await report).toMatchObject({ done: [expect.any(String), expect.any(String)], missing: [] });
    const posted = sent.filter(({ method }) => method === 'POST');
    expect(posted.map(({ path }) => path.slice(PROPERTIES.length))).toEqual([
      ...['/meetings/groups', '/meetings', '/deals/groups', '/deals'],
    ]);
    const wanted = { name: 'booksync_key', type: 'string', hasUniqueValue: true, hidden: true, groupName: 'booksync' };
    expect(posted[1]?.body).toMatchObject(wanted);
    expect(posted[0]?.body).toMatchObject({ name: 'booksync' });
  });

  it('changes nothing when it is repeated', async () => {
    const { report, sent } = setUp(withKeys());
    expect((await report).missing).toEqual([]);
    expect(sent.map(({ method }) => method)).toEqual(['GET', 'GET']);
  });

  it('takes what another process made at the same time for its own', async () => {
    const { report } = setUp(
      each((type) => ({
        [`GET ${PROPERTIES}/${type}/booksync_key`]: [ABSENT, { json: keyProperty() }],
        [`POST ${PROPERTIES}/${type}`]: EXISTS,
      })),
    );
    expect((await report).missing).toEqual([]);
  });

  it.each([
    ['a scope is missing', NO_SCOPE, 'crm.schemas.meetings.write'],
    ['the account takes no further unique property', refusal(400), 'HTTP 400'],
  ])('reports what is lost when %s, and goes on with the rest', async (_what, refused, words) => {
    const { report, sent, crm, call } = setUp({
      ...withKeys(),
      [QUESTION]: ABSENT,
      [`POST ${PROPERTIES}/meetings`]: refused,
      [`POST ${MEETINGS}`]: { status: 201, json: record('501') },
    });
    const { done, missing } = await report;
    expect(done).toEqual(['deals have the unique property booksync_key']);
    expect(missing).toHaveLength(1);
    expect(missing[0]).toContain(words);
    expect(missing[0]).toContain('second meeting');
    const before = sent.length;
    await crm.createAppointment(appointment(), call);
    expect(sent).toHaveLength(before + 1);
  });

  it('reports a property of that name that is not unique, because that can not be changed', async () => {
    const { report, sent } = setUp({ ...withKeys(), [QUESTION]: { json: keyProperty({ hasUniqueValue: false }) } });
    expect((await report).missing[0]).toContain('not unique');
    expect(sent.every(({ method }) => method === 'GET')).toBe(true);
  });

  it.each([
    ['HubSpot is away', refusal(503), 'unavailable'],
    ['the token is dead', refusal(401), 'reauth_required'],
  ])('fails as every call does when %s', async (_what, answer, errorClass) => {
    await expect(setUp({ ...withKeys(), [QUESTION]: answer }).report).rejects.toMatchObject({ errorClass });
  });
});

describe('a meeting with its key', () => {
  const found = (key: string) => ({
    json: { results: [record('77', { hs_meeting_body: `<p>${referenceLine(key)}</p>` })] },
  });
  const byReference: Routes = {
    [`POST ${LINKS}/meetings/batch/read`]: { json: links(['77']) },
    [`POST ${MEETINGS}/batch/read`]: found(KEY),
  };
  const NOW_MS = Date.UTC(2026, 10, 21);
  const DAY_MS = 86_400_000;

  it('is asked about the property once, however many there are, and again after an hour', async () => {
    let nowMs = NOW_MS;
    const routes = { ...withKeys(), [`POST ${MEETINGS}`]: { status: 201, json: record('501') } };
    const { crm, call, sent } = cannedCrm(routes, { now: () => nowMs });
    const questions = () => sent.filter(({ path }) => path.startsWith(PROPERTIES)).length;
    await Promise.all([crm.createAppointment(appointment(), call), crm.createAppointment(appointment(), call)]);
    nowMs += 3_599_999;
    await crm.createAppointment(appointment(), call);
    expect(questions()).toBe(1);
    nowMs += 1;
    await crm.createAppointment(appointment(), call);
    expect(questions()).toBe(2);
    expect(sent.at(-1)?.body).toMatchObject({ properties: { booksync_key: KEY } });
  });

  it('is not asked about the property at all after a set-up', async () => {
    const { crm, call, sent } = cannedCrm({
      ...withKeys(),
      [`POST ${MEETINGS}`]: { status: 201, json: record('501') },
    });
    await crm.ensureSetup(call);
    const before = sent.length;
    await crm.createAppointment(appointment(), call);
    expect(sent.slice(before).map(({ method }) => method)).toEqual(['POST']);
  });

  it('never writes the key on an update: a merged booking’s meeting keeps the key that it was made with', async () => {
    const { crm, call, sent } = cannedCrm({ ...withKeys(), [`PATCH ${MEETINGS}/501`]: { json: record('501') } });
    await crm.updateAppointment('501', appointment(), call);
    expect(JSON.stringify(sent[0]?.body)).not.toContain('booksync_key');
  });

  it.each([
    ['409', EXISTS],
    ['400', aboutKey('CONFLICTING_UNIQUE_VALUE')],
  ])('is adopted when a former call made it (HTTP %s), and shows the newest fields', async (_status, conflict) => {
    const { crm, call, sent } = cannedCrm({
      ...withKeys(),
      [`POST ${MEETINGS}`]: conflict,
      [BY_KEY]: { json: record('501') },
      [`PATCH ${MEETINGS}/501`]: { json: record('501') },
    });
    expect(await crm.createAppointment(appointment({ status: 'canceled' }), call)).toEqual({ id: '501' });
    expect(sent.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'PATCH']);
    expect(sent[3]?.body).toMatchObject({ properties: { hs_meeting_outcome: 'CANCELED' } });
  });

  it('that can not be read although HubSpot says it is there is no success', async () => {
    const { crm, call } = cannedCrm({ ...withKeys(), [`POST ${MEETINGS}`]: EXISTS, [BY_KEY]: ABSENT });
    await expect(crm.createAppointment(appointment(), call)).rejects.toMatchObject({ errorClass: 'invalid_data' });
  });

  it('is made without it when somebody removed the property meanwhile', async () => {
    const { crm, call, sent } = cannedCrm({
      ...withKeys(),
      [`POST ${MEETINGS}`]: [aboutKey('PROPERTY_DOESNT_EXIST'), { status: 201, json: record('501') }],
    });
    expect(await crm.createAppointment(appointment(), call)).toEqual({ id: '501' });
    expect(JSON.stringify(sent.at(-1)?.body)).not.toContain('booksync_key');
    await crm.createAppointment(appointment(), call);
    expect(sent).toHaveLength(4);
  });

  it('is found by it in one call', async () => {
    const { crm, call, sent } = cannedCrm({ ...withKeys(), [BY_KEY]: { json: record('501') } });
    expect(await crm.findAppointment(KEY, '101', call)).toEqual({ id: '501' });
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['is a month old', new Date(NOW_MS - 30 * DAY_MS).toISOString(), null],
    ['is younger', new Date(NOW_MS - 29 * DAY_MS).toISOString(), { id: '77' }],
    ['does not say how old it is', undefined, { id: '77' }],
  ])('is looked for by its reference too, unless the property %s', async (_what, createdAt, expected) => {
    const { crm, call } = cannedCrm(
      { ...withKeys(createdAt), ...byReference, [BY_KEY]: ABSENT },
      { now: () => NOW_MS },
    );
    expect(await crm.findAppointment(KEY, '101', call)).toEqual(expected);
  });

  it.each([
    ['the property is no longer unique', { [BY_KEY]: refusal(400) }],
    ['the account does not show its properties', { [QUESTION]: NO_SCOPE }],
  ])('is looked for by its reference when %s', async (_what, routes) => {
    const { crm, call } = cannedCrm({ ...withKeys('2020-01-01T00:00:00Z'), ...byReference, ...routes });
    expect(await crm.findAppointment(KEY, '101', call)).toEqual({ id: '77' });
  });

  it('is not created as long as it is not known whether there is such a property', async () => {
    const { crm, call, sent } = cannedCrm({ [QUESTION]: refusal(503) });
    await expect(crm.createAppointment(appointment(), call)).rejects.toMatchObject({ errorClass: 'unavailable' });
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([QUESTION, QUESTION]);
  });
});
