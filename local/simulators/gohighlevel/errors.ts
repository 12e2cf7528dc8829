/**
 * Refusals in HighLevel's shape: `{statusCode, message, error?, code?, meta?, traceId}`.
 * Invariant: `violation` is set exactly when the caller broke the contract; bad luck (duplicate, limit, taken slot) is none.
 * Statuses and texts are the vendor's where its samples or the wild show them.
 */
import { randomUUID } from 'node:crypto';
import type { SimAnswer } from '../exchange';

/** Thrown by operations; the router turns it into the answer. */
export class GohighlevelRefusal extends Error {
  override readonly name = 'GohighlevelRefusal';

  constructor(
    readonly answer: SimAnswer,
    message: string,
  ) {
    super(message);
  }
}

interface RefusalParts {
  readonly status: number;
  readonly message: string | readonly string[];
  readonly code?: string;
  readonly meta?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly violation?: string;
}

const ERRORS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  422: 'Unprocessable Entity',
};

export function refusal(parts: RefusalParts): GohighlevelRefusal {
  const { status, message, violation, headers, code, meta } = parts;
  const body = {
    statusCode: status,
    message,
    ...(code === undefined ? {} : { code }),
    ...(meta === undefined ? {} : { meta }),
    ...(ERRORS[status] === undefined ? {} : { error: ERRORS[status] }),
    traceId: randomUUID(),
  };
  return new GohighlevelRefusal(
    { status, body, violation: violation ?? null, ...(headers === undefined ? {} : { headers }) },
    typeof message === 'string' ? message : message.join('; '),
  );
}

/** 422, or 400 where the contract has no 422: the request itself is wrong; counted, with `problems` as the reason. */
export function malformed(problems: readonly string[], status: 400 | 422 = 422): GohighlevelRefusal {
  const violation = problems.join('; ');
  return refusal({ status, message: status === 422 ? problems : violation, violation });
}

/** 400 about the state of things: a taken slot, a calendar that is gone. Not the caller's fault. */
export const badRequest = (message: string): GohighlevelRefusal => refusal({ status: 400, message });

export const unprocessable = (message: string): GohighlevelRefusal => refusal({ status: 422, message: [message] });

/** POST /contacts/ and PUT when the location allows no duplicates. */
export function duplicateContact(existing: { id: string; name: string; matchingField: string }): GohighlevelRefusal {
  return refusal({
    status: 400,
    message: 'This location does not allow duplicated contacts.',
    meta: { contactId: existing.id, contactName: existing.name, matchingField: existing.matchingField },
  });
}

export function duplicateOpportunity(existingId: string): GohighlevelRefusal {
  return refusal({
    status: 400,
    message: 'Can not create duplicate opportunity for the contact.',
    code: 'OPPORTUNITY_NO_DUPLICATE',
    meta: { existingId },
  });
}

export const slotTaken = (): GohighlevelRefusal => badRequest('The slot you have selected is no longer available.');

/** The four things that 401 means, and the two that a `Version` header can do wrong (also 401, seen in the wild). */
export type UnauthorizedKind =
  'missing' | 'invalid_token' | 'invalid_private_token' | 'scope' | 'route' | 'no_version' | 'unknown_version';

const UNAUTHORIZED: Readonly<Record<UnauthorizedKind, string>> = {
  missing: 'Invalid token: access token is invalid',
  invalid_token: 'Invalid token: access token is invalid',
  invalid_private_token: 'Invalid Private Integration token',
  scope: 'The token is not authorized for this scope.',
  route: 'This route is not yet supported by the IAM Service. Please update your IAM config.',
  no_version: 'version header was not found.',
  unknown_version: 'version header is invalid',
};

const VIOLATIONS: Partial<Record<UnauthorizedKind, string>> = {
  missing: 'no bearer token',
  no_version: 'no Version header',
  unknown_version: 'a Version header that was never published',
};

export function unauthorized(kind: UnauthorizedKind): GohighlevelRefusal {
  const violation = VIOLATIONS[kind];
  return refusal({ status: 401, message: UNAUTHORIZED[kind], ...(violation === undefined ? {} : { violation }) });
}

/** 403, seen in the wild: the token is another location's. */
export function wrongLocation(): GohighlevelRefusal {
  const violation = "a location that is not the token's";
  return refusal({ status: 403, message: 'The token does not have access to this location.', violation });
}

export function tooManyRequests(headers: Readonly<Record<string, string>>): GohighlevelRefusal {
  return refusal({ status: 429, message: 'Too Many Requests', headers });
}

const TEXTS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: UNAUTHORIZED.invalid_token,
  403: 'Forbidden',
  404: 'Not Found',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
};

/** What a status looks like that a fault gives without a body. Gateways answer HTML, the application JSON. */
export function bodyForStatus(status: number): unknown {
  if (status === 502 || status === 504 || status >= 520) return `<html><body><h1>${status}</h1></body></html>`;
  return { statusCode: status, message: TEXTS[status] ?? 'Internal server error', traceId: randomUUID() };
}
