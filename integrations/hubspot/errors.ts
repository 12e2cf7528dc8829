/**
 * Turns what HubSpot answered into one `CrmError`.
 * Invariant: `message` and `fields` hold our operation names, HTTP statuses, property and scope names, never the vendor's text.
 */
import { retryAfterMs, uncertain, type FailedAnswer } from '../crm-errors';
import { CrmError, type CrmErrorClass, type CrmErrorExtra } from '../ports';
import { mappedPropertiesIn, namesIn, propertyNames, readErrorBody, type ErrorBody } from './error-body';

interface Facts {
  readonly answer: FailedAnswer;
  readonly body: ErrorBody;
  readonly extra: CrmErrorExtra;
  readonly nowMs: number;
}

const MINUTE_MS = 60_000;
/** HubSpot's days end at midnight in the account's zone, which its answers do not tell. */
const DAILY_RETRY_MS = 60 * MINUTE_MS;
const TEN_SECONDLY_RETRY_MS = 10_000;
const SECONDLY_RETRY_MS = 1_000;
/** HubSpot's error guide: locks last two seconds. */
const LOCKED_RETRY_MS = 2_000;
const MIGRATION_RETRY_MS = MINUTE_MS;
const VENDOR_TEXT_LIMIT = 2_000;

/** Codes of the 2026-09 paths for rules that an administrator of the account made. */
const RULE_CODES: ReadonlySet<string> = new Set(['MISSING_REQUIRED_PROPERTY', 'MISSING_CONDITIONAL_REQUIRED_PROPERTY']);
/** A property, or one of its options, is not there (any more): set up in the account, not said by a booking. */
const SETUP_CODES: ReadonlySet<string> = new Set(['PROPERTY_DOESNT_EXIST', 'READ_ONLY_VALUE', 'INVALID_OPTION']);
/** Properties whose values come from the mapping, not from the booking. */
const MAPPED_PROPERTIES: ReadonlySet<string> = new Set(['pipeline', 'dealstage', 'hubspot_owner_id']);

/** Classifies an answer that is not 2xx. Sources: HubSpot's error handling and usage guides; the 2026-09 changelog. */
export function errorFromAnswer(answer: FailedAnswer, nowMs: number): CrmError {
  const body = readErrorBody(answer.text);
  const correlationId = safeId(body.correlationId) ?? safeId(answer.header('x-hubspot-correlation-id') ?? '');
  const facts: Facts = {
    answer,
    body,
    nowMs,
    extra: {
      httpStatus: answer.status,
      vendorText: answer.text.slice(0, VENDOR_TEXT_LIMIT),
      ...(correlationId === null ? {} : { correlationId }),
    },
  };
  return limitError(facts) ?? refusalError(facts) ?? serverError(facts);
}

function limitError({ answer, body, extra, nowMs }: Facts): CrmError | null {
  const asked = retryAfterMs(answer.header('retry-after'), nowMs);
  const at = where(answer);
  if (answer.status === 429) {
    const policy = policyOf(body);
    const isDaily = policy.name === 'daily' || isDayUsedUp(answer);
    // What is asked for outranks what we assume; of a day, no gateway's second will do.
    const waitMs = isDaily ? Math.max(policy.retryMs, asked ?? 0) : (asked ?? policy.retryMs);
    return new CrmError('rate_limited', `${at}: the ${policy.name} limit is used up; repeat after ${waitMs} ms`, {
      ...extra,
      retryAfterMs: waitMs,
      ...(isDaily && { daily: { resetInMs: asked } }),
    });
  }
  if (answer.status === 423) {
    const waitMs = Math.max(LOCKED_RETRY_MS, asked ?? 0);
    return new CrmError('rate_limited', `${at}: the record is locked; repeat after ${waitMs} ms`, {
      ...extra,
      retryAfterMs: waitMs,
    });
  }
  if (answer.status === 477) {
    const waitMs = asked ?? MIGRATION_RETRY_MS;
    return new CrmError('unavailable', `${at}: the account is being migrated; repeat after ${waitMs} ms`, {
      ...extra,
      retryAfterMs: waitMs,
    });
  }
  return null;
}

/** Nothing is left of the account's day; OAuth apps are not told. */
export function isDayUsedUp({ header }: Pick<FailedAnswer, 'header'>): boolean {
  return header('x-hubspot-ratelimit-daily-remaining') === '0';
}

function policyOf(body: ErrorBody): { readonly name: string; readonly retryMs: number } {
  const text = `${body.policyName} ${body.message}`.toLowerCase();
  if (text.includes('daily')) return { name: 'daily', retryMs: DAILY_RETRY_MS };
  // "ten_secondly" contains "secondly": the longer word goes first.
  if (text.includes('ten_secondly')) return { name: 'ten-secondly', retryMs: TEN_SECONDLY_RETRY_MS };
  if (text.includes('secondly')) return { name: 'secondly', retryMs: SECONDLY_RETRY_MS };
  return { name: 'request', retryMs: TEN_SECONDLY_RETRY_MS };
}

function refusalError(facts: Facts): CrmError | null {
  const { answer, body, extra } = facts;
  const at = where(answer);
  switch (answer.status) {
    case 400:
      return badRequestError(facts);
    case 401:
      return new CrmError('reauth_required', `${at}: the token is not accepted; reconnect the account`, extra);
    case 403: {
      const scopes = namesIn(body, ['requiredGranularScopes', 'requiredScopes']);
      const what = scopes.length > 0 ? `scopes ${scopes.join(', ')} are missing` : 'access is refused';
      return new CrmError('scope_missing', `${at}: ${what}; grant them and reconnect the account`, {
        ...extra,
        fields: scopes,
      });
    }
    case 404:
    case 410:
      return new CrmError('target_gone', `${at}: the record does not exist (deleted or merged away)`, extra);
    case 409: {
      const what = 'a value that only one record may have belongs to another one; correct it there or here';
      return new CrmError('invalid_data', `${at}: ${what}`, { ...extra, fields: propertyNames(body) });
    }
    case 408:
      return null;
    default:
      if (answer.status >= 500) return null;
      return new CrmError(
        'contract_violation',
        `${at}: refused for a reason that is not in HubSpot's contract; see the vendor text`,
        extra,
      );
  }
}

function badRequestError({ answer, body, extra }: Facts): CrmError {
  const at = where(answer);
  const codes = body.errors.map((error) => error.code);
  const named = propertyNames(body);
  const fields = named.length > 0 ? named : mappedPropertiesIn(codes, body.message);
  const listed = fields.join(', ');
  const refused = (errorClass: CrmErrorClass, what: string): CrmError =>
    new CrmError(errorClass, `${at}: ${what}`, { ...extra, fields });

  if (codes.some((code) => RULE_CODES.has(code))) {
    return refused('crm_rule', `a rule of the account demands ${listed}; relax the rule or set the property`);
  }
  // Rules of pipelines (no skipping, no way back) are documented, the code of their refusal is not.
  if (codes.some((code) => code.includes('RULE'))) {
    return refused(
      'crm_rule',
      `a rule of the account refuses this value of ${listed}; relax the rule or correct the mapping`,
    );
  }
  if (codes.some((code) => SETUP_CODES.has(code)) || fields.some((field) => MAPPED_PROPERTIES.has(field))) {
    return refused('mapping_invalid', `the mapped ${listed} is not accepted; correct the mapping`);
  }
  if (body.category === 'OBJECT_NOT_FOUND') {
    return refused('target_gone', 'a record that the request names does not exist (deleted or merged away)');
  }
  if (fields.length > 0) {
    return refused('invalid_data', `the value of ${listed} is not accepted; correct it at its source`);
  }
  return refused('contract_violation', 'refused as malformed without naming a property; see the vendor text');
}

function serverError({ answer, extra, nowMs }: Facts): CrmError {
  const asked = retryAfterMs(answer.header('retry-after'), nowMs);
  return uncertain(answer.effect, where(answer), { ...extra, ...(asked === null ? {} : { retryAfterMs: asked }) });
}

function safeId(id: string): string | null {
  return /^[\w-]{1,64}$/.test(id) ? id : null;
}

function where(answer: FailedAnswer): string {
  return `HubSpot ${answer.operation} (HTTP ${answer.status})`;
}
