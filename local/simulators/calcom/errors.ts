/**
 * Refusals in Cal.com's shape: `{status: 'error', timestamp, path, error: {code, message, details}}`.
 * Invariant: `violation` is set exactly when the caller broke the contract; bad luck (limit, state, gone) is none.
 * The codes are those of Cal.com's exceptions, the texts are ours.
 */
import type { SimAnswer } from '../exchange';

const CODES: Readonly<Record<number, string>> = {
  400: 'BadRequestException',
  401: 'UnauthorizedException',
  403: 'ForbiddenException',
  404: 'NotFoundException',
  409: 'ConflictException',
  422: 'UnprocessableEntityException',
  429: 'ThrottlerException',
};

/** Thrown by actions and operations: the state of a booking, or the request itself, does not allow it. */
export class CalcomRefusal extends Error {
  override readonly name = 'CalcomRefusal';

  constructor(
    readonly status: number,
    message: string,
    /** Why the request breaks the contract; never a value out of it. */
    readonly violation: string | null = null,
  ) {
    super(message);
  }
}

/** 400: the state does not allow it. */
export function refused(message: string): CalcomRefusal {
  return new CalcomRefusal(400, message);
}

/** 404: this account has no such record. */
export function notFound(what: string): CalcomRefusal {
  return new CalcomRefusal(404, `${what} was not found`);
}

/** 400: the request itself is wrong; counted as a violation. */
export function malformed(message: string): CalcomRefusal {
  return new CalcomRefusal(400, message, message);
}

/** The answer of a refusal. */
export function refusalAnswer(
  refusal: CalcomRefusal,
  at: { readonly path: string; readonly nowMs: number },
): SimAnswer {
  const { status, message, violation } = refusal;
  const body = { ...errorBody(status, message), timestamp: new Date(at.nowMs).toISOString(), path: at.path };
  return { status, body, violation };
}

/** What a status looks like that a fault gives without a body. Gateways answer HTML, the application JSON. */
export function bodyForStatus(status: number): unknown {
  if (status === 502 || status === 504 || status >= 520) return `<html><body><h1>${status}</h1></body></html>`;
  return errorBody(status, 'The request could not be handled.');
}

function errorBody(status: number, message: string): object {
  const code = CODES[status] ?? 'InternalServerErrorException';
  return { status: 'error', error: { code, message, details: { message, error: code, statusCode: status } } };
}
