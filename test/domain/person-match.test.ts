import {
  byNameAndCompany,
  likenessOf,
  personChanges,
  rankCandidates,
  type ComparedPerson,
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

/** The guest with the company that the booking names. */
const compared = (more: Partial<ComparedPerson> = {}): ComparedPerson => ({ ...NOBODY, company: null, ...more });
const CALLER = compared({ ...GUEST, company: 'Acme' });

describe('how a candidate compares with our guest', () => {
  it('names the fields that both have, apart', () => {
    const names = { lastName: 'SÁMPLE', company: 'ACME Inc.' };
    const candidate = compared({ email: 'a.sample@example.com', phone: '202-555-0143', ...names });
    expect(likenessOf(candidate, CALLER)).toEqual({ agrees: ['phone', 'lastName', 'company'], differs: ['email'] });
    expect(likenessOf(compared({ company: 'Other' }), CALLER)).toEqual({ agrees: [], differs: ['company'] });
    expect(likenessOf(compared(), CALLER)).toEqual({ agrees: [], differs: [] });
  });

  it('takes accents for nothing in names and for another address in e-mails', () => {
    const accented = compared({ email: 'ad\u00e1@example.com', firstName: 'Ad\u00e1' });
    expect(likenessOf(accented, CALLER)).toEqual({ agrees: ['firstName'], differs: ['email'] });
  });

  it('shows names of fields only', () => {
    expect(JSON.stringify(likenessOf(CALLER, CALLER))).not.toContain('Sample');
  });
});

describe('ranking candidates', () => {
  const ranked = (...candidates: readonly (Partial<ComparedPerson> & { readonly id: string })[]) =>
    rankCandidates(
      candidates.map(({ id, ...current }) => ({ id, current: compared(current) })),
      CALLER,
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

  it('puts name and company before a namesake of whom nothing contradicts, also under other addresses', () => {
    const name = { firstName: 'Ada', lastName: 'Sample' };
    const elsewhere = { ...name, company: 'Acme', email: 'ada.private@example.com', phone: '+12025550199' };
    expect(ranked({ id: '1', ...name }, { id: '2', ...elsewhere })).toEqual(['2', '1']);
  });

  it('puts somebody of whom nothing contradicts before somebody of whom something does', () => {
    const name = { firstName: 'Ada', lastName: 'Sample' };
    expect(ranked({ id: '1', ...name, email: 'x@example.com' }, { id: '2', ...name })).toEqual(['2', '1']);
  });

  it('keeps everybody, equal ones in the order of their ids, whatever order they came in', () => {
    expect(ranked({ id: 'c' }, { id: 'a' }, { id: 'b' })).toEqual(['a', 'b', 'c']);
  });
});

describe('the rung of name and company', () => {
  const NAMED = { firstName: 'ada', lastName: 'Sample', company: 'Acme Ltd' };
  const of = (id: string, more: Partial<ComparedPerson> = {}) => ({ id, current: compared({ ...NAMED, ...more }) });
  const decide = (...people: readonly ReturnType<typeof of>[]) => {
    const { known, offered } = byNameAndCompany(people, CALLER);
    return { known: known?.id ?? null, offered: offered.map(({ id }) => id) };
  };

  it('knows the only one who has both, with no address or the same', () => {
    expect(decide(of('1'))).toEqual({ known: '1', offered: [] });
    expect(decide(of('1', { phone: '+1 202 555 0143' }), of('2', { company: 'Other' }))).toMatchObject({ known: '1' });
  });

  it.each<[string, Partial<ComparedPerson>]>([
    ['e-mail', { email: 'ada.private@example.com' }],
    ['phone', { phone: '+12025550199' }],
  ])('offers somebody who is known under another %s, and never takes them', (_what, address) => {
    expect(decide(of('1', address))).toEqual({ known: null, offered: ['1'] });
  });

  it('offers two of the same name and company', () => {
    expect(decide(of('1'), of('2'))).toEqual({ known: null, offered: ['1', '2'] });
    expect(decide(of('1'), of('2', { phone: '+12025550199' }))).toEqual({ known: null, offered: ['1', '2'] });
  });

  it.each<[string, Partial<ComparedPerson>]>([
    ['no company', { company: null }],
    ['another company', { company: 'Acme Tools' }],
    ['half a name', { firstName: null }],
    ['another name', { lastName: 'Other' }],
  ])('finds nobody with %s', (_what, more) => {
    expect(decide(of('1', more))).toEqual({ known: null, offered: [] });
  });

  it('finds nobody for a guest whose company is not known', () => {
    expect(byNameAndCompany([of('1')], { ...CALLER, company: null })).toEqual({ known: null, offered: [] });
  });
});
