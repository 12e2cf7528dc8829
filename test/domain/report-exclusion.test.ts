/** Whose bookings the report leaves out. */
import { excludedReasonOf, excludesByDomain, isExcludedGuest } from '../../domain/report-exclusion';

const nobody = { internalDomains: [], testDomains: [], unpaid: false };
const rules = { internalDomains: ['ours.example'], testDomains: ['test.example'], unpaid: true };

test('addresses are looked at only where a domain is named', () => {
  expect(excludesByDomain(nobody)).toBe(false);
  expect(excludesByDomain({ ...nobody, internalDomains: ['ours.example'] })).toBe(true);
  expect(excludesByDomain({ ...nobody, testDomains: ['test.example'] })).toBe(true);
  expect(excludesByDomain(rules)).toBe(true);
});

test.each([
  ['jane@ours.example', 'internal'],
  ['JANE@Mail.OURS.example', 'internal'],
  ['jane@test.example', 'test'],
  ['jane@notours.example', null],
  ['ours.example@example.com', null],
  [null, null],
] as const)('%s is %s', (email, reason) => {
  expect(excludedReasonOf({ email, isUnpaid: false }, rules)).toBe(reason);
  expect(isExcludedGuest(email, rules)).toBe(reason !== null);
  expect(excludedReasonOf({ email, isUnpaid: false }, nobody)).toBeNull();
  expect(isExcludedGuest(email, nobody)).toBe(false);
});

test('one of several domains is enough', () => {
  const several = { ...rules, internalDomains: ['first.example', 'ours.example', 'last.example'] };
  expect(excludedReasonOf({ email: 'jane@ours.example', isUnpaid: false }, several)).toBe('internal');
});

test('what was never paid for is left out where the settings say so, and by its domain first', () => {
  const unpaid = { email: 'jane@example.com', isUnpaid: true };
  expect(excludedReasonOf(unpaid, rules)).toBe('unpaid');
  expect(excludedReasonOf(unpaid, { ...rules, unpaid: false })).toBeNull();
  expect(excludedReasonOf({ ...unpaid, email: 'jane@test.example' }, rules)).toBe('test');
});
