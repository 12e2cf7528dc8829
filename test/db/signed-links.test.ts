/** Signed links: whoever changes a letter, or uses one for something else, has none. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { linkToken, readLink, type SignedLink } from '../../db/signed-links';

const vaultOf = (key: string) => ({
  sign: (purpose: string, text: string) => createHmac('sha256', key).update(`${purpose}\0${text}`).digest(),
});
const ours = vaultOf('ours');
const NOW_MS = Date.parse('2026-11-24T17:00:00Z');
const link: SignedLink = {
  purpose: 'host_answer',
  subject: ['calcom-sales/u1', '1-2'],
  decision: 'showed',
  untilMs: NOW_MS + 1_000,
};
const expected = { purpose: 'host_answer', nowMs: NOW_MS } as const;

test('a link reads as it was made, and fits into an address as it is', () => {
  const token = linkToken(ours, link);
  expect(token).toMatch(/^[\w-]+\.[\w-]{43}$/);
  expect(readLink(ours, token, expected)).toEqual({ kind: 'valid', link });
});

test('a link is too old from its last instant on', () => {
  expect(readLink(ours, linkToken(ours, link), { ...expected, nowMs: link.untilMs - 1 }).kind).toBe('valid');
  expect(readLink(ours, linkToken(ours, link), { ...expected, nowMs: link.untilMs })).toEqual({ kind: 'expired' });
});

test('a link for one purpose is nothing for another', () => {
  const token = linkToken(ours, { ...link, purpose: 'open_task' });
  expect(readLink(ours, token, expected)).toEqual({ kind: 'forged' });
});

test.each([
  ['nothing', ''],
  ['a dot', '.'],
  ['no signature', linkToken(ours, link).split('.')[0]!],
  ['two signatures', `${linkToken(ours, link)}.x`],
  ["somebody else's signature", linkToken(vaultOf('theirs'), link)],
  [
    "another booking's signature",
    `${linkToken(ours, { ...link, subject: ['u2'] }).split('.')[0]}.${linkToken(ours, link).split('.')[1]}`,
  ],
  ['too much', 'x'.repeat(5_000)],
])('%s is forged', (_what, token) => {
  expect(readLink(ours, token, expected)).toEqual({ kind: 'forged' });
});

test('no change of a letter is taken', () => {
  const token = linkToken(ours, link);
  const letters = fc.constantFrom(...'ABCxyz019_-.');
  fc.assert(
    fc.property(fc.nat(token.length - 2), letters, (at, letter) => {
      const changed = token.slice(0, at) + letter + token.slice(at + 1);
      // The last letters of base64 may hold bits that mean nothing; what they say is the same then.
      const read = readLink(ours, changed, expected);
      expect(read).toEqual(changed === token || isSame(changed, token) ? { kind: 'valid', link } : { kind: 'forged' });
    }),
  );
});

function isSame(one: string, other: string): boolean {
  const bytes = (token: string) => token.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
  return JSON.stringify(bytes(one)) === JSON.stringify(bytes(other));
}
