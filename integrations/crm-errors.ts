/**
 * What is the same for every CRM about a call that failed: was it applied, and when may it be repeated.
 * Invariant: a create is only called harmless when nothing of it was sent.
 */
import { z } from 'zod';
import { CrmError, type CrmErrorExtra } from './ports';

/** What repeating the call could do: `create` may make a second record, `safe` calls settle to the same state. */
export type Effect = 'safe' | 'create';

export interface FailedAnswer {
  /** Our method's name, for the message. */
  readonly operation: string;
  readonly effect: Effect;
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly text: string;
}

/** A failure that leaves open whether the call was applied. */
export function uncertain(effect: Effect, what: string, extra: CrmErrorExtra = {}): CrmError {
  return effect === 'create'
    ? new CrmError(
        'unknown_outcome',
        `${what}: the record may have been created; look for it before creating it again`,
        extra,
      )
    : new CrmError('unavailable', `${what}: repeat later`, extra);
}

/** Failures before a byte of the request left: a connection that was never made. */
const NOT_SENT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Classifies what sending, or reading the answer, threw. The cause is not kept: its text may hold the URL. */
export function errorFromNetwork(
  thrown: unknown,
  call: {
    readonly vendor: string;
    readonly operation: string;
    readonly effect: Effect;
    readonly stopped: 'timeout' | 'aborted' | null;
  },
): CrmError {
  const cause = causeOf(thrown);
  const code = call.stopped ?? cause.code ?? 'no code';
  const what = `${call.vendor} ${call.operation}: no answer (${code})`;
  // Our own clock says nothing about how far the request got, so it outranks the socket's code.
  const notSent =
    call.stopped === null &&
    (NOT_SENT_CODES.has(code) || cause.syscall === 'connect' || cause.syscall === 'getaddrinfo');
  return notSent ? uncertain('safe', `${what}, nothing was sent`) : uncertain(call.effect, what);
}

const causeSchema = z.object({
  code: z.string().optional().catch(undefined),
  syscall: z.string().optional().catch(undefined),
});

// Read by shape: errors may come from another realm, where `instanceof Error` is false.
function causeOf(thrown: unknown): z.infer<typeof causeSchema> {
  const parsed = causeSchema.safeParse(thrown);
  return parsed.success && /^[A-Z0-9_]{1,60}$/.test(parsed.data.code ?? '') ? parsed.data : {};
}

const LONGEST_RETRY_MS = 24 * 3_600_000;

/** `Retry-After`, in seconds or as a date (RFC 9110), as milliseconds from now, a day at most; null where there is none that makes sense. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1_000, LONGEST_RETRY_MS);
  // Every date that RFC 9110 allows begins with the day of the week; other texts may parse to anything.
  const atMs = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(atMs) ? null : Math.min(Math.max(0, atMs - nowMs), LONGEST_RETRY_MS);
}
