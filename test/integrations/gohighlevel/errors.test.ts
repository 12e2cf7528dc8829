import type { Effect } from '../../../integrations/crm-errors';
import { errorFromAnswer, isTokenExpired, pauseOf } from '../../../integrations/gohighlevel/errors';
import type { CrmErrorClass } from '../../../integrations/ports';

/** A guest's data as a vendor's text may quote it; must never reach a message. */
const CANARY = 'canary.guest@example.com';

interface Given {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly effect?: Effect;
}

function answerOf({ status, body = { message: CANARY }, headers = {}, effect = 'safe' }: Given) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { operation: 'someCall', effect, status, text, header: (name: string) => headers[name] ?? null };
}
const classify = (given: Given) => errorFromAnswer(answerOf(given), 0);
const saying = (message: string | readonly string[], more: object = {}) => ({
  statusCode: 400,
  message,
  traceId: '00000000-0000-4000-8000-00000000abcd',
  ...more,
});

describe('limits of HighLevel', () => {
  const burst = {
    'x-ratelimit-daily-remaining': '199642',
    'x-ratelimit-interval-milliseconds': '10000',
    'x-ratelimit-remaining': '0',
  };
  const daily = { 'x-ratelimit-daily-remaining': '0', 'x-ratelimit-daily-reset': '84322000' };
  const limits: readonly [string, Given, number][] = [
    ['the burst limit waits its interval', { status: 429, headers: burst }, 10_000],
    ['the daily limit waits until the reset', { status: 429, headers: daily }, 84_322_000],
    [
      'the daily limit without a reset is asked again after an hour',
      { status: 429, headers: { 'x-ratelimit-daily-remaining': '0' } },
      3_600_000,
    ],
    [
      'a reset beyond a day is cut to a day',
      { status: 429, headers: { ...daily, 'x-ratelimit-daily-reset': '999999999999' } },
      86_400_000,
    ],
    ['a limit without headers waits ten seconds', { status: 429, body: '' }, 10_000],
    ['a shorter wait that is asked for is trusted', { status: 429, headers: { ...burst, 'retry-after': '1' } }, 1_000],
    ['a day is not over in a second', { status: 429, headers: { ...daily, 'retry-after': '1' } }, 84_322_000],
    ['a limit with Retry-After waits that long', { status: 429, headers: { 'retry-after': '70' } }, 70_000],
    ['a limit told by a gateway’s page is a limit', { status: 429, body: '<html>slow down</html>' }, 10_000],
  ];
  it.each(limits)('%s', (_title, given, retryAfterMs) => {
    expect(classify(given)).toMatchObject({ errorClass: 'rate_limited', retryAfterMs });
    expect(classify({ ...given, effect: 'create' })).toMatchObject({ errorClass: 'rate_limited', retryAfterMs });
  });

  it('are seen before they are hit', () => {
    const pause = (headers: Record<string, string>) => pauseOf({ header: (name) => headers[name] ?? null });
    expect(pause(burst)).toBe(10_000);
    expect(pause(daily)).toBe(84_322_000);
    expect(pause({ ...burst, 'x-ratelimit-remaining': '1' })).toBeNull();
    expect(pause({})).toBeNull();
  });
});

describe('errors from HighLevel answers', () => {
  const refusals: readonly [string, Given, CrmErrorClass, readonly string[]][] = [
    [
      'a token that is over asks to reconnect',
      { status: 401, body: saying('Invalid token: access token is invalid') },
      'reauth_required',
      [],
    ],
    [
      'a private token that is void asks to reconnect',
      { status: 401, body: saying('Invalid Private Integration token') },
      'reauth_required',
      [],
    ],
    [
      'a missing scope is said as such',
      { status: 401, body: saying('The token is not authorized for this scope.') },
      'scope_missing',
      [],
    ],
    [
      'a route that our kind of token may not call is our mistake',
      {
        status: 401,
        body: saying('This route is not yet supported by the IAM Service. Please update your IAM config.'),
      },
      'contract_violation',
      [],
    ],
    [
      'a version that is not known too',
      { status: 401, body: saying('version header is invalid') },
      'contract_violation',
      [],
    ],
    ['a 401 without words asks to reconnect', { status: 401, body: '' }, 'reauth_required', []],
    [
      'an inactive location stops the connection',
      { status: 400, body: saying('Location is not active') },
      'account_inactive',
      [],
    ],
    ['so it does as 403', { status: 403, body: saying('Location is not active') }, 'account_inactive', []],
    [
      'another location is a right that lacks',
      { status: 403, body: saying('The token does not have access to this location.') },
      'scope_missing',
      [],
    ],
    ['a missing record is gone', { status: 404 }, 'target_gone', []],
    ['a missing record is gone as 400 too', { status: 400, body: saying('Contact not found') }, 'target_gone', []],
    ['a calendar’s event is no calendar', { status: 400, body: saying('Calendar event not found') }, 'target_gone', []],
    [
      'a missing calendar is a matter of the configuration',
      { status: 404, body: saying('Calendar not found') },
      'mapping_invalid',
      ['calendarId'],
    ],
    [
      'a missing pipeline too',
      { status: 400, body: saying('The pipeline id is invalid.') },
      'mapping_invalid',
      ['pipelineId'],
    ],
    [
      'a missing stage too',
      { status: 400, body: saying('The pipeline stage id is invalid.') },
      'mapping_invalid',
      ['pipelineStageId'],
    ],
    [
      'a user who is not on the calendar too',
      { status: 422, body: saying(['The user id not part of calendar team.']) },
      'mapping_invalid',
      ['assignedUserId'],
    ],
    [
      'a user who is not in the location too',
      { status: 422, body: saying(['assignedTo is not a user of this location']) },
      'mapping_invalid',
      ['assignedTo'],
    ],
    [
      'a custom field that is not there too',
      { status: 422, body: saying(['customFields names a field that is not there']) },
      'mapping_invalid',
      ['customFields'],
    ],
    ['a bad e-mail is bad data', { status: 422, body: saying(['email must be an email']) }, 'invalid_data', ['email']],
    ['a bad phone too', { status: 400, body: saying('Invalid phone number') }, 'invalid_data', ['phone']],
    [
      'a bad time too',
      { status: 400, body: saying('The end time must be after the start time.') },
      'invalid_data',
      ['startTime', 'endTime'],
    ],
    [
      'a field that HighLevel does not know is our mistake',
      { status: 422, body: saying(['property emial should not exist']) },
      'contract_violation',
      ['emial'],
    ],
    [
      'a taken slot too, because we ask for no check',
      { status: 400, body: saying('The slot you have selected is no longer available.') },
      'contract_violation',
      [],
    ],
    ['a path that is not there too', { status: 404, body: saying('Cannot POST /contact') }, 'contract_violation', []],
    ['a refusal that names nothing too', { status: 400, body: saying('Bad Request') }, 'contract_violation', []],
    ['an unexpected 4xx too', { status: 409 }, 'contract_violation', []],
    ['a redirect too', { status: 302, body: '' }, 'contract_violation', []],
    [
      'a second opportunity is a rule of the location',
      {
        status: 400,
        body: saying('Can not create duplicate opportunity for the contact.', {
          code: 'OPPORTUNITY_NO_DUPLICATE',
          meta: { existingId: 'card-1' },
        }),
      },
      'crm_rule',
      ['pipelineId'],
    ],
    [
      'a duplicate contact too, with the field that is in the way',
      {
        status: 400,
        body: saying('This location does not allow duplicated contacts.', {
          meta: { contactId: 'c-1', contactName: CANARY, matchingField: 'phone' },
        }),
      },
      'crm_rule',
      ['phone'],
    ],
    [
      'a matching field that is none of ours is not shown',
      {
        status: 400,
        body: saying('This location does not allow duplicated contacts.', {
          meta: { contactId: 'c-1', matchingField: CANARY },
        }),
      },
      'crm_rule',
      ['email', 'phone'],
    ],
  ];
  it.each(refusals)('%s', (_title, given, errorClass, fields) => {
    expect(classify(given)).toMatchObject({ errorClass, fields, httpStatus: given.status });
    expect(classify({ ...given, effect: 'create' })).toMatchObject({ errorClass, fields });
  });

  it.each([408, 500, 502, 503, 504, 524])(
    'HTTP %i leaves a create unknown and everything else to be repeated',
    (status) => {
      expect(classify({ status, effect: 'create' }).errorClass).toBe('unknown_outcome');
      expect(classify({ status, effect: 'safe' }).errorClass).toBe('unavailable');
    },
  );

  it.each([401, 403, 404])('a gateway’s page under %i says nothing about the request', (status) => {
    const body = '\n<!DOCTYPE html><html>Attention</html>';
    expect(classify({ status, body, effect: 'create' }).errorClass).toBe('unknown_outcome');
    expect(classify({ status, body, effect: 'safe' }).errorClass).toBe('unavailable');
  });

  it('keeps the vendor’s text and the trace id, but shows nothing of the text', () => {
    const quoted = (body: unknown): unknown => {
      if (typeof body !== 'object' || body === null) return body;
      const { message } = body as { message?: string | readonly string[] };
      return { ...body, message: [message ?? [], CANARY].flat(), contactName: CANARY };
    };
    for (const [, given] of refusals) {
      const quoting = classify({ ...given, body: quoted(given.body) });
      expect(quoting.message).not.toMatch(/canary/i);
      expect(quoting.fields.join()).not.toMatch(/canary/i);
      expect(quoting.message).toContain('someCall');
      expect(quoting.cause).toBeUndefined();
    }
    const error = classify({ status: 400, body: saying(`Bad value ${CANARY}`) });
    expect(error.vendorText).toContain(CANARY);
    expect(error.correlationId).toBe('00000000-0000-4000-8000-00000000abcd');
    expect(classify({ status: 400, body: saying('x', { traceId: CANARY }) }).correlationId).toBeNull();
  });

  it.each([['null'], ['[]'], ['"text"'], ['{"message":5,"meta":"x"}'], ['{"message":[null,5],"meta":null}']])(
    'survives the error body %s',
    (text) => {
      expect(classify({ status: 400, body: text }).errorClass).toBe('contract_violation');
    },
  );
});

describe('renewing a token', () => {
  const isExpired = (message: string, status = 401) => isTokenExpired(answerOf({ status, body: saying(message) }));

  it('helps when it is over or not known', () => {
    for (const text of ['Invalid token: access token is invalid', 'Invalid JWT', 'The token has expired']) {
      expect(isExpired(text)).toBe(true);
    }
  });

  it('helps with no other meaning of 401', () => {
    for (const text of [
      'The token is not authorized for this scope.',
      'Invalid Private Integration token',
      'This route is not yet supported by the IAM Service. Please update your IAM config.',
      'version header was not found.',
      'Location is not active',
      'Unauthorized',
    ]) {
      expect(isExpired(text)).toBe(false);
    }
    expect(isExpired('Invalid token: access token is invalid', 400)).toBe(false);
  });
});
