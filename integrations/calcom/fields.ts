/**
 * The kinds of fields that Cal.com's webhooks and its API are made of.
 * Invariant: strict about what we rely on (ids, instants, marks), and a text that is odd or missing is null.
 */
import { z } from 'zod';
import { cleanLine, cleanText } from './text';

const MAX_ID_BYTES = 255;
const MAX_CALENDAR_UID_BYTES = 1000;
const MAX_ATTENDEES = 1000;
const EARLIEST_MS = Date.UTC(1970, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

/** Ids end up in workflow ids (at most 1,000 bytes, percent-encoded) and in indexes: hence bytes, and nothing invisible. */
export const uid = z
  .string('expected a string')
  .refine(isUsableId, `expected 1 to ${MAX_ID_BYTES} bytes of text without control characters or broken Unicode`);

/** Epoch ms. `Z`, `+00:00` and other offsets are the same instant; a text without offset is not an instant. */
export const instant = z.iso
  .datetime({ offset: true, error: 'expected an ISO 8601 instant with Z or an offset' })
  .transform((text) => Date.parse(text))
  .refine((ms) => ms >= EARLIEST_MS && ms < LATEST_MS, 'expected an instant between the years 1970 and 2199');

export const anything = z.unknown().optional();
export const line = anything.transform(cleanLine);
export const text = anything.transform(cleanText);
/** Null where the field is absent, null or empty. */
export const optionalUid = anything
  .transform((value) => (value === '' ? null : value))
  .pipe(uid.nullish())
  .transform((value) => value ?? null);
export const flag = z.boolean('expected true or false');

export const sequence = anything.transform((value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null,
);

/** A number by which Cal.com knows something, as text; null where it is odd or missing. */
export const idNumber = anything.transform((value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? String(value) : null,
);

export const calendarUid = anything.transform((value) => {
  const cleaned = cleanLine(value);
  return cleaned !== null && Buffer.byteLength(cleaned) <= MAX_CALENDAR_UID_BYTES ? cleaned : null;
});

/** Counted before the elements are looked at, so that a huge list costs one complaint and not one per element. */
export const listOf = <T extends z.ZodType>(element: T) =>
  z
    .array(z.unknown(), 'expected an array')
    .max(MAX_ATTENDEES, `expected at most ${MAX_ATTENDEES} elements`)
    .pipe(z.array(element));

function isUsableId(value: string): boolean {
  return value.length > 0 && Buffer.byteLength(value) <= MAX_ID_BYTES && !/[\p{Cc}\p{Cs}]/u.test(value);
}
