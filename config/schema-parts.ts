/**
 * What sections of booksync.yaml are made of: keys, spans, numbers, texts, addresses.
 * Invariant: every refusal says what was expected, and none shows the value, which may be a secret.
 */
import { z } from 'zod';

export const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
export const MAX_SPAN_MS = 366 * UNIT_MS.d;

/** An object that refuses unknown keys and says which ones it knows. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') return `unknown key; expected one of ${Object.keys(shape).join(', ')}`;
      return issue.code === 'invalid_type' ? 'expected a section with keys' : undefined;
    },
  });
}

/** `72h`, `30m`, `3d` → milliseconds. */
export const span = z.string('expected a span such as 72h, 30m or 3d').transform((text, context) => {
  const match = /^(\d{1,9})([smhdw])$/.exec(text);
  const ms = match === null ? NaN : Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  if (ms <= MAX_SPAN_MS) return ms;
  context.addIssue({
    code: 'custom',
    message: match === null ? 'expected a span such as 72h, 30m or 3d' : 'expected a span of at most 366 days',
  });
  return z.NEVER;
});

// Values that come from the environment are text.
export const number = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value),
  z.number('expected a number'),
);
export const flag = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean('expected true or false'),
);
export const word = z.string('expected text').trim().min(1, 'is empty; expected text');
export const emailAddress = word.regex(/^[^\s<>,;"@]+@[^\s<>,;"@]+$/, 'expected one address such as ops@example.com');
export const list = <T extends z.ZodType>(item: T, of: string) => z.array(item, `expected a list of ${of}`);
export const url = (protocols: readonly string[], example: string) =>
  word.refine(
    (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
    `expected an address such as ${example}`,
  );

// Not trimmed: every byte of a secret counts.
export const webhookSecrets = list(z.string('expected text').min(1, 'is empty; expected a secret'), 'secrets');
export const webhookUrl = (connection: string) =>
  url(['https:', 'http:'], `https://booksync.example.com/webhooks/${connection}`).nullable().default(null);
/** PEM, or the base64 between its lines: the public part of an Ed25519 pair begins alike in all of them. */
export const webhookKey = word
  .transform((text) => text.replace(/-----(BEGIN|END) PUBLIC KEY-----|\\n|\s/g, ''))
  .refine((text) => /^MCowBQYDK2VwAyEA[\w+/]{43}=$/.test(text), 'expected an Ed25519 public key, as PEM or its base64');
