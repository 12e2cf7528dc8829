/**
 * Refusals in HubSpot's shape: `{status: 'error', message, category, correlationId, errors?: [{message, code, context}]}`.
 * Invariant: `violation` is set exactly when the caller broke the contract; bad luck (conflict, limit, gone) is none.
 * The categories and codes are HubSpot's, the texts are ours.
 */
import { randomUUID } from 'node:crypto';
import type { SimAnswer } from '../exchange';

export interface ErrorDetail {
  readonly message: string;
  readonly code?: string;
  readonly context?: Readonly<Record<string, readonly string[]>>;
}

/** Thrown by operations; the router turns it into the answer. */
export class HubspotRefusal extends Error {
  override readonly name = 'HubspotRefusal';
  readonly answer: SimAnswer;

  constructor(answer: SimAnswer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

interface RefusalParts {
  readonly status: number;
  readonly category: string;
  readonly subCategory?: string;
  readonly message: string;
  readonly errors?: readonly ErrorDetail[];
  readonly context?: Readonly<Record<string, readonly string[]>>;
  readonly violation?: string;
}

/** An error answer with a correlation id of its own. */
export function refusal(parts: RefusalParts): HubspotRefusal {
  const { status, violation, ...body } = parts;
  return new HubspotRefusal({
    status,
    body: { status: 'error', ...body, correlationId: randomUUID() },
    violation: violation ?? null,
  });
}

/** A refusal as a row of a 207. */
export function rowError(refused: HubspotRefusal, context: Readonly<Record<string, readonly string[]>>): object {
  const { category, message, errors = [] } = refused.answer.body as Partial<RefusalParts>;
  return { status: 'error', category, message, context, errors, links: {} };
}

/** 400: the request itself is wrong; counted as a violation. */
export function malformed(message: string, violation: string = message): HubspotRefusal {
  return refusal({ status: 400, category: 'VALIDATION_ERROR', message, violation });
}

/** 400 about properties. `violation: null` for values that come from people, such as a misspelt e-mail address. */
export function invalidProperties(errors: readonly ErrorDetail[], violation: string | null): HubspotRefusal {
  return refusal({
    status: 400,
    category: 'VALIDATION_ERROR',
    message: errors.length === 1 ? (errors[0]?.message ?? '') : `${errors.length} property values were not valid`,
    errors,
    ...(violation === null ? {} : { violation }),
  });
}

export function propertyError(name: string, code: string, message: string): ErrorDetail {
  return { message, code, context: { propertyName: [name] } };
}

/** 404: no such record, or an archived one. */
export function notFound(): HubspotRefusal {
  return refusal({ status: 404, category: 'OBJECT_NOT_FOUND', message: 'resource not found' });
}

/** 409: HubSpot names the id that is in the way only inside this text. */
export function contactExists(existingId: string): HubspotRefusal {
  return refusal({ status: 409, category: 'CONFLICT', message: `Contact already exists. Existing ID: ${existingId}` });
}

/**
 * 400: another record has this value of a unique property. The code is what HubSpot's users quote; nothing official
 * describes the body, and whether it names the other record's id is not known, so it does not.
 */
export function uniqueValueTaken(name: string): HubspotRefusal {
  return invalidProperties([propertyError(name, 'CONFLICTING_UNIQUE_VALUE', `${name} already has that value`)], null);
}

/** 409 as observed. */
export function propertyExists(name: string): HubspotRefusal {
  return refusal({
    status: 409,
    category: 'OBJECT_ALREADY_EXISTS',
    subCategory: 'Properties.PROPERTY_WITH_NAME_EXISTS',
    message: `A property named '${name}' already exists.`,
  });
}

/** 400 of a portal that takes no (further) unique property. No body of it was ever seen: the texts are ours. */
export function uniquePropertyRefused(message: string): HubspotRefusal {
  return refusal({ status: 400, category: 'VALIDATION_ERROR', message });
}

/** 423: the record is being written by somebody else. */
export function locked(): HubspotRefusal {
  return refusal({ status: 423, category: 'RATE_LIMITS', message: 'Locked' });
}

/** 477 with the seconds to wait in `Retry-After`. */
export function migrating(retryAfterSeconds: number): HubspotRefusal {
  return new HubspotRefusal({
    status: 477,
    headers: { 'Retry-After': String(retryAfterSeconds) },
    body: { status: 'error', message: 'Migration in progress', category: 'MIGRATION', correlationId: randomUUID() },
  });
}

export function missingScopes(scopes: readonly string[]): HubspotRefusal {
  const detail = {
    message: 'One or more of the following scopes are required.',
    context: { requiredGranularScopes: scopes },
  };
  return refusal({
    status: 403,
    category: 'MISSING_SCOPES',
    message: "This app hasn't been granted all required scopes to make this call.",
    errors: [detail],
  });
}

/** 401 of an access token that ended at `expiredAtMs`. */
export function expired(expiredAtMs: number, nowMs: number): HubspotRefusal {
  const seconds = Math.max(0, Math.floor((nowMs - expiredAtMs) / 1_000));
  return refusal({
    status: 401,
    category: 'EXPIRED_AUTHENTICATION',
    message: `The OAuth token used to make this call expired ${seconds} second(s) ago.`,
    context: { 'expire time': [new Date(expiredAtMs).toISOString()] },
  });
}

/** 401; a call without any token is a violation, a revoked one is not. */
export function unauthenticated(kind: 'missing' | 'revoked'): HubspotRefusal {
  return refusal({
    status: 401,
    category: 'INVALID_AUTHENTICATION',
    message: 'Authentication credentials not found or not valid.',
    ...(kind === 'missing' ? { violation: 'no bearer token' } : {}),
  });
}

const POLICIES = { TEN_SECONDLY_ROLLING: 'ten_secondly_rolling', SECONDLY: 'secondly', DAILY: 'daily' } as const;

/** Body of a 429. HubSpot documents no Retry-After for it. */
export function rateLimitBody(policyName: keyof typeof POLICIES): object {
  return {
    status: 'error',
    message: `You have reached your ${POLICIES[policyName]} limit.`,
    errorType: 'RATE_LIMIT',
    correlationId: randomUUID(),
    policyName,
    requestId: randomUUID(),
  };
}

const TEXTS: Readonly<Record<number, readonly [category: string, message: string]>> = {
  400: ['VALIDATION_ERROR', 'Invalid input'],
  401: ['INVALID_AUTHENTICATION', 'Authentication credentials not found or not valid.'],
  403: ['MISSING_SCOPES', "This app hasn't been granted all required scopes to make this call."],
  404: ['OBJECT_NOT_FOUND', 'resource not found'],
  409: ['CONFLICT', 'The request conflicts with the state of the record.'],
  423: ['RATE_LIMITS', 'Locked'],
  477: ['MIGRATION', 'Migration in progress'],
};

/** What a status looks like that a fault gives without a body. Gateways answer HTML, the application JSON. */
export function bodyForStatus(status: number): unknown {
  if (status === 429) return rateLimitBody('TEN_SECONDLY_ROLLING');
  if (status === 502 || status === 504 || status >= 520) return `<html><body><h1>${status}</h1></body></html>`;
  const [category, message] = TEXTS[status] ?? ['INTERNAL_ERROR', 'The service could not handle the request.'];
  return { status: 'error', message, category, correlationId: randomUUID() };
}
