/** Who may sign for HubSpot: the address, the bytes and the moment belong to the signature. */
import { SIGNATURE_HEADER, sign, TIMESTAMP_HEADER, verifySignature } from '../../../integrations/hubspot/signature';
import { signatureOf } from '../../../local/simulators/hubspot/webhook-post';
import { contractFile } from '../contract-vectors';

const NOW = Date.UTC(2026, 10, 21, 12);
const URL = 'https://hooks.example.com/webhooks/hubspot-main';
const SECRET = 'client-secret';
const BODY = Buffer.from('[{"eventId":1,"propertyValue":"Dachprüfung"}]');
/** `printf '%s%s%s%s' POST https://hooks.example.com/webhooks/hubspot-main BODY 1795262400000 | openssl dgst -sha256 -hmac client-secret -binary | base64` */
const KNOWN_GOOD = 'DmlpCKRuspVNIWTZ5Il0jpDNLL+oYTV6iuL6Z9x9jQY=';

interface Asked {
  readonly url?: string | null;
  readonly body?: Buffer;
  readonly timestamp?: string | undefined;
  readonly signature?: string | undefined;
  readonly secrets?: readonly string[];
  readonly nowMs?: number;
}

function check(asked: Asked = {}) {
  const given = { url: URL, body: BODY, timestamp: String(NOW), secrets: [SECRET], nowMs: NOW, ...asked };
  const { url, body, timestamp } = given;
  const right = sign({ url: URL, rawBody: BODY, timestamp: String(NOW) }, SECRET);
  const headers: Readonly<Record<string, string | undefined>> = {
    [TIMESTAMP_HEADER]: timestamp,
    [SIGNATURE_HEADER]: 'signature' in asked ? asked.signature : right,
  };
  const header = (name: string): string | undefined => headers[name];
  return verifySignature({ url, rawBody: body, header }, given.secrets, given.nowMs);
}

const reasonOf = (asked: Asked): string => {
  const result = check(asked);
  return result.ok ? 'accepted' : result.reason;
};

test('the signature is the one that openssl computes over method, address, body and timestamp', () => {
  expect(sign({ url: URL, rawBody: BODY, timestamp: String(NOW) }, SECRET)).toBe(KNOWN_GOOD);
});

test('what our simulator signs is accepted', () => {
  const signature = signatureOf(SECRET, { method: 'POST', url: URL, body: BODY.toString(), timestampMs: NOW });
  expect(check({ signature })).toEqual({ ok: true });
});

test('any of several live secrets may have signed', () => {
  expect(check({ secrets: ['older', SECRET] })).toEqual({ ok: true });
  expect(check({ secrets: [SECRET, 'newer'] })).toEqual({ ok: true });
});

test.each<[string, Asked, string]>([
  ['another address', { url: 'https://hooks.example.com/webhooks/hubspot-other' }, 'none of the configured secrets'],
  ['another scheme', { url: URL.replace('https', 'http') }, 'none of the configured secrets'],
  ['a changed body', { body: Buffer.concat([BODY, Buffer.from(' ')]) }, 'none of the configured secrets'],
  ['another timestamp than the signed one', { timestamp: String(NOW + 1) }, 'none of the configured secrets'],
  ['another secret', { secrets: ['other'] }, 'none of the configured secrets'],
  ['no secret', { secrets: [] }, 'no client secret'],
  ['empty secrets', { secrets: ['', '  '] }, 'no client secret'],
  ['no address of ours', { url: null }, 'set `webhookUrl`'],
  ['no timestamp', { timestamp: undefined }, 'missing or not a number'],
  ['a timestamp that is a date', { timestamp: '2026-11-21T12:00:00Z' }, 'missing or not a number'],
  ['a timestamp beyond all bounds', { timestamp: '9'.repeat(40) }, 'missing or not a number'],
  ['an age of five minutes and a bit', { nowMs: NOW + 300_001 }, 'five minutes'],
  ['a moment in the far future', { nowMs: NOW - 300_001 }, 'five minutes'],
  ['a missing signature', { signature: undefined }, 'header is missing'],
  ['an empty signature', { signature: '' }, 'header is missing'],
  ['hex instead of base64', { signature: 'ab'.repeat(32) }, 'not a base64 SHA-256'],
  ['a signature that is cut short', { signature: KNOWN_GOOD.slice(0, 20) }, 'not a base64 SHA-256'],
  ['two signatures, as a repeated header arrives', { signature: `${KNOWN_GOOD}, ${KNOWN_GOOD}` }, 'not a base64'],
])('is refused: %s', (_title, asked, words) => {
  expect(reasonOf(asked)).toContain(words);
});

test('exactly five minutes old is still taken', () => {
  expect(check({ nowMs: NOW + 300_000 })).toEqual({ ok: true });
});

test('no reason quotes a secret, a signature or an address', () => {
  const reasons = [{ secrets: ['other'] }, { signature: 'ab'.repeat(32) }, { url: 'https://canary.example.com' }].map(
    reasonOf,
  );
  for (const reason of reasons) expect(reason).not.toMatch(/client-secret|abab|canary|example\.com/);
});

interface Vector {
  readonly version: string;
  readonly name?: string;
  readonly secret: string;
  readonly requestUrl: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly verifyAtMs: number;
}

test('every vector of version 3 is accepted, and not with one byte less', () => {
  const file = contractFile<{ vectors: readonly Vector[] }>('hubspot/derived/signature-vectors.json');
  for (const vector of file?.vectors.filter(({ version }) => version === 'v3') ?? []) {
    const headers = new Map(Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value]));
    const verify = (body: string) =>
      verifySignature(
        { url: vector.requestUrl, rawBody: Buffer.from(body), header: (name) => headers.get(name) },
        [vector.secret],
        vector.verifyAtMs,
      ).ok;
    expect([vector.name, verify(vector.body), verify(vector.body.slice(1))]).toEqual([vector.name, true, false]);
  }
});
