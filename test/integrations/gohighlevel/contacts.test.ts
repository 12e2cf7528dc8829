import { cannedCrm, failure, guest, refusal, type Routes } from './canned-transport';

const contact = (id: string, more: object = {}) => ({ id, locationId: 'loc-1', ...guest, ...more });
const DUPLICATE = 'GET /contacts/search/duplicate';
const none = { json: { contact: null, traceId: 't' } };

async function resolve(routes: Routes, query: { linkedId?: string; emails?: string[]; phones?: string[] }) {
  const { crm, call, sent } = cannedCrm(routes);
  const match = await crm.resolvePerson({ linkedId: null, emails: [], phones: [], ...query }, call);
  return { match, paths: sent.map(({ path }) => path) };
}

describe('finding a person in HighLevel', () => {
  it('takes the linked contact, with what it holds', async () => {
    const { match, paths } = await resolve(
      { 'GET /contacts/c-1': { json: { contact: contact('c-1', { email: 'GUEST@Example.com', lastName: ' ' }) } } },
      { linkedId: 'c-1', emails: ['guest@example.com'] },
    );
    expect(match).toEqual({
      kind: 'one',
      matchedOn: 'link',
      person: { id: 'c-1', current: { ...guest, lastName: null, company: null } },
    });
    expect(paths).toEqual(['/contacts/c-1']);
  });

  it.each([
    ['is gone', refusal(404, 'Contact not found')],
    ['is gone, said with 400', refusal(400, 'Contact not found')],
    ['is no id of HighLevel’s', refusal(422, ['contactId must be an id'])],
    ['is deleted', { json: { contact: contact('c-1', { deleted: true }) } }],
    ['belongs to another location', { json: { contact: contact('c-1', { locationId: 'loc-2' }) } }],
  ])('goes on to the e-mail when the linked one %s', async (_what, answer) => {
    const { match } = await resolve(
      { 'GET /contacts/c-1': answer, [DUPLICATE]: { json: { contact: contact('c-2') } } },
      { linkedId: 'c-1', emails: ['guest@example.com'] },
    );
    expect(match).toMatchObject({ kind: 'one', matchedOn: 'email', person: { id: 'c-2' } });
  });

  it('does not ask for ids that can’t be HighLevel’s', async () => {
    const { match, paths } = await resolve({}, { linkedId: 'https://crm.example.com/5' });
    expect(match).toEqual({ kind: 'none' });
    expect(paths).toEqual([]);
  });

  it('goes on to the next rung only when HighLevel said that there is nobody', async () => {
    const { crm, call } = cannedCrm({
      'GET /contacts/c-1': refusal(401, 'The token is not authorized for this scope.'),
    });
    const error = await failure(crm.resolvePerson({ linkedId: 'c-1', emails: [], phones: [] }, call));
    expect(error.errorClass).toBe('scope_missing');
  });

  it('escapes what it asks for', async () => {
    const { paths } = await resolve(
      { [DUPLICATE]: none },
      { emails: ['A+b@example.com '], phones: ['+1 202 555 0143'] },
    );
    expect(paths).toEqual([
      '/contacts/search/duplicate?locationId=loc-1&email=a%2Bb%40example.com',
      '/contacts/search/duplicate?locationId=loc-1&number=%2B12025550143',
    ]);
  });

  it.each([
    ['e-mail', { emails: ['other@example.com'] }],
    ['phone', { phones: ['+12025550144'] }],
  ])('does not believe a contact whose %s is another', async (_what, query) => {
    const { match } = await resolve({ [DUPLICATE]: { json: { contact: contact('c-1') } } }, query);
    expect(match).toEqual({ kind: 'none' });
  });

  it('compares whole phone numbers, however they are written', async () => {
    const held = { json: { contact: contact('c-1', { phone: '+1 (202) 555-0143' }) } };
    const { match } = await resolve({ [DUPLICATE]: held }, { phones: ['+12025550143'] });
    expect(match).toMatchObject({ kind: 'one', matchedOn: 'phone' });
    const local = await resolve({}, { phones: ['555 0143'] });
    expect(local.match).toEqual({ kind: 'none' });
  });

  it('leaves the choice to a person when two e-mails lead to two contacts', async () => {
    const { match } = await resolve(
      {
        [`${DUPLICATE}?locationId=loc-1&email=guest`]: { json: { contact: contact('c-1') } },
        [`${DUPLICATE}?locationId=loc-1&email=work`]: {
          json: { contact: contact('c-2', { email: 'work@example.com' }) },
        },
      },
      { emails: ['guest@example.com', 'work@example.com'] },
    );
    expect(match).toMatchObject({ kind: 'many', matchedOn: 'email', people: [{ id: 'c-1' }, { id: 'c-2' }] });
  });

  it.each([
    ['null', none],
    ['an answer without any contact', { json: {} }],
    ['a refusal that says so', refusal(404, 'Contact not found')],
  ])('understands %s as nobody', async (_what, answer) => {
    const { match } = await resolve({ [DUPLICATE]: answer }, { emails: ['guest@example.com'] });
    expect(match).toEqual({ kind: 'none' });
  });
});

describe('finding people by name in HighLevel', () => {
  it('asks for both names and keeps exact namesakes only', async () => {
    const found = [
      contact('c-1'),
      contact('c-2', { lastName: 'Samples' }),
      contact('c-3', { firstName: null, lastName: null, firstNameLowerCase: 'ada', lastNameLowerCase: 'sample' }),
    ];
    const { crm, call, sent } = cannedCrm({ 'POST /contacts/search': { json: { contacts: found, total: 3 } } });
    const people = await crm.findPeopleByName({ first: 'ADA', last: 'Sample' }, call);
    expect(people.map(({ id }) => id)).toEqual(['c-1', 'c-3']);
    expect(sent[0]?.body).toEqual({
      locationId: 'loc-1',
      page: 1,
      pageLimit: 50,
      filters: [
        { field: 'firstNameLowerCase', operator: 'eq', value: 'ada' },
        { field: 'lastNameLowerCase', operator: 'eq', value: 'sample' },
      ],
    });
  });

  it('shows ten at most, and asks nothing without a name', async () => {
    const contacts = Array.from({ length: 12 }, (_, n) => contact(`c-${n}`));
    const { crm, call, sent } = cannedCrm({ 'POST /contacts/search': { json: { contacts } } });
    expect(await crm.findPeopleByName({ first: '', last: 'Sample' }, call)).toHaveLength(10);
    expect(await crm.findPeopleByName({ first: ' ', last: '' }, call)).toEqual([]);
    expect(sent).toHaveLength(1);
  });
});
