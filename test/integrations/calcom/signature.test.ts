import { sign, verifySignature } from '../../../integrations/calcom/signature';
import { referenceFiles } from './fixtures';

const BODY = Buffer.from('{"triggerEvent":"BOOKING_CREATED","payload":{"title":"Dachprüfung"}}');
const SECRET = 'first-secret';
/** Computed with `openssl dgst -sha256 -hmac first-secret` over BODY, not with our own code. */
const KNOWN_GOOD = 'f88a505df1fae53e486553c6fa87710df34da919ec407a37499ed354869eab25';

const headers = (value: string | undefined) => (name: string) => (name === 'x-cal-signature-256' ? value : undefined);
const check = (value: string | undefined, secrets: readonly string[] = [SECRET], body = BODY) =>
  verifySignature(body, headers(value), secrets);
const reasonOf = (value: string | undefined, secrets?: readonly string[]): string => {
  const result = check(value, secrets);
  if (result.ok) throw new Error('expected a refusal');
  return result.reason;
};

describe('the signature of a Cal.com delivery', () => {
  it('is the hex HMAC-SHA256 that openssl computes', () => {
    expect(sign(BODY, SECRET)).toBe(KNOWN_GOOD);
  });

  it.each([
    ['lower-case hex', KNOWN_GOOD],
    ['upper-case hex', KNOWN_GOOD.toUpperCase()],
    ['a sha256= prefix', `sha256=${KNOWN_GOOD}`],
    ['surrounding blanks', ` ${KNOWN_GOOD} `],
  ])('is accepted as %s', (_title, header) => {
    expect(check(header)).toEqual({ ok: true });
  });

  it.each([[0], [1], [2]])('is accepted when live secret number %i signed', (position) => {
    const secrets = ['a-secret', 'b-secret', 'c-secret'];
    expect(check(sign(BODY, secrets[position] ?? ''), secrets)).toEqual({ ok: true });
  });

  it('is refused when one byte of the body differs', () => {
    const changed = Buffer.from(BODY);
    changed[5] = (changed[5] ?? 0) ^ 1;
    expect(check(KNOWN_GOOD, [SECRET], changed).ok).toBe(false);
  });

  it('is refused for every single changed hex digit', () => {
    for (let at = 0; at < KNOWN_GOOD.length; at += 1) {
      const other = KNOWN_GOOD[at] === '0' ? '1' : '0';
      expect(check(KNOWN_GOOD.slice(0, at) + other + KNOWN_GOOD.slice(at + 1)).ok).toBe(false);
    }
  });

  it.each([
    ['a missing header', undefined, 'missing'],
    ['an empty header', '', 'missing'],
    ['the literal no-secret-provided', 'no-secret-provided', 'no secret'],
    ['a digest that is too short', KNOWN_GOOD.slice(2), '64 hex digits'],
    ['a digest that is too long', `${KNOWN_GOOD}00`, '64 hex digits'],
    ['two digests, as a repeated header arrives', `${KNOWN_GOOD}, ${KNOWN_GOOD}`, '64 hex digits'],
    ['text that is not hex', 'z'.repeat(64), '64 hex digits'],
    ['N/A', 'N/A', '64 hex digits'],
    ['the signature of another secret', sign(BODY, 'other'), 'none of the configured secrets'],
  ])('is refused for %s, with a reason of its own', (_title, header, words) => {
    expect(reasonOf(header)).toContain(words);
  });

  it('is refused without any secret, even when it was made with the empty one', () => {
    expect(reasonOf(sign(BODY, ''), [])).toContain('no webhook secret');
    expect(reasonOf(sign(BODY, ''), [''])).toContain('no webhook secret');
    expect(reasonOf(sign(BODY, ' '), [' '])).toContain('no webhook secret');
  });

  it('never matches an empty secret that stands beside a live one', () => {
    expect(check(sign(BODY, ''), ['', SECRET]).ok).toBe(false);
    expect(check(KNOWN_GOOD, ['', SECRET])).toEqual({ ok: true });
  });

  it('never puts the secret or the header into a reason', () => {
    expect(reasonOf('e'.repeat(64))).not.toContain(SECRET);
    expect(reasonOf('leaky-header-value')).not.toContain('leaky');
  });

  it('agrees with the reference vectors', () => {
    const vectors = referenceFiles('derived')?.get('signature-vectors.json') as
      { vectors: { secret: string | null; body: string; expected: string }[] } | undefined;
    if (vectors === undefined) return;
    expect(vectors.vectors.length).toBeGreaterThan(0);
    for (const { secret, body, expected } of vectors.vectors) {
      const accepted = check(expected, [secret ?? 'any-secret'], Buffer.from(body)).ok;
      expect(accepted).toBe(secret !== null);
    }
  });
});
