/**
 * Who may use the operator API: bearers of BOOKSYNC_API_TOKEN.
 * Invariant: without a configured token nobody may; the comparison takes equally long however much of a token is right.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { HttpError } from '../errors';

export function requireBearer(token: string | null): RequestHandler {
  const expected = token === null || token.trim() === '' ? null : digestOf(token);
  return (request, _response, next) => {
    const sent = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    // Digests have equal lengths, so not even the token's length shows.
    const isRight = expected !== null && sent !== undefined && timingSafeEqual(digestOf(sent), expected);
    next(isRight ? undefined : unauthorized(expected === null));
  };
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

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
