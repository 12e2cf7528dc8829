/**
 * Logs: one JSON object a line, ids and status words only.
 * Invariant: no personal data, no secret, no vendor's text. Errors are reduced to what is known to be ours.
 */
import { types } from 'node:util';
import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type { LogLevel } from './environment';

export type { Logger } from 'pino';

/** Keys whose values never appear, at the top and two levels down. The top-level `name` is the logger's own. */
// prettier-ignore
const SENSITIVE_KEYS = [
  'address', 'answers', 'apiToken', 'attendees', 'authorization', 'body', 'cookie', 'databaseUrl', 'email', 'firstName', 'guest', 'headers',
  'lastName', 'masterKey', 'notes', 'password', 'payload', 'phone', 'rawBody', 'responses', 'secret', 'smtpUrl', 'text', 'title', 'token',
  'variables', 'vendorText', 'webhookSecrets',
] as const;
const NESTED_ONLY = ['name'] as const;

const REDACTED_PATHS = [
  ...SENSITIVE_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
  ...NESTED_ONLY.flatMap((key) => [`*.${key}`, `*.*.${key}`]),
];

/** Errors under `err` or `error` are reduced; `destination` is standard output unless a test collects the lines. */
export function createLogger(options: { name: string; level: LogLevel; destination?: DestinationStream }): Logger {
  const settings: LoggerOptions = {
    name: options.name,
    level: options.level,
    timestamp: pino.stdTimeFunctions.isoTime,
    base: { pid: process.pid },
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
    serializers: { err: describeError, error: describeError },
    hooks: { logMethod: withSafeMessage },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

/** Without a message pino takes the error's own, past the serializers. */
function withSafeMessage(this: Logger, args: Parameters<pino.LogFn>, method: pino.LogFn): void {
  const [first, ...rest] = args as [unknown, ...unknown[]];
  const error = types.isNativeError(first) ? first : errorOf(first);
  if (error === null || rest.length > 0) return method.apply(this, args);
  method.apply(this, [types.isNativeError(first) ? { err: first } : first, safeMessage(error)]);
}

function errorOf(value: unknown): Error | null {
  return typeof value === 'object' && value !== null && 'err' in value && types.isNativeError(value.err)
    ? value.err
    : null;
}

export interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  /** Our own frames, innermost first. */
  readonly stack?: readonly string[];
  readonly cause?: ErrorDescription;
}

const MAX_CAUSES = 3;

/** What may be logged of an error. Anything that is not an error is named by its type only. */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!types.isNativeError(error)) return { type: typeof error, message: 'not an error' };
  const stack = ownFrames(error);
  return {
    type: error.name,
    message: safeMessage(error),
    ...('code' in error && (typeof error.code === 'string' || typeof error.code === 'number')
      ? { code: String(error.code) }
      : {}),
    ...(stack.length > 0 ? { stack } : {}),
    ...(types.isNativeError(error.cause) && depth < MAX_CAUSES ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

/** JSON.parse and PostgreSQL quote the input; mail servers quote addresses. */
function safeMessage(error: Error): string {
  if (error.name === 'SyntaxError') return 'text could not be parsed';
  if ('severity' in error && 'code' in error) return `PostgreSQL refused a statement (SQLSTATE ${String(error.code)})`;
  return error.message.replace(/[^\s@<>"'(]+@[^\s@<>"',;)]+/g, '[address]').replace(/\+\d[\d ().-]{6,}\d/g, '[number]');
}

function ownFrames(error: Error): string[] {
  const root = `${process.cwd()}/`;
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && line.includes(root) && !line.includes('/node_modules/'))
    .map((line) => line.trim().replace(root, ''));
}
