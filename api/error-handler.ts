/**
 * The one place where a thrown error becomes an answer.
 * Invariant: only refusals that were written for callers are quoted; of anything else caller and log get an id and the error's kind.
 */
import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { sqlStateOf } from '../db/pool';
import { codeOf, errorBody, HttpError, kindOf } from './errors';

export const unknownRoute: RequestHandler = (_request, _response, next) => {
  next(
    new HttpError({
      status: 404,
      code: 'unknown_route',
      message: 'There is nothing under this path and method. GET /api/v1/openapi.json lists what there is.',
    }),
  );
};

export function errorHandler(logger: Logger): ErrorRequestHandler {
  // Four parameters make it an error handler for express.
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const refusal = refusalOf(error) ?? unexpected(logger, request.method, error);
    response.status(refusal.status).set(refusal.headers).json(errorBody(refusal.code, refusal.message));
  };
}

/** What a caller may be told about the error; null: nothing. */
export function refusalOf(error: unknown): HttpError | null {
  return error instanceof HttpError ? error : (requestProblem(error) ?? databaseAway(error));
}

/** Logs the kind of an error that nobody expected; the caller gets the id of the log's line. */
export function unexpected(logger: Logger, method: string, error: unknown): HttpError {
  const errorId = randomUUID();
  logger.error({ errorId, method, ...kindOf(error) }, 'request failed');
  const message = `Something went wrong here. The log has it under the id ${errorId}.`;
  return new HttpError({ status: 500, code: 'internal', message });
}

/** Errors of express and its body parser that the caller caused. */
function requestProblem(error: unknown): HttpError | null {
  if (!(error instanceof Error) || !('status' in error)) return null;
  const { status } = error;
  if (typeof status !== 'number' || status < 400 || status > 499) return null;
  if (status === 413) return new HttpError({ status, code: 'too_large', message: 'The request body is too large.' });
  if (status === 415) {
    return new HttpError({
      status,
      code: 'unsupported_encoding',
      message: 'Send the body as uncompressed UTF-8 JSON.',
    });
  }
  const part =
    'type' in error && error.type === 'entity.parse.failed'
      ? 'The body is not valid JSON.'
      : 'The request is malformed.';
  return new HttpError({ status: 400, code: 'invalid_request', message: part });
}

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
const POOL_MESSAGES = /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout)/;

/** Connection trouble, shutdown, too many connections, or a schema that is not there yet: all of them pass. */
function databaseAway(error: unknown): HttpError | null {
  const state = sqlStateOf(error) ?? '';
  const isAway =
    /^(08|57P|53)/.test(state) || state === '42P01' || SOCKET_CODES.has(codeOf(error)) || isPoolError(error);
  if (!isAway) return null;
  return new HttpError({
    status: 503,
    code: 'database_unavailable',
    message: 'The database can not be reached right now, or is not migrated yet. Try again; GET /readyz tells more.',
    headers: { 'retry-after': '5' },
  });
}

function isPoolError(error: unknown): boolean {
  return error instanceof Error && POOL_MESSAGES.test(error.message);
}
