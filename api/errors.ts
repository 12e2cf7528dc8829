/**
 * Refusals that callers see: `{"error": {"code", "message"}}` with a status.
 * Invariant: a message says what was found, what was expected and what to do, and never quotes personal data.
 */

/** Thrown by routes; the error handler turns it into its answer. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(refusal: { status: number; code: string; message: string; headers?: Readonly<Record<string, string>> }) {
    super(refusal.message);
    this.status = refusal.status;
    this.code = refusal.code;
    this.headers = refusal.headers ?? {};
  }
}

/** What was asked for is stored, and Temporal could not be told. */
export function engineAway(): HttpError {
  const message = 'The workflow engine can not be reached. What was asked for is stored; ask again in a moment.';
  return new HttpError({ status: 503, code: 'engine_unavailable', message, headers: { 'retry-after': '5' } });
}

export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string };
}

export function errorBody(code: string, message: string): ErrorBody {
  return { error: { code, message } };
}

/** System and database errors carry a code, which names the cause without quoting data; '' without one. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** What may be logged of an unknown error: its kind and where it came from. Messages can quote data, so they stay out. */
export function kindOf(error: unknown): { errorName: string; errorCode: string; at: readonly string[] } {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  return {
    errorName: error instanceof Error ? error.name : typeof error,
    errorCode: codeOf(error),
    at: frames.slice(0, 6).map((line) => line.trim()),
  };
}
