import type { PersonFields, PersonQuery } from '../../../integrations/ports';
import { cannedCrm, record, type Routes } from './canned-transport';

const CONTACTS = '/crm/objects/2026-09/contacts';
const GONE = { status: 404, json: { status: 'error', category: 'OBJECT_NOT_FOUND', message: 'resource not found' } };
const TAKEN = (message: string) => ({ status: 409, json: { status: 'error', category: 'CONFLICT', message } });

const query = (more: Partial<PersonQuery>): PersonQuery => ({ linkedId: null, emails: [], phones: [], ...more });
const fields = (more: Partial<PersonFields>): PersonFields => ({
  email: null,
  phone: null,
  firstName: null,
  lastName: null,
  ...more,
});
const found = (...contacts: object[]) => ({ json: { total: contacts.length, results: contacts } });

describe('finding a person in HubSpot', () => {
  const resolve = (routes: Routes, more: Partial<PersonQuery>) => {
    const { crm, call, sent } = cannedCrm(routes);
    return { sent, match: crm.resolvePerson(query(more), call) };
  };

  it('takes the linked id first and asks nothing else', async () => {
    const { match, sent } = resolve(
      { [`GET ${CONTACTS}/7`]: { json: record('7') } },
      { linkedId: '7', emails: ['a@example.com'] },
    );
    expect(await match).toEqual({ kind: 'one', id: '7', matchedOn: 'link' });
    expect(sent).toHaveLength(1);
  });

  it('follows a merge: the surviving contact’s id is the one to keep', async () => {
    const { match } = resolve({ [`GET ${CONTACTS}/7`]: { json: record('9') } }, { linkedId: '7' });
    expect(await match).toEqual({ kind: 'one', id: '9', matchedOn: 'link' });
  });

  it.each([
    ['is gone', '7', GONE],
    ['is archived', '7', { json: record('7', {}, { archived: true }) }],
    ['was never a HubSpot id', 'crm/../7', GONE],
  ])('goes on to the e-mail when the linked contact %s', async (_what, linkedId, linked) => {
    const { match } = resolve(
      { [`GET ${CONTACTS}/7`]: linked, [`GET ${CONTACTS}/a%40example.com`]: { json: record('8') } },
      { linkedId, emails: [' A@Example.com '] },
    );
    expect(await match).toEqual({ kind: 'one', id: '8', matchedOn: 'email' });
  });

  it('reports every contact when two e-mails belong to two people, and one when both are the same', async () => {
    const routes = (second: string): Routes => ({
      [`GET ${CONTACTS}/a%40example.com`]: { json: record('8') },
      [`GET ${CONTACTS}/b%40example.com`]: { json: record(second) },
    });
    const emails = ['a@example.com', 'b@example.com'];
    expect(await resolve(routes('9'), { emails }).match).toEqual({ kind: 'many', matchedOn: 'email', ids: ['8', '9'] });
    expect(await resolve(routes('8'), { emails }).match).toEqual({ kind: 'one', matchedOn: 'email', id: '8' });
  });

  it('searches a phone without its country code and keeps only full matches', async () => {
    const { match, sent } = resolve(
      {
        [`POST ${CONTACTS}/search`]: found(
          record('1', { phone: '(202) 555-0143' }),
          record('2', { phone: '+44 2025550143' }),
          record('3', { phone: null, mobilephone: '+1 202-555-0143' }),
          record('4', { phone: '+1 202 555 0143' }, { archived: true }),
          record('5', { phone: '202 555 0144' }),
        ),
      },
      { phones: ['+12025550143', '+12025550143'] },
    );
    expect(await match).toEqual({ kind: 'many', matchedOn: 'phone', ids: ['1', '3'] });
    expect(sent).toHaveLength(1);
    expect(JSON.stringify(sent[0]?.body)).toContain('"value":"2025550143"');
  });

  it('reads every page of a phone search', async () => {
    const { match } = resolve(
      {
        [`POST ${CONTACTS}/search`]: [
          { json: { total: 2, results: [record('1', { phone: '+12025550144' })], paging: { next: { after: '1' } } } },
          found(record('2', { phone: '+12025550143' })),
        ],
      },
      { phones: ['+12025550143'] },
    );
    expect(await match).toEqual({ kind: 'one', matchedOn: 'phone', id: '2' });
  });

  it('says that nobody matches, also for a phone that is no phone', async () => {
    expect(await resolve({ [`GET ${CONTACTS}/`]: GONE }, { emails: ['a@example.com'], phones: ['123'] }).match).toEqual(
      { kind: 'none' },
    );
  });
});

describe('creating a person in HubSpot', () => {
  it('sends only what is known', async () => {
    const { crm, call, sent } = cannedCrm({ [`POST ${CONTACTS}`]: { status: 201, json: record('11') } });
    expect(await crm.createPerson(fields({ email: 'a@example.com', firstName: ' ' }), call)).toEqual({
      id: '11',
      created: true,
    });
    expect(sent[0]?.body).toEqual({ properties: { email: 'a@example.com' }, associations: [] });
  });

  it('adopts the contact that the conflict names', async () => {
    const { crm, call } = cannedCrm({ [`POST ${CONTACTS}`]: TAKEN('Contact already exists. Existing ID: 6001') });
    expect(await crm.createPerson(fields({ email: 'a@example.com' }), call)).toEqual({ id: '6001', created: false });
  });

  it('looks the contact up by its e-mail where the conflict names none', async () => {
    const { crm, call } = cannedCrm({
      [`POST ${CONTACTS}`]: TAKEN('Contact already exists.'),
      [`GET ${CONTACTS}/a%40example.com`]: { json: record('6002') },
    });
    expect(await crm.createPerson(fields({ email: 'a@example.com' }), call)).toEqual({ id: '6002', created: false });
  });

  it('refuses a person of whom only the phone is known, without asking HubSpot', async () => {
    const { crm, call, sent } = cannedCrm({});
    await expect(crm.createPerson(fields({ phone: '+12025550143' }), call)).rejects.toMatchObject({
      errorClass: 'invalid_data',
    });
    expect(sent).toHaveLength(0);
  });
});

describe('filling a person in HubSpot', () => {
  const known = fields({ email: 'a@example.com', phone: '+12025550143', firstName: 'Ada', lastName: 'Sample' });

  it('fills what is empty and leaves what is there', async () => {
    const { crm, call, sent } = cannedCrm({
      [`GET ${CONTACTS}/7`]: { json: record('7', { email: 'old@example.com', firstname: '', lastname: null }) },
      [`PATCH ${CONTACTS}/7`]: { json: record('7') },
    });
    expect(await crm.fillPerson('7', known, call)).toEqual({ filled: ['phone', 'firstName', 'lastName'] });
    expect(sent[1]?.body).toEqual({ properties: { phone: '+12025550143', firstname: 'Ada', lastname: 'Sample' } });
  });

  it('writes nothing when nothing is empty', async () => {
    const full = { email: 'x@example.com', phone: '1', firstname: 'X', lastname: 'Y' };
    const { crm, call, sent } = cannedCrm({ [`GET ${CONTACTS}/7`]: { json: record('7', full) } });
    expect(await crm.fillPerson('7', known, call)).toEqual({ filled: [] });
    expect(sent).toHaveLength(1);
  });

  it('leaves an e-mail out that belongs to another contact, and says so', async () => {
    const { crm, call, sent } = cannedCrm({
      [`GET ${CONTACTS}/7`]: { json: record('7', { firstname: 'X', lastname: 'Y' }) },
      [`PATCH ${CONTACTS}/7`]: [TAKEN('Contact already exists. Existing ID: 8'), { json: record('7') }],
    });
    expect(await crm.fillPerson('7', known, call)).toEqual({ filled: ['phone'] });
    expect(sent[2]?.body).toEqual({ properties: { phone: '+12025550143' } });
  });

  it('says when the contact is gone', async () => {
    const { crm, call } = cannedCrm({ [`GET ${CONTACTS}/7`]: GONE });
    await expect(crm.fillPerson('7', known, call)).rejects.toMatchObject({ errorClass: 'target_gone' });
  });
});
