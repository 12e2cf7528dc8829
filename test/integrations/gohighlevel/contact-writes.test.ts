import { cannedCrm, failure, guest, refusal, type Canned } from './canned-transport';

const contact = { id: 'c-1', locationId: 'loc-1', email: guest.email, phone: guest.phone };
const upserted = (more: object = {}, isNew = true): Canned => ({
  json: { new: isNew, contact: { ...contact, ...more } },
});
const duplicate = (meta: object) => refusal(400, 'This location does not allow duplicated contacts.', { meta });

describe('creating a person in HighLevel', () => {
  it('upserts without tags and without asking for a double', async () => {
    const { crm, call, sent } = cannedCrm({ 'POST /contacts/upsert': upserted() });
    expect(await crm.createPerson(guest, call)).toEqual({ id: 'c-1', created: true, dropped: [] });
    expect(sent[0]?.body).toEqual({ locationId: 'loc-1', ...guest });
    expect(sent[0]?.headers['version']).toBe('v3');
  });

  it('says so when HighLevel had the person already', async () => {
    const { crm, call } = cannedCrm({ 'POST /contacts/upsert': upserted({}, false) });
    expect(await crm.createPerson(guest, call)).toEqual({ id: 'c-1', created: false, dropped: [] });
  });

  it.each([
    ['the phone', { phone: null }, ['phone']],
    ['the phone, which is another one there', { phone: '+12025550199' }, ['phone']],
    ['the e-mail', { email: 'other@example.com' }, ['email']],
    ['nothing, however it is written', { email: 'GUEST@example.com', phone: '+1 202-555-0143' }, []],
  ])('reports that %s was dropped', async (_what, held, dropped) => {
    const { crm, call } = cannedCrm({ 'POST /contacts/upsert': upserted(held, false) });
    expect(await crm.createPerson(guest, call)).toEqual({ id: 'c-1', created: false, dropped });
  });

  it('sends a phone as E.164, and believes that one without a country was completed', async () => {
    const { crm, call, sent } = cannedCrm({ 'POST /contacts/upsert': upserted() });
    await crm.createPerson({ ...guest, phone: '+1 (202) 555-0143' }, call);
    expect(sent[0]?.body).toMatchObject({ phone: '+12025550143' });
    expect(await crm.createPerson({ ...guest, phone: '202 555 0143' }, call)).toMatchObject({ dropped: [] });
  });

  it('creates somebody without e-mail and phone, because there is nothing to match', async () => {
    const { crm, call, sent } = cannedCrm({ 'POST /contacts/': { status: 201, json: { contact: { id: 'c-2' } } } });
    const named = { ...guest, email: null, phone: ' ' };
    expect(await crm.createPerson(named, call)).toEqual({ id: 'c-2', created: true, dropped: [] });
    expect(sent).toMatchObject([
      { path: '/contacts/', body: { locationId: 'loc-1', firstName: 'Ada', lastName: 'Sample' } },
    ]);
  });

  it('refuses to create nobody', async () => {
    const { crm, call } = cannedCrm({});
    const nobody = { email: null, phone: null, firstName: null, lastName: ' ' };
    expect((await failure(crm.createPerson(nobody, call))).errorClass).toBe('invalid_data');
  });

  it('adopts the contact that a refusal names', async () => {
    const meta = { contactId: 'c-7', contactName: 'Ada Sample', matchingField: 'email' };
    const { crm, call } = cannedCrm({ 'POST /contacts/upsert': duplicate(meta) });
    expect(await crm.createPerson(guest, call)).toEqual({ id: 'c-7', created: false, dropped: [] });
  });

  it('passes on a refusal that names no contact', async () => {
    const { crm, call } = cannedCrm({ 'POST /contacts/upsert': duplicate({}) });
    expect((await failure(crm.createPerson(guest, call))).errorClass).toBe('crm_rule');
  });

  it('leaves open what an unreadable answer means', async () => {
    const { crm, call } = cannedCrm({ 'POST /contacts/upsert': { text: '{"new":tr' } });
    expect((await failure(crm.createPerson(guest, call))).errorClass).toBe('unknown_outcome');
  });
});

describe('changing a person in HighLevel', () => {
  const PUT = 'PUT /contacts/c-1';
  const done: Canned = { json: { succeeded: true, contact } };
  const bodies = (sent: readonly { body: unknown }[]) => sent.map(({ body }) => body);

  it('sends what changes and nothing else, and no location', async () => {
    const { crm, call, sent } = cannedCrm({ [PUT]: done });
    expect(await crm.writePerson('c-1', { lastName: 'Sample', phone: null, firstName: '' }, call)).toEqual({
      dropped: [],
    });
    expect(bodies(sent)).toEqual([{ lastName: 'Sample' }]);
    expect(await crm.writePerson('c-1', { lastName: null }, call)).toEqual({ dropped: [] });
    expect(sent).toHaveLength(1);
  });

  it('drops one identity after the other where they belong to others', async () => {
    const { crm, call, sent } = cannedCrm({
      [PUT]: [
        duplicate({ contactId: 'c-2', matchingField: 'phone' }),
        duplicate({ contactId: 'c-3', matchingField: 'email' }),
        done,
      ],
    });
    expect(await crm.writePerson('c-1', guest, call)).toEqual({ dropped: ['phone', 'email'] });
    expect(bodies(sent)[2]).toEqual({ firstName: 'Ada', lastName: 'Sample' });
  });

  it('drops both where HighLevel does not say which', async () => {
    const { crm, call, sent } = cannedCrm({ [PUT]: duplicate({ contactId: 'c-2' }) });
    const changes = { email: guest.email, phone: guest.phone };
    expect(await crm.writePerson('c-1', changes, call)).toEqual({ dropped: ['email', 'phone'] });
    expect(sent).toHaveLength(1);
  });

  it('does not go on for ever when the names are called duplicates', async () => {
    const { crm, call } = cannedCrm({ [PUT]: duplicate({ contactId: 'c-2' }) });
    expect((await failure(crm.writePerson('c-1', { lastName: 'Sample' }, call))).errorClass).toBe('crm_rule');
  });

  it('reports what the answer shows as not taken', async () => {
    const { crm, call } = cannedCrm({ [PUT]: { json: { contact: { ...contact, phone: null } } } });
    expect(await crm.writePerson('c-1', { phone: guest.phone }, call)).toEqual({ dropped: ['phone'] });
  });

  it.each([
    ['v3', 'fieldValue'],
    ['dated', 'field_value'],
  ] as const)('writes custom fields by id, version %s', async (apiVersion, name) => {
    const { crm, call, sent } = cannedCrm({ [PUT]: done }, { apiVersion });
    await crm.writePersonFields('c-1', { 'field-1': 'text', 'field-2': null }, call);
    await crm.writePersonFields('c-1', {}, call);
    expect(bodies(sent)).toEqual([
      {
        customFields: [
          { id: 'field-1', [name]: 'text' },
          { id: 'field-2', [name]: '' },
        ],
      },
    ]);
  });

  it('adds and removes tags by calls of their own, and only where there are some', async () => {
    const { crm, call, sent } = cannedCrm({
      'POST /contacts/c-1/tags': { status: 201, json: { tags: ['a'] } },
      'DELETE /contacts/c-1/tags': { json: { tags: [] } },
    });
    await crm.changeTags('c-1', { add: ['a'], remove: ['b'] }, call);
    await crm.changeTags('c-1', { add: [], remove: ['b'] }, call);
    await crm.changeTags('c-1', { add: [], remove: [] }, call);
    expect(sent.map(({ method, body }) => [method, body])).toEqual([
      ['POST', { tags: ['a'] }],
      ['DELETE', { tags: ['b'] }],
      ['DELETE', { tags: ['b'] }],
    ]);
  });
});
