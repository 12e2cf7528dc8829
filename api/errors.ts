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

export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string };
}

export function errorBody(code: string, message: string): ErrorBody {
  return { error: { code, message } };
}
