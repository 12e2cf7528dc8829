/**
 * Who may use the operator API: bearers of BOOKSYNC_API_TOKEN, or of an operator's own token.
 * Invariant: without a configured token nobody may.
 */
import type { RequestHandler, Response } from 'express';
import { HttpError } from '../errors';
import { ANYBODY, type Holder, type Operators } from '../operators';

interface Bearer {
  readonly operators: Operators;
  readonly holder: Holder;
}

export function requireBearer(operators: Operators): RequestHandler {
  return (request, response, next) => {
    const sent = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    const holder = operators.holderOf(sent);
    if (holder !== null) response.locals.bearer = { operators, holder } satisfies Bearer;
    next(holder === null ? unauthorized(operators.holders.length === 0) : undefined);
  };
}

/** The opaque id that the bearer decides under; `named`, where the token says nobody's. Throws as `Operators.idOf`. */
export function operatorOf(response: Response, named: string = ANYBODY): string {
  const { operators, holder } = response.locals.bearer as Bearer;
  return operators.idOf(holder, named);
}

function unauthorized(isUnconfigured: boolean): HttpError {
  return new HttpError({
    status: 401,
    code: 'unauthorized',
    message: isUnconfigured
      ? 'The operator API is closed: no BOOKSYNC_API_TOKEN is set for this process.'
      : 'Send the operator token as "Authorization: Bearer <BOOKSYNC_API_TOKEN>".',
    headers: { 'www-authenticate': 'Bearer realm="booksync"' },
  });
}
