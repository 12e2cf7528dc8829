/**
 * Turns what Cal.com's API answered, or failed to answer, into one `SourceError`.
 * Invariant: messages hold our operation names, HTTP statuses and socket codes, never the vendor's text.
 */
import type { HttpAnswer, NetworkFailure } from '../http-send';
import { SourceError } from '../ports';
import { retryAfterOf } from './limits';

/** What repeating the call could do: nothing (`safe`), or move, cancel or mark a second time (`write`). */
export type Effect = 'safe' | 'write';

/** Our method's name: it is all that messages say about the request. */
export interface CallName {
  readonly operation: string;
  readonly effect: Effect;
}

export type Extra = NonNullable<ConstructorParameters<typeof SourceError>[2]>;

const VENDOR_TEXT_LIMIT = 2_000;

/** An answer that is not 2xx. Cal.com refuses with 400 whatever it does not want: canceled already, not begun yet, moved on. */
export function errorFromAnswer(call: CallName, answer: HttpAnswer, nowMs: number): SourceError {
  const at = where(call, answer.status);
  const extra = extraOf(answer);
  const { status } = answer;
  if (status === 429) {
    const retryAfterMs = retryAfterOf(answer, nowMs);
    return new SourceError('rate_limited', `${at}: the limit is used up; repeat after ${retryAfterMs} ms`, {
      ...extra,
      retryAfterMs,
    });
  }
  if (status === 401) {
    return new SourceError(
      'reauth_required',
      `${at}: the credentials are not accepted; connect the source again`,
      extra,
    );
  }
  if (status === 403 && call.effect === 'safe') {
    return new SourceError('reauth_required', `${at}: access is refused; grant the scopes and connect again`, extra);
  }
  if (status === 408 || status >= 500) return uncertain(call, at, extra);
  if (status >= 400) {
    const why =
      status === 403
        ? 'the credentials may not do that'
        : status === 404
          ? 'there is no such record'
          : 'the source says no';
    return new SourceError('refused', `${at}: ${why}; repeating is useless`, extra);
  }
  return new SourceError(
    'contract_violation',
    `${at}: expected an answer, found another status; check the base URL`,
    extra,
  );
}

/** There was no answer, or not all of it. */
export function errorFromNetwork(call: CallName, failure: NetworkFailure): SourceError {
  const what = `Cal.com ${call.operation}: ${failure.message}`;
  return uncertain({ ...call, effect: failure.maySent ? call.effect : 'safe' }, what);
}

/** A 2xx that can't be read. After a write nobody knows what was done. */
export function unreadableAnswer(call: CallName, answer: HttpAnswer, what: string): SourceError {
  const at = `${where(call, answer.status)}: ${what}`;
  if (call.effect === 'write') return uncertain(call, at, extraOf(answer));
  return new SourceError('contract_violation', `${at}; the API may have changed`, extraOf(answer));
}

function uncertain(call: CallName, what: string, extra: Extra = {}): SourceError {
  return call.effect === 'write'
    ? new SourceError('unknown_outcome', `${what}: it may have been applied; read before repeating`, extra)
    : new SourceError('unavailable', `${what}: repeat later`, extra);
}

function extraOf(answer: HttpAnswer): Extra {
  return { httpStatus: answer.status, vendorText: answer.text.slice(0, VENDOR_TEXT_LIMIT) };
}

function where(call: CallName, status: number): string {
  return `Cal.com ${call.operation} (HTTP ${status})`;
}
