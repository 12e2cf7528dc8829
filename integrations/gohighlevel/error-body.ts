/**
 * HighLevel's error bodies: reading them, and telling from their words what they are about.
 * Invariant: every field is optional, and what leaves here for messages is a field of our own requests, never a value or the vendor's text.
 */
import { z } from 'zod';
import { jsonOf } from '../json-of';

const text = z.string().catch('');
const errorBodySchema = z.object({
  /** One sentence, or one for each problem. */
  message: z.union([z.string().transform((one) => [one]), z.array(text)]).catch([]),
  code: text,
  /** A word of RFC 6749 at the token endpoint, the status in words elsewhere. */
  error: text,
  error_description: text,
  traceId: text,
  meta: z
    .object({ contactId: text, existingId: text, matchingField: text })
    .catch({ contactId: '', existingId: '', matchingField: '' }),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;

/** Reads an error body; every field of it is optional, and HTML or nothing at all happens. */
export function readErrorBody(answerText: string): ErrorBody {
  const parsed = errorBodySchema.safeParse(jsonOf(answerText));
  return parsed.success ? parsed.data : errorBodySchema.parse({});
}

/** The sentences of a body as one text. */
export const wordsOf = ({ message, error_description }: ErrorBody): string =>
  [...message, error_description].filter((one) => one !== '').join('; ');

/** A record of another kind than the call's own that a refusal is about: its field's value comes from the configuration. */
const MAPPED: readonly (readonly [RegExp, string])[] = [
  [/\bassignedTo\b/i, 'assignedTo'],
  [/\bassignedUserId\b|\buser\b/i, 'assignedUserId'],
  [/\bstage\b|\bpipelineStageId\b/i, 'pipelineStageId'],
  [/\bpipeline(?:Id)?\b/i, 'pipelineId'],
  [/\bcalendar(?:Id)?\b(?! (?:event|appointment))/i, 'calendarId'],
  [/\bcustom ?fields?\b/i, 'customFields'],
];

/** Fields that hold what was booked. */
const BOOKED: readonly (readonly [RegExp, string])[] = [
  [/\be-?mail\b/i, 'email'],
  [/\bphone\b/i, 'phone'],
  [/\bfirst ?name\b/i, 'firstName'],
  [/\blast ?name\b/i, 'lastName'],
  [/\bstart ?time\b/i, 'startTime'],
  [/\bend ?time\b/i, 'endTime'],
  [/\bappointmentStatus\b/i, 'appointmentStatus'],
  [/\btitle\b/i, 'title'],
  [/\bdescription\b/i, 'description'],
  [/\baddress\b/i, 'address'],
  [/\btags?\b/i, 'tags'],
];

/** The configured field that a refusal is about; null: none. */
export function mappedFieldIn(words: string): string | null {
  return MAPPED.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}

/** Fields of the booking that a refusal is about. */
export function bookedFieldsIn(words: string): readonly string[] {
  return BOOKED.filter(([pattern]) => pattern.test(words)).map(([, field]) => field);
}

/** Fields that the vendor does not know: "property emial should not exist". They are ours, so they may be shown. */
export function unknownFieldsIn({ message }: ErrorBody): readonly string[] {
  const named = message.flatMap((one) => /^property ([\w.]{1,60}) should not exist$/.exec(one)?.[1] ?? []);
  return [...new Set(named)];
}

/** Says that something is not there. Reads and writes of what is gone get 400 as well as 404: the contract has no 404 for most. */
export const saysMissing = (words: string): boolean =>
  /\bnot found\b|\bdoes ?n[o']t exist\b|\bhas been deleted\b|\bno longer exists\b/i.test(words);
