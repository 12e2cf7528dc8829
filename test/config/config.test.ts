/** booksync.yaml: what the example means, and that a wrong file is told completely and without its secrets. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError, loadConfig, parseConfig } from '../../config/config';

const EXAMPLE = path.join(__dirname, '../../booksync.example.yaml');
const HOUR_MS = 3_600_000;

const GOOD = `
connections:
  cal: { kind: calcom, webhookSecrets: [s1, s2] }
  hub: { kind: hubspot, token: t }
sync:
  - source: cal
    crms: [hub]
mapping:
  hub:
    pipeline: sales
    stageOrder: [new, met]
    status:
      showed: { stage: met }
messages:
  from: desk@example.com
  smtp: smtp://127.0.0.1:2525
tasks:
  owner: desk
`;

/** The lines of the error, without its head. */
function problemsOf(text: string, env: NodeJS.ProcessEnv = {}): string[] {
  try {
    parseConfig(text, env, 'file.yaml');
  } catch (error) {
    if (error instanceof ConfigError)
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    throw error;
  }
  return [];
}

test('the example is valid with an empty environment and listens where the embedded stack does', () => {
  const config = loadConfig(EXAMPLE, {});
  expect(config.connections).toEqual({
    'calcom-sales': {
      kind: 'calcom',
      webhookSecrets: ['demo-calcom-secret'],
      webhookUrl: 'http://127.0.0.1:3000/webhooks/calcom-sales',
      api: { baseUrl: 'http://127.0.0.1:3900/calcom', apiKey: 'cal_demo' },
      pollEveryMs: 300_000,
    },
    'hubspot-main': {
      kind: 'hubspot',
      baseUrl: 'http://127.0.0.1:3900/hubspot',
      token: 'pat-demo',
      requestsPerSecond: 9,
      timeZone: null,
      webhookSecrets: ['hubspot-demo-secret'],
      webhookUrl: 'http://127.0.0.1:3000/webhooks/hubspot-main',
      portalId: null,
      bookFromCrm: null,
    },
  });
  expect(config.messages.smtpUrl).toBe('smtp://127.0.0.1:3925');
  expect(config.mapping['hubspot-main']?.byStatus.showed).toEqual({ stageId: 'qualifiedtobuy', onlyFrom: null });
  expect(config.outcome).toEqual({
    askAfterMs: 2 * HOUR_MS,
    reviewAfterMs: 24 * HOUR_MS,
    rescheduleHoldDays: 7,
    closeAfterMs: 72 * HOUR_MS,
  });
});

test('the environment wins over fallbacks, and an empty variable counts as unset', () => {
  const config = loadConfig(EXAMPLE, {
    CALCOM_WEBHOOK_SECRET: 'real|${HOME}',
    HUBSPOT_TOKEN: '',
    SIMULATORS_PORT: '4100',
    SMTP_PORT: '4125',
  });
  expect(config.connections['calcom-sales']).toMatchObject({ kind: 'calcom', webhookSecrets: ['real|${HOME}'] });
  expect(config.connections['hubspot-main']).toMatchObject({
    token: 'pat-demo',
    baseUrl: 'http://127.0.0.1:4100/hubspot',
  });
  expect(config.messages.smtpUrl).toBe('smtp://127.0.0.1:4125');
});

test('what may be left out has defaults', () => {
  const config = parseConfig(GOOD, {}, 'file.yaml');
  expect(config.sync).toEqual([
    {
      source: 'cal',
      crms: ['hub'],
      createPerson: 'task',
      matchOn: ['link', 'email', 'phone'],
      company: null,
      trustHeadCount: false,
      leads: null,
    },
  ]);
  expect(config.mapping['hub']).toEqual({
    pipelineId: 'sales',
    stageOrder: ['new', 'met'],
    owners: { outcome: 'newest', slot: 'newest', stage: 'newest' },
    person: 'fill-empty',
    forwardOnly: true,
    byStatus: { showed: { stageId: 'met', onlyFrom: null } },
    eventTypes: {},
    lead: null,
    notes: false,
    leadSourceField: null,
  });
  expect(config.messages).toEqual({
    from: 'desk@example.com',
    smtpUrl: 'smtp://127.0.0.1:2525',
    confirmation: true,
    reminders: [
      { kind: 'hours', ms: 72 * HOUR_MS },
      { kind: 'hours', ms: 24 * HOUR_MS },
    ],
    outcomeAsk: true,
  });
  expect(config.alerts).toEqual({ email: null });
  expect(config.tasks).toEqual({
    owner: 'desk',
    owners: [],
    dueAfterMs: 4 * HOUR_MS,
    remindAfterMs: 2 * HOUR_MS,
    escalateTo: [],
    businessHours: null,
    notices: { emails: {}, slack: false },
  });
});

test('people are matched on the rungs that are named; link and email are always among them', () => {
  const sync = (more: string) => GOOD.replace('crms: [hub]', `crms: [hub]\n    ${more}`);
  const rungs = ['link', 'email', 'name_company'];
  const text = sync('matchOn: [link, email, name_company]\n    company: firm');
  expect(parseConfig(text, {}, 'file.yaml').sync).toMatchObject([{ matchOn: rungs, company: 'firm' }]);
  expect(problemsOf(sync('matchOn: [link, phone]'))).toEqual([
    expect.stringContaining('expected link and email among the rungs'),
  ]);
  expect(problemsOf(sync('matchOn: [link, email, name]'))).toEqual([
    expect.stringContaining('expected one of link, email, phone, name_company'),
  ]);
});

test('reminders come longest first: hours and minutes exactly, days and weeks by the calendar', () => {
  const text = GOOD.replace('messages:', 'messages:\n  reminders: [30m, 1w, 73h, 3d]');
  expect(parseConfig(text, {}, 'file.yaml').messages.reminders).toEqual([
    { kind: 'days', days: 7 },
    { kind: 'hours', ms: 73 * HOUR_MS },
    { kind: 'days', days: 3 },
    { kind: 'hours', ms: HOUR_MS / 2 },
  ]);
});

test('numbers and flags may come from the environment', () => {
  const text = GOOD.replace('token: t', 'token: t, requestsPerSecond: env:RPS').replace(
    'messages:',
    'messages:\n  confirmation: env:CONFIRM',
  );
  const config = parseConfig(text, { RPS: '2.5', CONFIRM: 'false' }, 'file.yaml');
  expect(config.connections['hub']).toMatchObject({ requestsPerSecond: 2.5 });
  expect(config.messages.confirmation).toBe(false);
});

test('every problem is listed at once, with its line and what was expected', () => {
  const text = `
connections:
  calcom-sales:
    kind: calcom
    webhookSecrets: []
    colour: red
  Bad_Id: { kind: calcom, webhookSecrets: [ok] }
  other: { kind: pipedrive }
  hub:
    kind: hubspot
    baseUrl: env:NOPE
    requestsPerSecond: many
sync:
  - source: hub
    crms:
      - calcom-sales
      - nobody
      - hub
mapping:
  other:
    pipeline: p
    stageOrder: [a, b]
    status:
      scheduled: { stage: z }
      sheduled: { stage: a }
messages:
  from: x
  smtp: http://x
  reminders: [72h, 3x]
outcome:
  askAfter: 30h
  reviewAfter: 2h
extra: 1
`;
  expect(problemsOf(text)).toEqual([
    'line 2: tasks: is missing; expected a section with keys',
    'line 5: connections.calcom-sales.webhookSecrets: expected at least one secret',
    'line 6: connections.calcom-sales.colour: unknown key; expected one of kind, webhookSecrets, webhookUrl, api, pollEvery',
    'line 7: connections.Bad_Id: expected an id of lower-case letters, digits and dashes, at most 63',
    'line 8: connections.other.kind: expected one of calcom, hubspot, gohighlevel',
    'line 9: connections.hub.token: is missing; expected either token, or oauth with clientId and clientSecret',
    'line 11: the environment variable NOPE is not set; set it, or write a fallback: env:NOPE|…',
    'line 12: connections.hub.requestsPerSecond: expected a number',
    'line 14: sync.0.source: names a connection that is no source; expected kind calcom',
    'line 16: sync.0.crms.0: names a connection that is no CRM; expected kind hubspot or gohighlevel',
    'line 17: sync.0.crms.1: names no connection; expected a CRM that is listed under connections',
    'line 18: sync.0.crms.2: has no mapping; expected a section mapping.hub',
    'line 24: mapping.other.status.scheduled.stage: is not in stageOrder; expected one of the stages listed there',
    expect.stringMatching(
      /^line 25: mapping\.other\.status.*unknown status; expected one of requested, scheduled, /,
    ) as unknown as string,
    'line 27: messages.from: expected a sender such as Front desk <frontdesk@example.com>',
    'line 28: messages.smtp: expected an address such as smtps://user:password@mail.example.com',
    'line 29: messages.reminders.1: expected a span such as 72h, 30m or 3d',
    'line 32: outcome.reviewAfter: is before askAfter; expected the same or later',
    'line 33: extra: unknown key; expected one of account, connections, sync, mapping, messages, slack, outcome, tasks, alerts, report, console, publicUrl',
  ]);
});

test.each([
  [
    'a source twice',
    GOOD.replace('mapping:', '  - source: cal\n    crms: []\nmapping:'),
    /sync\.1\.source: is listed twice/,
  ],
  ['a CRM twice', GOOD.replace('[hub]', '[hub, hub]'), /sync\.0\.crms\.1: is listed twice/],
  [
    'a stage without a pipeline',
    GOOD.replace('    pipeline: sales\n', ''),
    /mapping\.hub\.status\.showed\.stage: needs the pipeline/,
  ],
  [
    'a reminder of no time',
    GOOD.replace('messages:', 'messages:\n  reminders: [0h]'),
    /messages\.reminders\.0: expected more than 0/,
  ],
  [
    'the same reminder twice',
    GOOD.replace('messages:', 'messages:\n  reminders: [24h, 1d]'),
    /messages\.reminders: holds the same span twice/,
  ],
  ['a key twice', GOOD.replace('tasks:', 'tasks: {}\ntasks:'), /is not valid YAML: Map keys must be unique/],
  ['broken YAML', 'a: [1\nb: 2\n', /line 2: is not valid YAML/],
  ['an alias without anchor', 'a: *gone\n', /is not valid YAML/],
  ['a list instead of sections', '- a\n', /line 1: expected a section with keys/],
  ['nothing', '', /line 1: is empty/],
  ['a prototype as connection', GOOD.replace('source: cal', 'source: constructor'), /names no connection/],
])('%s is refused', (_what, text, expected) => {
  expect(problemsOf(text)).toEqual([expect.stringMatching(expected)]);
});

test('no secret of the file or the environment is printed', () => {
  const text = GOOD.replace('[s1, s2]', '[canary-one, {a: canary-two}]').replace(
    'token: t',
    'token: [canary-three], baseUrl: env:URL',
  );
  const problems = problemsOf(text, { URL: 'canary-four' });
  expect(problems).toHaveLength(3);
  expect(problems.join()).not.toContain('canary');
});

test('a file that is not there is told by its path', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'booksync-'));
  try {
    const file = path.join(folder, 'booksync.yaml');
    expect(() => loadConfig(file, {})).toThrow(/booksync\.yaml has one problem:\n {2}can't be read \(ENOENT\)/);
    writeFileSync(file, GOOD);
    expect(loadConfig(file, {}).tasks.owner).toBe('desk');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ['a key', '{ apiKey: k }', true],
  ['an OAuth client that is connected from here', '{ oauth: { clientId: c, clientSecret: s } }', true],
  ['neither', '{ baseUrl: "https://api.cal.com" }', false],
])('the API of a source takes %s', (_what, api, isFine) => {
  const problems = problemsOf(GOOD.replace('[s1, s2] }', `[s1, s2], api: ${api} }`));
  expect(problems).toEqual(isFine ? [] : [expect.stringMatching(/cal\.api: .*either apiKey or oauth/)]);
});

const CRM_SECTION = /hub: \{[^}]*\}/;

test.each([
  ['neither a token nor an OAuth client', '{ kind: hubspot }', false],
  ['both', '{ kind: hubspot, token: t, oauth: { clientId: c, clientSecret: s, refreshToken: r } }', false],
  ['an OAuth client', '{ kind: hubspot, oauth: { clientId: c, clientSecret: s, refreshToken: r } }', true],
  ['a token', '{ kind: gohighlevel, locationId: l, calendarId: c, token: t }', true],
])('a CRM says who we are there in one way: %s', (_what, section, isFine) => {
  expect(GOOD).toMatch(CRM_SECTION);
  const problems = problemsOf(GOOD.replace(CRM_SECTION, `hub: ${section}`));
  expect(problems).toEqual(isFine ? [] : [expect.stringMatching(/hub\.token: .*expected either token, or oauth/)]);
});

test('one status per lead: the rule, the field and the tags; a value needs the field', () => {
  const withLead = (lead: string): string => GOOD.replace('stageOrder:', `lead: ${lead}\n    stageOrder:`);
  const { lead } = parseConfig(
    withLead('{ rule: [showed, scheduled], field: f, status: { showed: { value: Met, tags: [met] } } }'),
    {},
    'file.yaml',
  ).mapping['hub']!;
  expect(lead).toEqual({
    rule: { kind: 'first-of', order: ['showed', 'scheduled'] },
    field: 'f',
    byStatus: { showed: { value: 'Met', tags: ['met'] } },
    byEventType: {},
  });
  expect(problemsOf(withLead('{ status: { showed: { value: Met } } }'))).toEqual([
    expect.stringMatching(/lead\.status\.showed\.value: needs lead\.field/),
  ]);
  expect(problemsOf(withLead('{ rule: oldest }'))).toEqual([expect.stringMatching(/lead\.rule: expected newest, or/)]);
});

test('an event type says what differs for it, and what it says has to fit', () => {
  const withDemo = (demo: string): string =>
    GOOD.replace('stageOrder:', `eventTypes: { 4711: ${demo} }\n    stageOrder:`);
  const own = '{ pipeline: demos, stageOrder: [held], status: { showed: { stage: held } } }';
  const { eventTypes } = parseConfig(withDemo(own), {}, 'file.yaml').mapping['hub']!;
  const byStatus = { showed: { stageId: 'held', onlyFrom: null } };
  expect(eventTypes).toEqual({ 4711: { pipelineId: 'demos', stageOrder: ['held'], byStatus } });
  expect(problemsOf(withDemo('{ forwardOnly: false }'))).toEqual([]);
  expect(problemsOf(withDemo('{ status: { showed: { stage: held } } }'))).toEqual([
    expect.stringMatching(/eventTypes\.4711\.status\.showed\.stage: is not in stageOrder/),
  ]);
  expect(problemsOf(withDemo('{ stageOrder: [new] }'))).toEqual([
    expect.stringMatching(/eventTypes\.4711\.stageOrder: lacks a stage of status showed/),
  ]);
  expect(problemsOf(withDemo('{ lead: { status: { showed: { tags: [met] } } } }'))).toEqual([
    expect.stringMatching(/eventTypes\.4711\.lead: needs a lead section of the whole mapping/),
  ]);
});

test('the words of an event type for a lead', () => {
  const withLead = (words: string): string =>
    GOOD.replace(
      'stageOrder:',
      `lead: { field: f }\n    eventTypes: { 4711: { lead: { status: ${words} } } }\n    stageOrder:`,
    );
  const { lead } = parseConfig(withLead('{ showed: { value: Seen } }'), {}, 'file.yaml').mapping['hub']!;
  expect(lead?.byEventType).toEqual({ 4711: { showed: { value: 'Seen', tags: [] } } });
  const fieldless = withLead('{ showed: { value: Seen } }').replace('{ field: f }', '{}');
  expect(problemsOf(fieldless)).toEqual([
    expect.stringMatching(/eventTypes\.4711\.lead\.status\.showed\.value: needs lead\.field/),
  ]);
});

test('stages to come from are stages of the mapping, and need one to go to', () => {
  const withStatus = (status: string): string => GOOD.replace('showed: { stage: met }', status);
  expect(problemsOf(withStatus('showed: { stage: met, onlyFrom: [new] }'))).toEqual([]);
  expect(problemsOf(withStatus('showed: { stage: met, onlyFrom: [old] }'))).toEqual([
    expect.stringMatching(/onlyFrom\.0: is not in stageOrder/),
  ]);
  expect(problemsOf(withStatus('showed: { onlyFrom: [new] }'))).toEqual([
    expect.stringMatching(/onlyFrom: needs a stage/),
  ]);
});

const withConnection = (line: string): string => GOOD.replace('hub: { kind: hubspot, token: t }', line);

test('webhooks of a CRM: none unless secrets are given, for HighLevel by the published key', () => {
  const location = 'ghl: { kind: gohighlevel, locationId: l, calendarId: c, token: t }';
  const { connections } = parseConfig(
    withConnection(`hub: { kind: hubspot, token: t }\n  ${location}`),
    {},
    'file.yaml',
  );
  expect(connections).toMatchObject({
    hub: { webhookSecrets: [], webhookUrl: null, portalId: null },
    ghl: { webhookKeys: null, webhookUrl: null },
  });
});

test.each([
  [
    'secrets of HubSpot without the address that it signs',
    'hub: { kind: hubspot, token: t, webhookSecrets: [s] }',
    'line 4: connections.hub.webhookUrl: is missing; HubSpot signs the address that it calls, so webhookSecrets need it',
  ],
  [
    'a key that is none',
    'hub: { kind: gohighlevel, locationId: l, calendarId: c, token: t, webhookKeys: [not-a-key] }',
    'line 4: connections.hub.webhookKeys.0: expected an Ed25519 public key, as PEM or its base64',
  ],
  [
    'an account that is no number',
    'hub: { kind: hubspot, token: t, portalId: mine }',
    'line 4: connections.hub.portalId: expected a number',
  ],
])('is told, and not quoted: %s', (_title, line, problem) => {
  expect(problemsOf(withConnection(line))).toEqual([problem]);
});

test('what people make in a CRM is booked at a source that can be booked, and that feeds this CRM', () => {
  const example = readFileSync(EXAMPLE, 'utf8');
  const lines = '    # bookFromCrm:\n    #   source: calcom-sales\n    #   eventType: 101\n';
  const withBooking = (source: string): string =>
    example.replace(
      lines,
      `    bookFromCrm:\n      source: ${source}\n      eventType: 101\n      byOwner: { '7001': 102 }\n`,
    );
  expect(parseConfig(withBooking('calcom-sales'), {}, 'x').connections['hubspot-main']).toMatchObject({
    bookFromCrm: { source: 'calcom-sales', eventType: '101', byOwner: { 7001: '102' }, byCalendar: {}, zone: 'UTC' },
  });
  const problems = (text: string): string => {
    try {
      parseConfig(text, {}, 'x');
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  expect(problems(withBooking('hubspot-main'))).toMatch(/bookFromCrm\.source: names a connection that is no source/);
  expect(problems(withBooking('calcom-sales').replace('crms: [hubspot-main]', 'crms: []'))).toMatch(
    /bookFromCrm\.source: does not feed this CRM; expected hubspot-main among the crms of its sync/,
  );
});

test('a public key is taken as PEM in one line or as its base64', () => {
  const base64 = 'MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=';
  const pem = `-----BEGIN PUBLIC KEY-----\\n${base64}\\n-----END PUBLIC KEY-----`;
  const line = `hub: { kind: gohighlevel, locationId: l, calendarId: c, token: t, webhookKeys: ['${base64}', '${pem}'] }`;
  expect(parseConfig(withConnection(line), {}, 'file.yaml').connections.hub).toMatchObject({
    webhookKeys: [base64, base64],
  });
});
