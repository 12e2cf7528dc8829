/** What waits behind a connection, and what needs a person. */
import { MENDED_BY_A_PERSON, needsPerson, reasonBehind, TROUBLE_WORDS } from '../../domain/connections';

test.each([
  ['daily_limit', 'daily_limit'],
  ['reauth_required', 'reauth_required'],
  ['account_inactive', 'account_inactive'],
  // Others may have the right that one write lacked.
  ['scope_missing', 'unavailable'],
  ['unavailable', 'unavailable'],
  [null, 'unavailable'],
])('behind a connection that is down for %s a booking waits because it is %s', (health, reason) => {
  expect(reasonBehind(health)).toBe(reason);
});

test('what a person has to mend is told in words, what passes by itself needs nobody', () => {
  expect(MENDED_BY_A_PERSON.map((reason) => [reason, needsPerson(reason)])).toEqual([
    ['reauth_required', true],
    ['scope_missing', true],
    ['account_inactive', true],
  ]);
  expect(['unavailable', 'daily_limit', 'rate_limited', ''].filter(needsPerson)).toEqual([]);
  expect(Object.keys(TROUBLE_WORDS)).toEqual([...MENDED_BY_A_PERSON]);
});
