/**
 * Turns what HighLevel answered into one `CrmError`.
 * Invariant: `message` and `fields` hold our operation names, HTTP statuses and field names, never the vendor's text.
 */
import { retryAfterMs, uncertain, type FailedAnswer } from '../crm-errors';
import { CrmError, type CrmErrorClass, type CrmErrorExtra } from '../ports';
import type { HttpAnswer } from '../transport';
import {
  bookedFieldsIn,
  mappedFieldIn,
  readErrorBody,
  saysMissing,
  unknownFieldsIn,
  wordsOf,
  type ErrorBody,
} from './error-body';

interface Facts {
  readonly answer: FailedAnswer;
  readonly body: ErrorBody;
  readonly words: string;
  readonly extra: CrmErrorExtra;
  readonly nowMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** HighLevel: 100 requests in ten seconds. */
const BURST_MS = 10_000;
const VENDOR_TEXT_LIMIT = 2_000;

/**
 * Classifies an answer that is not 2xx. The contract declares 200, 201, 400, 401 and 422 only; the other statuses, and all
 * texts, are those of HighLevel's pages and of its answers as others have met them.
 */
export function errorFromAnswer(answer: FailedAnswer, nowMs: number): CrmError {
  const body = readErrorBody(answer.text);
  const correlationId = /^[\w-]{1,64}$/.test(body.traceId) ? body.traceId : null;
  const facts: Facts = {
    answer,
    body,
    nowMs,
    words: wordsOf(body),
    extra: {
      httpStatus: answer.status,
      vendorText: answer.text.slice(0, VENDOR_TEXT_LIMIT),
      ...(correlationId === null ? {} : { correlationId }),
    },
  };
  return limitError(facts) ?? passingError(facts) ?? accessError(facts) ?? ruleError(facts) ?? refusalError(facts);
}

/** How long the headers ask us to send nothing, ms; null: they don't. */
export function pauseOf({ header }: Pick<HttpAnswer, 'header'>): number | null {
  if (header('x-ratelimit-daily-remaining') === '0') return dailyWaitMs(header);
  return header('x-ratelimit-remaining') === '0' ? burstWaitMs(header) : null;
}

/** True when another token may serve. A 401 means four things, and renewing helps with one of them. */
export function isTokenExpired({ status, text }: HttpAnswer): boolean {
  return status === 401 && meaningOf401(wordsOf(readErrorBody(text))) === 'expired';
}

function limitError({ answer, extra, nowMs }: Facts): CrmError | null {
  if (answer.status !== 429) return null;
  const isDaily = dayOf(answer) !== null;
  const asked = retryAfterMs(answer.header('retry-after'), nowMs);
  // What is asked for outranks what we assume; of a day, no gateway's second will do.
  const waitMs = isDaily ? Math.max(dailyWaitMs(answer.header), asked ?? 0) : (asked ?? burstWaitMs(answer.header));
  const limit = isDaily ? 'daily' : 'request';
  const message = `${where(answer)}: the ${limit} limit is used up; repeat after ${waitMs} ms`;
  const day = dayOf(answer);
  return new CrmError('rate_limited', message, { ...extra, retryAfterMs: waitMs, ...(day && { daily: day }) });
}

/** Null: something is left of the day. The header with the time to the reset, ms, is not always sent. */
export function dayOf({ header }: Pick<HttpAnswer, 'header'>): { readonly resetInMs: number | null } | null {
  if (header('x-ratelimit-daily-remaining') !== '0') return null;
  const resetInMs = positive(header('x-ratelimit-daily-reset'));
  return { resetInMs: resetInMs === null ? null : Math.min(resetInMs, DAY_MS) };
}

/** HighLevel does not say when its days end: without the header it is asked again every hour. */
function dailyWaitMs(header: HttpAnswer['header']): number {
  return Math.min(positive(header('x-ratelimit-daily-reset')) ?? HOUR_MS, DAY_MS);
}

function burstWaitMs(header: HttpAnswer['header']): number {
  return Math.min(positive(header('x-ratelimit-interval-milliseconds')) ?? BURST_MS, HOUR_MS);
}

function positive(text: string | null): number | null {
  const value = Number(text?.trim() || NaN);
  return Number.isFinite(value) && value > 0 ? Math.ceil(value) : null;
}

/** The server's own trouble, and a gateway's page under any status: it says nothing about the request. */
function passingError({ answer, extra, nowMs }: Facts): CrmError | null {
  const isPage = answer.status >= 400 && answer.text.trimStart().startsWith('<');
  if (answer.status < 500 && answer.status !== 408 && !isPage) return null;
  const asked = retryAfterMs(answer.header('retry-after'), nowMs);
  return uncertain(answer.effect, where(answer), { ...extra, ...(asked === null ? {} : { retryAfterMs: asked }) });
}

const MEANINGS_OF_401: readonly (readonly [RegExp, 'inactive' | 'scope' | 'private_token' | 'route' | 'version'])[] = [
  [/location is not active/i, 'inactive'],
  [/not authorized for this scope/i, 'scope'],
  [/private integration token/i, 'private_token'],
  [/\bIAM\b/, 'route'],
  [/version header/i, 'version'],
];

function meaningOf401(words: string) {
  const known = MEANINGS_OF_401.find(([pattern]) => pattern.test(words))?.[1];
  if (known !== undefined) return known;
  return /invalid token|access token|\bjwt\b|expired/i.test(words) ? 'expired' : 'unknown';
}

function accessError(facts: Facts): CrmError | null {
  const { answer, words, extra } = facts;
  const at = where(answer);
  if (/location is not active/i.test(words)) {
    return new CrmError('account_inactive', `${at}: the location is not active; have it activated again`, extra);
  }
  if (answer.status === 401) return unauthorizedError(facts);
  if (answer.status !== 403) return null;
  return new CrmError('scope_missing', `${at}: access is refused; grant it for this location and reconnect`, extra);
}

function unauthorizedError({ answer, words, extra }: Facts): CrmError {
  const at = where(answer);
  switch (meaningOf401(words)) {
    case 'scope':
      return new CrmError('scope_missing', `${at}: the token lacks a scope; grant it and reconnect`, extra);
    case 'route':
      return new CrmError('contract_violation', `${at}: HighLevel does not offer this to our kind of token`, extra);
    case 'version':
      return new CrmError('contract_violation', `${at}: HighLevel does not know the version that we ask for`, extra);
    default:
      return new CrmError('reauth_required', `${at}: the token is not accepted; reconnect the account`, extra);
  }
}

/** Rules of the location, and what can only be our own mistake. */
function ruleError({ answer, body, words, extra }: Facts): CrmError | null {
  if (answer.status >= 500) return null;
  const refused = (errorClass: CrmErrorClass, what: string, fields: readonly string[] = []): CrmError =>
    new CrmError(errorClass, `${where(answer)}: ${what}`, { ...extra, fields });
  if (isDuplicateOpportunity(body)) {
    return refused('crm_rule', 'the contact has another opportunity in that pipeline, and the location allows one', [
      'pipelineId',
    ]);
  }
  if (isDuplicateContact(body)) {
    const field = /^(?:email|phone)$/.test(body.meta.matchingField) ? [body.meta.matchingField] : ['email', 'phone'];
    return refused('crm_rule', `the value of ${field.join(' or ')} belongs to another contact`, field);
  }
  if (/slot you have selected/i.test(words)) {
    return refused('contract_violation', 'the slot is refused although we ask for no check of it');
  }
  if (/^Cannot (?:GET|POST|PUT|PATCH|DELETE) /.test(words)) {
    return refused('contract_violation', 'HighLevel does not know the path');
  }
  const unknown = unknownFieldsIn(body);
  return unknown.length > 0 ? refused('contract_violation', 'HighLevel does not know fields of ours', unknown) : null;
}

export function isDuplicateOpportunity({ code, meta }: ErrorBody): boolean {
  return code === 'OPPORTUNITY_NO_DUPLICATE' || meta.existingId !== '';
}

export function isDuplicateContact(body: ErrorBody): boolean {
  return body.meta.contactId !== '' || /does not allow duplicated contacts/i.test(wordsOf(body));
}

function refusalError({ answer, words, extra }: Facts): CrmError {
  const at = where(answer);
  const isMissing = answer.status === 404 || answer.status === 410 || saysMissing(words);
  if (isMissing || answer.status === 400 || answer.status === 422) {
    const mapped = mappedFieldIn(words);
    if (mapped !== null) {
      const message = `${at}: the configured ${mapped} is not accepted; correct the mapping or the connection`;
      return new CrmError('mapping_invalid', message, { ...extra, fields: [mapped] });
    }
    if (isMissing) {
      return new CrmError('target_gone', `${at}: the record does not exist (deleted or merged away)`, extra);
    }
    const fields = bookedFieldsIn(words);
    if (fields.length > 0) {
      const message = `${at}: the value of ${fields.join(', ')} is not accepted; correct it at its source`;
      return new CrmError('invalid_data', message, { ...extra, fields });
    }
  }
  const message = `${at}: refused for a reason that is not in HighLevel's contract; see the vendor text`;
  return new CrmError('contract_violation', message, extra);
}

function where(answer: Pick<FailedAnswer, 'operation' | 'status'>): string {
  return `HighLevel ${answer.operation} (HTTP ${answer.status})`;
}
