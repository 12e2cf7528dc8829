/** Who may sign for HighLevel: whoever holds the private half of a configured key, and nobody without a signature. */
import { generateKeyPairSync, sign } from 'node:crypto';
import {
  publicKeyOf,
  PUBLISHED_KEY,
  SIGNATURE_HEADER,
  verifySignature,
} from '../../../integrations/gohighlevel/signature';
import { gohighlevelWebhooks } from '../../../integrations/gohighlevel/webhooks';
import { createSigningKey } from '../../../local/simulators/gohighlevel/signing-key';
import { contractFile } from '../contract-vectors';

const pairOf = () => generateKeyPairSync('ed25519');
const [ours, other] = [pairOf(), pairOf()];
const pem = (pair: typeof ours): string => pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const BODY = Buffer.from('{"type":"AppointmentUpdate","appointment":{"title":"Dachprüfung"}}');
const signed = (pair = ours, body = BODY): string => sign(null, body, pair.privateKey).toString('base64');

const check = (signature: string | undefined, keys = [ours.publicKey], body = BODY) =>
  verifySignature(body, (name) => (name === SIGNATURE_HEADER ? signature : undefined), keys);
const reasonOf = (...asked: Parameters<typeof check>): string => {
  const result = check(...asked);
  return result.ok ? 'accepted' : result.reason;
};

test('a signature by any of the live keys is accepted', () => {
  expect(check(signed())).toEqual({ ok: true });
  expect(check(signed(), [other.publicKey, ours.publicKey])).toEqual({ ok: true });
});

test.each<[string, Parameters<typeof check>, string]>([
  ['a missing header', [undefined], 'header is missing'],
  ['an empty header', [''], 'header is missing'],
  ['the literal N/A', ['N/A'], 'not signed'],
  ['the literal n/a', ['n/a'], 'not signed'],
  ['another key', [signed(other)], 'none of the configured public keys'],
  ['a changed body', [signed(), [ours.publicKey], Buffer.concat([BODY, Buffer.from(' ')])], 'none of the configured'],
  ['no key', [signed(), []], 'no public key'],
  ['a signature that is cut short', [signed().slice(0, 40)], 'not a base64 Ed25519'],
  ['the signature as hex', [Buffer.from(signed(), 'base64').toString('hex')], 'not a base64 Ed25519'],
])('is refused: %s', (_title, asked, words) => {
  expect(reasonOf(...asked)).toContain(words);
});

test('an RSA signature in the older header is not looked at', () => {
  const header = (name: string): string | undefined => (name === 'x-wh-signature' ? signed() : undefined);
  expect(verifySignature(BODY, header, [ours.publicKey])).toMatchObject({ ok: false });
});

test('a key is read as PEM, as PEM in one line, and as its base64', () => {
  const inOneLine = pem(ours).replace(/\n/g, '\\n');
  const base64 = pem(ours).split('\n')[1]!;
  for (const text of [pem(ours), inOneLine, base64]) expect(check(signed(), [publicKeyOf(text)])).toEqual({ ok: true });
});

test.each([
  ['no key', 'not a key'],
  [
    'a key of another algorithm',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ],
])('%s is refused as a key', (_title, text) => {
  expect(() => publicKeyOf(text)).toThrow();
});

test('without keys in the settings the published one counts, and an empty list closes the door', () => {
  const header = (name: string): string | undefined => (name === SIGNATURE_HEADER ? signed() : undefined);
  expect(gohighlevelWebhooks({ locationId: 'loc', webhookKeys: null })?.verifySignature(BODY, header)).toMatchObject({
    ok: false,
  });
  expect(gohighlevelWebhooks({ locationId: 'loc', webhookKeys: [pem(ours)] })?.verifySignature(BODY, header)).toEqual({
    ok: true,
  });
  expect(gohighlevelWebhooks({ locationId: 'loc', webhookKeys: [] })).toBeNull();
});

test('what our simulator signs is accepted with the key that it shows', () => {
  const key = createSigningKey();
  expect(check(key.sign(BODY.toString()), [publicKeyOf(key.publicKeyPem)])).toEqual({ ok: true });
});

interface Vector {
  readonly header: string;
  readonly publicKeyPem: string | null;
  readonly body: string;
  readonly signature: string;
  readonly valid: boolean;
}

test('the vectors and the published key are those of HighLevel', () => {
  const file = contractFile<{ vectors: readonly Vector[] }>('gohighlevel/derived/signature-vectors.json');
  for (const { header, publicKeyPem, body, signature, valid } of file?.vectors ?? []) {
    const keys =
      publicKeyPem === null ? [ours.publicKey] : header === 'X-GHL-Signature' ? [publicKeyOf(publicKeyPem)] : [];
    const result = verifySignature(
      Buffer.from(body),
      (name) => (name === header.toLowerCase() ? signature : undefined),
      keys,
    );
    expect([header, result.ok]).toEqual([header, valid && header === 'X-GHL-Signature']);
  }
  const keys = contractFile<Record<string, { publicKeyPem: string }>>('gohighlevel/public-keys.json');
  if (keys !== null) expect(keys['X-GHL-Signature']?.publicKeyPem).toContain(PUBLISHED_KEY);
});
