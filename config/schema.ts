/**
 * The shape of booksync.yaml and its translation into settings.
 * Invariant: unknown keys are refused, spans become milliseconds, and messages show no value that may be a secret.
 */
import { z } from 'zod';
import { MATCH_RUNGS, type ReminderSpan } from '../domain/settings';
import { consoleSection } from './console-schema';
import { leads } from './lead-schema';
import { mapping } from './mapping-schema';
import { report, withReportZone } from './report-schema';
import { tasks } from './task-schema';
import { isZone } from './zones';
import {
  emailAddress,
  flag,
  list,
  MAX_SPAN_MS,
  number,
  section,
  span,
  UNIT_MS,
  url,
  webhookKey,
  webhookSecrets,
  webhookUrl,
  word,
} from './schema-parts';

export const CONNECTION_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

const MINUTE_MS = UNIT_MS.m;
const baseUrl = (usual: string) =>
  url(['https:', 'http:'], usual)
    .transform((text) => text.replace(/\/+$/, ''))
    .default(usual);
const oauthSection = (page: string) =>
  section({
    clientId: word,
    clientSecret: word,
    /** Null: the account is connected with `booksync connect`. */
    refreshToken: word.nullable().default(null),
    scopes: list(word, 'scopes').nullable().default(null),
    authorizeUrl: url(['https:', 'http:'], page).nullable().default(null),
  });
const calcomOauth = oauthSection('https://app.cal.com/auth/oauth2/authorize');

const calcomBaseUrl = baseUrl('https://api.cal.com');
const calcomApi = z.union(
  [section({ baseUrl: calcomBaseUrl, apiKey: word }), section({ baseUrl: calcomBaseUrl, oauth: calcomOauth })],
  'expected baseUrl and either apiKey or oauth with clientId and clientSecret',
);

/** Of both keys one, as a rule that a section with other keys can follow. */
const crmOauth = oauthSection('https://app.hubspot.com/oauth/authorize');
const credentials = { token: word.optional(), oauth: crmOauth.optional() };
type Credentials = { token?: string | undefined; oauth?: z.output<typeof crmOauth> | undefined };
const hasOneOf = ({ token, oauth: client }: Credentials): boolean => (token === undefined) !== (client === undefined);
const WHO_WE_ARE = {
  path: ['token'],
  error: 'expected either token, or oauth with clientId and clientSecret',
  // Also where another key of the section is wrong: every problem is told at once.
  when: () => true,
};
function credentialsOf<T extends Credentials>({ token, oauth: client, ...rest }: T) {
  return { ...rest, ...(client === undefined ? { token: token ?? '' } : { oauth: client }) };
}
const perSecond = (usual: number) =>
  number.pipe(z.number().positive('expected more than 0').max(1000, 'expected at most 1000')).default(usual);

/** The account's own: HubSpot counts the requests of a day in it. */
const timeZone = word.refine(isZone, 'is no known zone; expected one such as America/New_York');

/** A key of a source: digits may be written as a number. */
const key = z.union([word, z.number().transform(String)], 'expected the key of an event type');
const keys = z.record(z.string(), key, 'expected ids and keys of event types').default({});
const bookFromCrm = section({
  source: word,
  eventType: key.nullable().default(null),
  byCalendar: keys,
  byOwner: keys,
  zone: word.refine(isZone, 'is no known zone; expected one such as America/New_York').default('UTC'),
})
  .nullable()
  .default(null);

const connection = z.discriminatedUnion(
  'kind',
  [
    section({
      kind: z.literal('calcom'),
      webhookSecrets: webhookSecrets.min(1, 'expected at least one secret'),
      webhookUrl: webhookUrl('calcom-sales'),
      api: calcomApi.nullable().default(null),
      pollEvery: span.pipe(z.number().min(MINUTE_MS, 'expected at least 1m')).default(5 * UNIT_MS.m),
    }).transform(({ pollEvery, ...value }) => ({ ...value, pollEveryMs: pollEvery })),
    section({
      kind: z.literal('hubspot'),
      baseUrl: baseUrl('https://api.hubapi.com'),
      ...credentials,
      requestsPerSecond: perSecond(9),
      timeZone: timeZone.nullable().default(null),
      webhookSecrets: webhookSecrets.default([]),
      webhookUrl: webhookUrl('hubspot-main'),
      portalId: number
        .pipe(z.int('expected the number of an account').positive('expected the number of an account'))
        .transform(String)
        .nullable()
        .default(null),
      bookFromCrm,
    })
      .refine(hasOneOf, WHO_WE_ARE)
      .refine((value) => value.webhookSecrets.length === 0 || value.webhookUrl !== null, {
        path: ['webhookUrl'],
        error: 'HubSpot signs the address that it calls, so webhookSecrets need it',
      })
      .transform(credentialsOf),
    section({
      kind: z.literal('gohighlevel'),
      baseUrl: baseUrl('https://services.leadconnectorhq.com'),
      locationId: word,
      // Bookings that were made elsewhere need a calendar of the location to be shown in.
      calendarId: word,
      ...credentials,
      apiVersion: z.enum(['v3', 'dated'], 'expected one of v3, dated').default('v3'),
      webhookKeys: list(webhookKey, 'public keys').nullable().default(null),
      webhookUrl: webhookUrl('gohighlevel-main'),
      requestsPerSecond: perSecond(9),
      bookFromCrm,
    })
      .refine(hasOneOf, WHO_WE_ARE)
      .transform(credentialsOf),
  ],
  {
    error: (issue) =>
      issue.code === 'invalid_union'
        ? 'expected one of calcom, hubspot, gohighlevel'
        : 'expected a section with the key kind',
  },
);

const RUNGS = MATCH_RUNGS.join(', ');
const matchOn = list(z.enum(MATCH_RUNGS, `expected one of ${RUNGS}`), 'rungs')
  // A link is what was decided or written here, and a CRM knows an e-mail once.
  .refine((rungs) => rungs.includes('link') && rungs.includes('email'), 'expected link and email among the rungs')
  .default(['link', 'email', 'phone']);

const sync = section({
  source: word,
  crms: list(word, 'connection ids'),
  createPerson: z.enum(['task', 'create'], 'expected one of task, create').default('task'),
  matchOn,
  company: word.nullable().default(null),
  headCount: z.enum(['evidence', 'outcome'], 'expected one of evidence, outcome').default('evidence'),
  leads: leads.nullable().default(null),
}).transform(({ headCount, ...value }) => ({ ...value, trustHeadCount: headCount === 'outcome' }));

/** `24h` → so many hours exactly; `1d`, `2w` → so many calendar days. */
const reminder = z.string('expected a span such as 72h, 30m or 3d').transform((text, context): ReminderSpan => {
  const [, digits, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  const ms = Number(digits) * UNIT_MS[unit as keyof typeof UNIT_MS];
  if (ms > 0 && ms <= MAX_SPAN_MS) {
    return unit === 'd' || unit === 'w' ? { kind: 'days', days: ms / UNIT_MS.d } : { kind: 'hours', ms };
  }
  context.addIssue({ code: 'custom', message: whyNoReminder(ms) });
  return z.NEVER;
});

function whyNoReminder(ms: number): string {
  if (ms === 0) return 'expected more than 0';
  return ms > MAX_SPAN_MS ? 'expected a span of at most 366 days' : 'expected a span such as 72h, 30m or 3d';
}

/** Without a change of the clocks in between. */
const usualMs = (span: ReminderSpan): number => (span.kind === 'hours' ? span.ms : span.days * UNIT_MS.d);

const reminders = list(reminder, 'spans')
  .refine(
    (spans) => new Set(spans.map(usualMs)).size === spans.length,
    'holds the same span twice (24h and 1d are one span on most days); expected each once',
  )
  .transform((spans) => [...spans].sort((a, b) => usualMs(b) - usualMs(a)));

const messages = section({
  from: word.regex(
    /^([^<>@\r\n]+<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/,
    'expected a sender such as Front desk <frontdesk@example.com>',
  ),
  smtp: url(['smtp:', 'smtps:'], 'smtps://user:password@mail.example.com'),
  confirmation: flag.default(true),
  reminders: reminders.default([
    { kind: 'hours', ms: 72 * UNIT_MS.h },
    { kind: 'hours', ms: 24 * UNIT_MS.h },
  ]),
  outcomeAsk: flag.default(true),
}).transform((value) => ({
  from: value.from,
  smtpUrl: value.smtp,
  confirmation: value.confirmation,
  reminders: value.reminders,
  outcomeAsk: value.outcomeAsk,
}));

const outcome = section({
  askAfter: span.default(2 * UNIT_MS.h),
  reviewAfter: span.default(24 * UNIT_MS.h),
  rescheduleHoldDays: number.pipe(z.int('expected whole days').min(1).max(366)).default(7),
  closeAfter: span.default(72 * UNIT_MS.h),
})
  .refine((value) => value.reviewAfter >= value.askAfter, {
    path: ['reviewAfter'],
    message: 'is before askAfter; expected the same or later',
  })
  .transform((value) => ({
    askAfterMs: value.askAfter,
    reviewAfterMs: value.reviewAfter,
    rescheduleHoldDays: value.rescheduleHoldDays,
    closeAfterMs: value.closeAfter,
  }));

const alerts = section({
  email: emailAddress.nullable().default(null),
});

const slack = section({ webhook: url(['https:', 'http:'], 'https://hooks.slack.com/services/…') }).transform(
  ({ webhook }) => ({ webhookUrl: webhook }),
);

const connectionId = z
  .string()
  .regex(CONNECTION_ID, 'expected an id of lower-case letters, digits and dashes, at most 63');

const account = section({
  zone: word.refine(isZone, 'expected an IANA zone such as America/Denver').default('UTC'),
});

export const configSchema = section({
  account: account.prefault({}),
  connections: z.record(connectionId, connection, 'expected a section with connections'),
  sync: list(sync, 'source and crms').default([]),
  mapping: z.record(connectionId, mapping, 'expected a section with connections').default({}),
  messages,
  slack: slack.nullable().default(null),
  outcome: outcome.prefault({}),
  tasks,
  alerts: alerts.prefault({}),
  report: report.prefault({}),
  console: consoleSection.prefault({}),
  /** Where browsers reach this service; null: accounts can't be connected from here. */
  publicUrl: url(['https:', 'http:'], 'https://booksync.example.com').nullable().default(null),
}).transform(withReportZone);
