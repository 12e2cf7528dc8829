import { companyOf, isSameCompany } from '../../domain/company';

describe('the company that a guest speaks for', () => {
  const from = (email: string | null, answer: string | null = null) => companyOf({ email, answer });

  it('is the answer of the booking, whatever the address', () => {
    expect(from('jane@acme.example', ' Sample & Co ')).toBe('Sample & Co');
    expect(from(null, 'Sample')).toBe('Sample');
  });

  it.each([
    ['jane@acme.com', 'acme'],
    ['JANE@Mail.ACME.com', 'acme'],
    ['jane@acme.co.uk', 'acme'],
    ['jane@eu.acme.com.au', 'acme'],
    ['jane@co.uk', 'co'],
    ['jane@acme-tools.de', 'acme-tools'],
  ])('is read from the domain of %s: %s', (email, company) => {
    expect(from(email, '  ')).toBe(company);
  });

  it.each(['jane@gmail.com', 'jane@yahoo.co.uk', 'jane@hotmail.fr', 'jane@web.de', 'jane@me.com', 'jane@t-online.de'])(
    'is not known from a public mailbox: %s',
    (email) => {
      expect(from(email)).toBeNull();
    },
  );

  it.each([null, '', 'jane', 'jane@localhost', '@', 'jane@'])('is not known from %p', (email) => {
    expect(from(email)).toBeNull();
  });
});

describe('two names of a company', () => {
  it.each([
    ['Acme', 'ACME, Inc.'],
    ['Acme Tools GmbH', 'acme-tools'],
    ['Ácme', 'acme'],
    ['A.C.M.E. Corp.', 'acme'],
    ['Smith & Sons Co., Ltd.', 'Smith  Sons'],
    ['Co', 'CO'],
    ["O'Neil", 'ONeil LLC'],
  ])('are the same: %s, %s', (one, other) => {
    expect(isSameCompany(one, other)).toBe(true);
  });

  it.each([
    ['Acme', 'Acme Tools'],
    ['Acme', 'Other'],
    ['Inc', 'Ltd'],
    ['', ''],
    ['…', '!'],
  ])('are not the same: %s, %s', (one, other) => {
    expect(isSameCompany(one, other)).toBe(false);
  });
});
