import { personChanges } from '../../../domain/person-match';
import type { PersonFields, PersonQuery } from '../../../integrations/ports';
import { cannedCrm, record, type Canned, type Routes } from './canned-transport';

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
const nobodyKnown = (id: string) => ({ id, current: { ...fields({}), company: null } });
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
    expect(await match).toEqual({ kind: 'one', person: nobodyKnown('7'), matchedOn: 'link' });
    expect(sent).toHaveLength(1);
  });

  it('follows a merge: the surviving contact’s id is the one to keep', async () => {
    const { match } = resolve({ [`GET ${CONTACTS}/7`]: { json: record('9') } }, { linkedId: '7' });
    expect(await match).toEqual({ kind: 'one', person: nobodyKnown('9'), matchedOn: 'link' });
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
    expect(await match).toEqual({ kind: 'one', person: nobodyKnown('8'), matchedOn: 'email' });
  });

  it('reports every contact when two e-mails belong to two people, and one when both are the same', async () => {
    const routes = (second: string): Routes => ({
      [`GET ${CONTACTS}/a%40example.com`]: { json: record('8') },
      [`GET ${CONTACTS}/b%40example.com`]: { json: record(second) },
    });
    const emails = ['a@example.com', 'b@example.com'];
    expect(await resolve(routes('9'), { emails }).match).toEqual({
      kind: 'many',
      matchedOn: 'email',
      people: [nobodyKnown('8'), nobodyKnown('9')],
    });
    expect(await resolve(routes('8'), { emails }).match).toEqual({
      kind: 'one',
      matchedOn: 'email',
      person: nobodyKnown('8'),
    });
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
    expect(await match).toMatchObject({ kind: 'many', matchedOn: 'phone', people: [{ id: '1' }, { id: '3' }] });
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
    expect(await match).toMatchObject({ kind: 'one', matchedOn: 'phone', person: { id: '2' } });
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
      dropped: [],
    });
    expect(sent[0]?.body).toEqual({ properties: { email: 'a@example.com' }, associations: [] });
  });

  it('adopts the contact that the conflict names', async () => {
    const { crm, call } = cannedCrm({ [`POST ${CONTACTS}`]: TAKEN('Contact already exists. Existing ID: 6001') });
    expect(await crm.createPerson(fields({ email: 'a@example.com' }), call)).toEqual({
      id: '6001',
      created: false,
      dropped: [],
    });
  });

  it('looks the contact up by its e-mail where the conflict names none', async () => {
    const { crm, call } = cannedCrm({
      [`POST ${CONTACTS}`]: TAKEN('Contact already exists.'),
      [`GET ${CONTACTS}/a%40example.com`]: { json: record('6002') },
    });
    expect(await crm.createPerson(fields({ email: 'a@example.com' }), call)).toEqual({
      id: '6002',
      created: false,
      dropped: [],
    });
  });

  it('refuses a person of whom only the phone is known, without asking HubSpot', async () => {
    const { crm, call, sent } = cannedCrm({});
    await expect(crm.createPerson(fields({ phone: '+12025550143' }), call)).rejects.toMatchObject({
      errorClass: 'invalid_data',
    });
    expect(sent).toHaveLength(0);
  });
});

describe('writing to a person in HubSpot', () => {
  const known = fields({ email: 'a@example.com', phone: '+12025550143', firstName: 'Ada', lastName: 'Sample' });
  /** What the activity does with a contact that was found: only what it lacks is written. */
  const fill = async (properties: Readonly<Record<string, string | null>>, ...writes: Canned[]) => {
    const { crm, call, sent } = cannedCrm({
      [`GET ${CONTACTS}/7`]: { json: record('7', properties) },
      [`PATCH ${CONTACTS}/7`]: writes,
    });
    const match = await crm.resolvePerson(query({ linkedId: '7' }), call);
    if (match.kind !== 'one') throw new Error(`expected one person, found ${match.kind}`);
    const result = await crm.writePerson('7', personChanges(match.person.current, known, 'fill-empty'), call);
    return { result, sent };
  };

  it('fills what is empty and leaves what is there', async () => {
    const { result, sent } = await fill(
      { email: 'old@example.com', firstname: '', lastname: null },
      { json: record('7') },
    );
    expect(result).toEqual({ dropped: [] });
    expect(sent[1]?.body).toEqual({ properties: { phone: '+12025550143', firstname: 'Ada', lastname: 'Sample' } });
  });

  it('writes nothing when nothing is empty', async () => {
    const { result, sent } = await fill({ email: 'x@example.com', phone: '1', firstname: 'X', lastname: 'Y' });
    expect(result).toEqual({ dropped: [] });
    expect(sent).toHaveLength(1);
  });

  it('does not fill the phone of somebody whose mobile number is there', async () => {
    const { sent } = await fill({
      email: 'x@example.com',
      phone: null,
      mobilephone: '1',
      firstname: 'X',
      lastname: 'Y',
    });
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['a 409', TAKEN('Contact already exists. Existing ID: 8')],
    [
      'a 400 about a unique value',
      {
        status: 400,
        json: {
          message: 'x',
          errors: [{ message: 'x', code: 'CONFLICTING_UNIQUE_VALUE', context: { propertyName: ['email'] } }],
        },
      },
    ],
  ])('leaves an e-mail out that belongs to another contact, and says so, on %s', async (_what, conflict) => {
    const { result, sent } = await fill({ firstname: 'X', lastname: 'Y' }, conflict, { json: record('7') });
    expect(result).toEqual({ dropped: ['email'] });
    expect(sent[2]?.body).toEqual({ properties: { phone: '+12025550143' } });
  });

  it('says when the contact is gone', async () => {
    const { crm, call } = cannedCrm({ [`PATCH ${CONTACTS}/7`]: GONE });
    await expect(crm.writePerson('7', { firstName: 'Ada' }, call)).rejects.toMatchObject({ errorClass: 'target_gone' });
  });

  it('sets and clears custom fields by their names, and leaves the others', async () => {
    const { crm, call, sent } = cannedCrm({ [`PATCH ${CONTACTS}/7`]: { json: record('7') } });
    await crm.writePersonFields('7', { lead_source: 'Booking page', last_outcome: null }, call);
    await crm.writePersonFields('7', {}, call);
    expect(sent.map(({ body }) => body)).toEqual([{ properties: { lead_source: 'Booking page', last_outcome: '' } }]);
  });

  it('has no tags, and says so instead of doing nothing', async () => {
    const { crm, call } = cannedCrm({});
    expect(crm.capabilities.tags).toBe(false);
    await expect(crm.changeTags('7', { add: ['x'], remove: [] }, call)).rejects.toMatchObject({
      errorClass: 'contract_violation',
    });
  });
});

describe('what HubSpot holds about a person', () => {
  const current = async (properties: Readonly<Record<string, string | null>>) => {
    const { crm, call } = cannedCrm({ [`GET ${CONTACTS}/7`]: { json: record('7', properties) } });
    const match = await crm.resolvePerson(query({ linkedId: '7' }), call);
    return match.kind === 'one' ? match.person.current : null;
  };

  it('is trimmed, the e-mail in small letters, an international phone in E.164, blanks as nothing', async () => {
    expect(
      await current({ email: ' Ada@Example.com', phone: '+1 (202) 555-0143', firstname: ' ', lastname: 'Sample ' }),
    ).toMatchObject({ email: 'ada@example.com', phone: '+12025550143', firstName: null, lastName: 'Sample' });
  });

  it('has the mobile number where there is no other, and a number without its country as it was typed', async () => {
    expect(await current({ phone: '', mobilephone: '202 555 0143' })).toMatchObject({ phone: '202 555 0143' });
  });
});

describe('finding people in HubSpot by name', () => {
  const find = (first: string, last: string, ...contacts: object[]) => {
    const { crm, call, sent } = cannedCrm({ [`POST ${CONTACTS}/search`]: found(...contacts) });
    return { sent, people: crm.findPeopleByName({ first, last }, call) };
  };

  it('asks for both names and at most ten people, and leaves out archived ones', async () => {
    const contact = { firstname: 'Ada', lastname: 'Sample', email: 'other@example.com' };
    const { sent, people } = find(
      ...(['Ada ', 'Sample'] as const),
      record('1', contact),
      record('2', contact, { archived: true }),
    );
    expect((await people).map(({ id, current: { email } }) => [id, email])).toEqual([['1', 'other@example.com']]);
    expect(sent[0]?.body).toMatchObject({
      filterGroups: [
        {
          filters: [
            { propertyName: 'firstname', operator: 'EQ', value: 'Ada' },
            { propertyName: 'lastname', operator: 'EQ', value: 'Sample' },
          ],
        },
      ],
      limit: 10,
    });
  });

  it('finds nobody by half a name, without asking', async () => {
    const { sent, people } = find('Ada', ' ');
    expect(await people).toEqual([]);
    expect(sent).toHaveLength(0);
  });
});
