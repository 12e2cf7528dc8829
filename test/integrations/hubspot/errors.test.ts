import { errorFromNetwork, type Effect } from '../../../integrations/crm-errors';
import { errorFromAnswer } from '../../../integrations/hubspot/errors';
import type { CrmErrorClass } from '../../../integrations/ports';

/** A guest's data as a vendor's text may quote it; must never reach a message. */
const CANARY = 'canary.guest@example.com';

const NOW_MS = Date.UTC(2026, 10, 21, 12);

interface Given {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly effect?: Effect;
}

function classify({ status, body = { message: CANARY }, headers = {}, effect = 'safe' }: Given) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const header = (name: string) => headers[name] ?? null;
  return errorFromAnswer({ operation: 'someCall', effect, status, text, header }, NOW_MS);
}

const withCode = (code: string, propertyName?: string) => ({
  status: 'error',
  category: 'VALIDATION_ERROR',
  message: `Bad value ${CANARY}`,
  correlationId: '00000000-0000-4000-8000-00000000abcd',
  errors: [{ message: CANARY, code, context: propertyName === undefined ? {} : { propertyName: [propertyName] } }],
});
const limited = (policyName: string, message: string) => ({
  status: 'error',
  message,
  errorType: 'RATE_LIMIT',
  policyName,
});

describe('errors from HubSpot answers', () => {
  const limits: readonly [string, Given, CrmErrorClass, number][] = [
    [
      'the daily limit waits an hour',
      { status: 429, body: limited('DAILY', 'You have reached your daily limit.') },
      'rate_limited',
      3_600_000,
    ],
    [
      'the ten-secondly limit waits ten seconds',
      { status: 429, body: limited('TEN_SECONDLY_ROLLING', 'x') },
      'rate_limited',
      10_000,
    ],
    [
      'the search limit waits a second',
      { status: 429, body: limited('', 'You have reached your secondly limit.') },
      'rate_limited',
      1_000,
    ],
    ['a limit without a body waits ten seconds', { status: 429, body: '' }, 'rate_limited', 10_000],
    [
      'a limit with Retry-After waits at least that',
      { status: 429, body: limited('SECONDLY', 'x'), headers: { 'retry-after': '7' } },
      'rate_limited',
      7_000,
    ],
    [
      'a limit with Retry-After as a date waits until then',
      {
        status: 429,
        body: limited('SECONDLY', 'x'),
        headers: { 'retry-after': new Date(NOW_MS + 45_000).toUTCString() },
      },
      'rate_limited',
      45_000,
    ],
    [
      'a shorter wait that is asked for is trusted',
      { status: 429, body: limited('TEN_SECONDLY_ROLLING', 'x'), headers: { 'retry-after': '1' } },
      'rate_limited',
      1_000,
    ],
    [
      'a day is not over in a second, whatever a gateway asks for',
      { status: 429, body: limited('DAILY', 'x'), headers: { 'retry-after': '1' } },
      'rate_limited',
      3_600_000,
    ],
    ['a locked record waits two seconds', { status: 423 }, 'rate_limited', 2_000],
    [
      'a migration waits as long as it says',
      { status: 477, headers: { 'retry-after': '3600' } },
      'unavailable',
      3_600_000,
    ],
    [
      'a create during a migration was not applied',
      { status: 477, headers: { 'retry-after': '60' }, effect: 'create' },
      'unavailable',
      60_000,
    ],
  ];
  it.each(limits)('%s', (_title, given, errorClass, retryAfterMs) => {
    expect(classify(given)).toMatchObject({ errorClass, retryAfterMs, httpStatus: given.status });
  });

  const refusals: readonly [string, Given, CrmErrorClass, readonly string[]][] = [
    ['a token that is not accepted asks to reconnect', { status: 401 }, 'reauth_required', []],
    [
      'a missing scope is named, and no new token would help',
      {
        status: 403,
        body: {
          category: 'MISSING_SCOPES',
          errors: [{ message: CANARY, context: { requiredGranularScopes: ['crm.objects.deals.write'] } }],
        },
      },
      'scope_missing',
      ['crm.objects.deals.write'],
    ],
    ['a missing record is gone', { status: 404 }, 'target_gone', []],
    ['a removed record is gone', { status: 410 }, 'target_gone', []],
    [
      'a record named inside the request is gone',
      { status: 400, body: { category: 'OBJECT_NOT_FOUND', message: CANARY } },
      'target_gone',
      [],
    ],
    [
      'a required property is a rule of the account',
      { status: 400, body: withCode('MISSING_REQUIRED_PROPERTY', 'custom_type') },
      'crm_rule',
      ['custom_type'],
    ],
    [
      'a conditionally required property too',
      { status: 400, body: withCode('MISSING_CONDITIONAL_REQUIRED_PROPERTY', 'loss_reason') },
      'crm_rule',
      ['loss_reason'],
    ],
    [
      'a rule of a pipeline too, whatever its code is called',
      { status: 400, body: withCode('PIPELINE_RULE_VIOLATED', 'dealstage') },
      'crm_rule',
      ['dealstage'],
    ],
    [
      'an unknown or archived stage is a matter of the mapping',
      { status: 400, body: withCode('INVALID_OPTION', 'dealstage') },
      'mapping_invalid',
      ['dealstage'],
    ],
    [
      'an unknown pipeline too',
      { status: 400, body: withCode('INVALID_OPTION', 'pipeline') },
      'mapping_invalid',
      ['pipeline'],
    ],
    [
      'an unknown owner too',
      { status: 400, body: withCode('INVALID_OWNER_ID') },
      'mapping_invalid',
      ['hubspot_owner_id'],
    ],
    [
      'an owner who left too, also where the refusal names the property',
      { status: 400, body: withCode('INVALID_OWNER_ID', 'hubspot_owner_id') },
      'mapping_invalid',
      ['hubspot_owner_id'],
    ],
    [
      'an option that a custom property does not have too',
      { status: 400, body: withCode('INVALID_OPTION', 'lead_status_of_theirs') },
      'mapping_invalid',
      ['lead_status_of_theirs'],
    ],
    [
      'a unique value of another record is bad data',
      { status: 409, body: { category: 'CONFLICT', message: CANARY } },
      'invalid_data',
      [],
    ],
    [
      'a unique value of another record is bad data, also where the refusal is a 400',
      { status: 400, body: withCode('CONFLICTING_UNIQUE_VALUE', 'booksync_key') },
      'invalid_data',
      ['booksync_key'],
    ],
    [
      'an unknown property too',
      { status: 400, body: withCode('PROPERTY_DOESNT_EXIST', 'nope') },
      'mapping_invalid',
      ['nope'],
    ],
    ['a bad e-mail is bad data', { status: 400, body: withCode('INVALID_EMAIL', 'email') }, 'invalid_data', ['email']],
    [
      'the list inside an older text is read, but only for properties that we send',
      { status: 400, body: { message: `Property values were not valid: [{"name":"email"},{"name":"Canary"}]` } },
      'invalid_data',
      ['email'],
    ],
    [
      'a refusal without a property is our mistake',
      { status: 400, body: { message: 'Invalid input JSON' } },
      'contract_violation',
      [],
    ],
    ['an unexpected 4xx is our mistake', { status: 415 }, 'contract_violation', []],
    ['a redirect is outside the contract', { status: 302, body: '' }, 'contract_violation', []],
  ];
  it.each(refusals)('%s', (_title, given, errorClass, fields) => {
    expect(classify(given)).toMatchObject({ errorClass, fields });
    expect(classify({ ...given, effect: 'create' })).toMatchObject({ errorClass, fields });
  });

  it.each([408, 500, 502, 503, 504, 521, 523, 524])(
    'HTTP %i leaves a create unknown and everything else to be repeated',
    (status) => {
      expect(classify({ status, body: '<html>no</html>', effect: 'create' }).errorClass).toBe('unknown_outcome');
      expect(classify({ status, body: '<html>no</html>', effect: 'safe' }).errorClass).toBe('unavailable');
    },
  );

  it('keeps the vendor text and the correlation id, but shows nothing of the text', () => {
    for (const [, given] of [...limits, ...refusals]) {
      const error = classify(given);
      expect(error.message).not.toMatch(/canary/i);
      expect(error.fields.join()).not.toMatch(/canary/i);
      expect(error.message).toContain('someCall');
      expect(error.cause).toBeUndefined();
    }
    const error = classify({ status: 400, body: withCode('INVALID_EMAIL', 'email') });
    expect(error.vendorText).toContain(CANARY);
    expect(error.correlationId).toBe('00000000-0000-4000-8000-00000000abcd');
  });

  it.each([['null'], ['[]'], ['"text"'], ['{"errors":"none","context":5}'], ['{"errors":[null,{"context":null}]}']])(
    'survives the error body %s',
    (text) => {
      expect(classify({ status: 400, body: text }).errorClass).toBe('contract_violation');
    },
  );
});

describe('errors from the network', () => {
  const failed = (how: object) => Object.assign(new Error(`failed for ${CANARY}`), how);
  const classOf = (how: object, effect: Effect, stopped: 'timeout' | 'aborted' | null = null) =>
    errorFromNetwork(failed(how), { vendor: 'HubSpot', operation: 'someCall', effect, stopped }).errorClass;

  it.each([
    [{ code: 'ECONNREFUSED', syscall: 'connect' }],
    [{ code: 'ENOTFOUND', syscall: 'getaddrinfo' }],
    [{ code: 'EAI_AGAIN', syscall: 'getaddrinfo' }],
    [{ code: 'ETIMEDOUT', syscall: 'connect' }],
    [{ code: 'EHOSTUNREACH', syscall: 'connect' }],
  ])('%j was not sent, so even a create may be repeated', (how) => {
    expect(classOf(how, 'create')).toBe('unavailable');
    expect(classOf(how, 'safe')).toBe('unavailable');
  });

  it.each([
    [{ code: 'ECONNRESET', syscall: 'read' }],
    [{ code: 'HPE_INVALID_CONSTANT' }],
    [{ code: 'EPIPE', syscall: 'write' }],
    [{}],
  ])('%j may have been sent, so a create is unknown', (how) => {
    expect(classOf(how, 'create')).toBe('unknown_outcome');
    expect(classOf(how, 'safe')).toBe('unavailable');
  });

  it.each(['timeout', 'aborted'] as const)('our own %s leaves a create unknown', (stopped) => {
    expect(classOf({}, 'create', stopped)).toBe('unknown_outcome');
    expect(classOf({}, 'safe', stopped)).toBe('unavailable');
  });

  it('shows the code, and neither the text nor the cause', () => {
    const error = errorFromNetwork(failed({ code: 'ECONNRESET', cause: new Error(CANARY) }), {
      vendor: 'HubSpot',
      operation: 'someCall',
      effect: 'safe',
      stopped: null,
    });
    expect(error.message).toContain('ECONNRESET');
    expect(error.message).not.toMatch(/canary/i);
    expect(error.cause).toBeUndefined();
  });
});
