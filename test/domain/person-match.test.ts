import {
  likenessOf,
  personChanges,
  rankCandidates,
  type PersonField,
  type PersonFields,
} from '../../domain/person-match';

const NOBODY: PersonFields = { email: null, phone: null, firstName: null, lastName: null };
const person = (more: Partial<PersonFields> = {}): PersonFields => ({ ...NOBODY, ...more });
const GUEST = person({ email: 'ada@example.com', phone: '+12025550143', firstName: 'Ada', lastName: 'Sample' });

describe('what has to be written about a person', () => {
  it('is everything that we know, where the CRM holds nothing or blanks', () => {
    expect(personChanges(NOBODY, GUEST, 'fill-empty')).toEqual(GUEST);
    expect(personChanges(person({ firstName: ' ', email: '' }), GUEST, 'overwrite')).toEqual(GUEST);
  });

  it('is only what is empty, unless the policy says otherwise', () => {
    const current = person({ email: 'other@example.com', firstName: 'Adele' });
    expect(personChanges(current, GUEST, 'fill-empty')).toEqual({ phone: GUEST.phone, lastName: 'Sample' });
    expect(personChanges(current, GUEST, 'overwrite')).toEqual(GUEST);
  });

  it.each(['fill-empty', 'overwrite'] as const)('never clears what we do not know (%s)', (policy) => {
    expect(personChanges(GUEST, NOBODY, policy)).toEqual({});
    expect(personChanges(GUEST, person({ firstName: '  ' }), policy)).toEqual({});
  });

  it.each<[PersonField, string]>([
    ['email', ' ADA@example.com '],
    ['phone', '+1 (202) 555-0143'],
    ['phone', '(202) 555-0143'],
    ['phone', '0012025550143'],
    ['firstName', 'Ada '],
  ])('is nothing where the CRM writes the same %s as "%s"', (field, written) => {
    expect(personChanges({ ...GUEST, [field]: written }, GUEST, 'overwrite')).toEqual({});
  });

  it.each<[PersonField, string]>([
    ['email', 'ada@example.org'],
    ['phone', '+442025550143'],
    ['phone', '555-0143'],
    ['phone', '+12025550144'],
    ['phone', 'ask reception'],
    ['firstName', 'ada'],
  ])('is the %s where the CRM has "%s" and is to be overwritten', (field, written) => {
    expect(personChanges({ ...GUEST, [field]: written }, GUEST, 'overwrite')).toEqual({ [field]: GUEST[field] });
  });
});

describe('how a candidate compares with our guest', () => {
  it('names the fields that both have, apart', () => {
    const candidate = person({ email: 'a.sample@example.com', phone: '202-555-0143', lastName: 'SÁMPLE' });
    expect(likenessOf(candidate, GUEST)).toEqual({ agrees: ['phone', 'lastName'], differs: ['email'] });
    expect(likenessOf(NOBODY, GUEST)).toEqual({ agrees: [], differs: [] });
  });

  it('takes accents for nothing in names and for another address in e-mails', () => {
    const accented = person({ email: 'ad\u00e1@example.com', firstName: 'Ad\u00e1' });
    expect(likenessOf(accented, GUEST)).toEqual({ agrees: ['firstName'], differs: ['email'] });
  });

  it('shows names of fields only', () => {
    expect(JSON.stringify(likenessOf(GUEST, GUEST))).not.toContain('Sample');
  });
});

describe('ranking candidates', () => {
  const ranked = (...candidates: readonly (Partial<PersonFields> & { readonly id: string })[]) =>
    rankCandidates(
      candidates.map(({ id, ...current }) => ({ id, current: person(current) })),
      GUEST,
    ).map(({ id }) => id);

  it('puts an equal e-mail before an equal phone, and that before an equal name', () => {
    expect(
      ranked(
        { id: '1', firstName: 'Ada', lastName: 'Sample' },
        { id: '2', phone: '+12025550143' },
        { id: '3', email: 'ada@example.com' },
      ),
    ).toEqual(['3', '2', '1']);
  });

  it('puts somebody of whom nothing contradicts before somebody of whom something does', () => {
    const name = { firstName: 'Ada', lastName: 'Sample' };
    expect(ranked({ id: '1', ...name, email: 'x@example.com' }, { id: '2', ...name })).toEqual(['2', '1']);
  });

  it('keeps everybody, equal ones in the order of their ids, whatever order they came in', () => {
    expect(ranked({ id: 'c' }, { id: 'a' }, { id: 'b' })).toEqual(['a', 'b', 'c']);
  });
});
