/**
 * What request bodies may look like: exactly the fields of Cal.com's contract.
 * Invariant: a field that is not listed is refused and counted.
 */
import { z } from 'zod';
import type { SimRequest } from '../exchange';
import { malformed } from './errors';
import { eventTypeSlugs } from './seed';
import { triggers } from './subscriptions';

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const texts = z.record(z.string(), z.string());

export const createBody = z.strictObject({
  start: instant,
  attendee: z.strictObject({
    name: z.string().min(1),
    timeZone: z.string().min(1),
    email: z.email().optional(),
    phoneNumber: z.string().optional(),
    language: z.string().optional(),
  }),
  eventTypeId: z.int().optional(),
  eventTypeSlug: z.enum(eventTypeSlugs).optional(),
  username: z.string().optional(),
  guests: z.array(z.email()).optional(),
  bookingFieldsResponses: texts.optional(),
  metadata: texts.optional(),
  lengthInMinutes: z.int().positive().optional(),
  recurrenceCount: z.int().positive().optional(),
});

const verification = { emailVerificationCode: z.string().optional() };
export const rescheduleBody = z.union([
  z.strictObject({
    start: instant,
    rescheduledBy: z.string().optional(),
    reschedulingReason: z.string().optional(),
    ...verification,
  }),
  z.strictObject({ start: instant, rescheduledBy: z.string().optional(), seatUid: z.string(), ...verification }),
]);

export const cancelBody = z.union([
  z.strictObject({ cancellationReason: z.string().optional(), cancelSubsequentBookings: z.boolean().optional() }),
  z.strictObject({ seatUid: z.string(), cancellationReason: z.string().optional() }),
]);

export const markAbsentBody = z.strictObject({
  host: z.boolean().optional(),
  attendees: z.array(z.strictObject({ email: z.string(), absent: z.boolean() })).optional(),
});

export const declineBody = z.strictObject({ reason: z.string().optional() });
export const emptyBody = z.strictObject({});
export const reassignBody = z.strictObject({ reason: z.string().optional() });

const webhookFields = {
  payloadTemplate: z.string().nullable().optional(),
  active: z.boolean(),
  subscriberUrl: z.url({ protocol: /^https?$/ }),
  triggers: z.array(z.enum(triggers)).min(1),
  secret: z.string().optional(),
  version: z.enum(['2021-10-20']).optional(),
};
export const createWebhookBody = z.strictObject(webhookFields);
export const updateWebhookBody = z.strictObject(webhookFields).partial();
export type WebhookFields = z.output<typeof updateWebhookBody>;

const client = { client_id: z.string(), client_secret: z.string() };
export const tokenBody = z.discriminatedUnion('grant_type', [
  z.strictObject({
    ...client,
    grant_type: z.literal('authorization_code'),
    code: z.string(),
    redirect_uri: z.string(),
  }),
  z.strictObject({ ...client, grant_type: z.literal('refresh_token'), refresh_token: z.string() }),
]);

/** Reads a JSON body; throws Cal.com's 400, counted as a violation that names fields only. */
export function readBody<T extends z.ZodType>(schema: T, request: SimRequest): z.output<T> {
  if (!isJson(request)) throw malformed('Content-Type must be application/json');
  return checked(schema, parsed(request.body.toString('utf8')));
}

/** As `readBody`; no body at all is an empty object. */
export function readOptionalBody<T extends z.ZodType>(schema: T, request: SimRequest): z.output<T> {
  return request.body.length === 0 ? checked(schema, {}) : readBody(schema, request);
}

/** JSON or a form, as the token endpoint takes them. */
export function readTokenBody(request: SimRequest): z.output<typeof tokenBody> {
  const text = request.body.toString('utf8');
  return checked(tokenBody, isJson(request) ? parsed(text) : Object.fromEntries(new URLSearchParams(text)));
}

function isJson({ headers }: SimRequest): boolean {
  return /^application\/json\b/i.test(headers['content-type'] ?? '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformed('The body is not JSON');
  }
}

function checked<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw malformed(problems.join('; '));
}
