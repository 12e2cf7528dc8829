/**
 * Personal data stays where it belongs: canaries in every personal field of every body and in vendors' errors are looked for
 * in everything that Temporal, the database, the logs and the API hold, while the CRM, the mail server and the worker misbehave.
 */
import { Client, Connection } from '@temporalio/client';
import { createPool } from '../../db/pool';
import { SIGNATURE_HEADER, sign } from '../../integrations/calcom/signature';
import {
  bookingCancelled,
  bookingCreated,
  bookingRescheduled,
  meetingEnded,
  noShowUpdated,
  type CalcomBody,
} from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import type { HttpFaultInput } from '../../local/simulators/faults';
import type { MailFaultInput } from '../../local/simulators/mail/faults';
import type { Stack } from '../../local/stack';
import { makeCanaries } from '../support/canaries';
import { cleanUp } from '../support/clean-up';
import { eventually } from '../support/eventually';
import { databaseFindings, logFindings, temporalFindings, type Findings } from '../support/findings';
import { testStack } from '../support/processes';

const DAY = 86_400_000;
const SECRET = 'canary-secret';
const canaries = makeCanaries();
const { word, email, phone } = canaries;
const answers: Findings = new Map();
let stack: Stack;
let client: Client;
let pool: ReturnType<typeof createPool>;

beforeAll(async () => {
  stack = await testStack({ env: { LOG_LEVEL: 'debug', CALCOM_WEBHOOK_SECRET: SECRET } });
  const connection = await Connection.connect({ address: stack.temporalAddress });
  client = new Client({ connection });
  pool = createPool(stack.databaseUrl);
  cleanUp(() => Promise.all([connection.close(), pool.end()]));
});

test("canaries in bodies and in vendors' errors are nowhere to be found", async () => {
  const known = aBooking('known', { phone: phone('phone of known') });
  const unknown = aBooking('unknown', { phone: phone('phone of unknown') });
  const phoneOnly = aBooking('phone-only', { email: undefined, phone: phone('phone of phone-only') });
  await aContact(known);
  await admin('hubspot/_admin/faults', { faults: CRM_FAULTS });
  await admin('mail/_admin/faults', { faults: MAIL_FAULTS });
  for (const booking of [known, unknown, phoneOnly]) await deliver(dressed(bookingCreated(booking)));
  await sendNonsense(known);

  await eventually(allIsDone, { everyMs: 500, what: 'three bookings to be in step' });

  await stack.stopPart('worker');
  const later = { ...known, uid: `${known.uid}-2`, startMs: known.startMs + DAY };
  await deliver(dressed(bookingRescheduled({ ...later, sequence: 1, previous: known })));
  await deliver(dressed(bookingCancelled({ ...unknown, reason: word('cancellation reason') })));
  await deliver(dressed(meetingEnded({ ...phoneOnly, flat: true })));
  await deliver(
    dressed(noShowUpdated({ uid: known.uid, email: email('e-mail of known'), noShow: true, createdAtMs: Date.now() })),
  );
  await stack.restart('worker');
  await eventually(allIsDone, { timeoutMs: 60_000, everyMs: 500, what: 'every booking to be in step' });
  await admin('mail/_admin/faults', { faults: [] });
  await deliver(dressed(bookingCreated({ ...aBooking('known', {}), uid: 'uid-undisturbed' })));
  await eventually(allIsDone, { what: 'the undisturbed booking to be in step' });
  await askEverything();

  const everything = [
    ...answers,
    ...(await temporalFindings(client)),
    ...(await databaseFindings(pool)),
    ...logFindings(stack, ['api', 'worker', 'temporal', 'postgres']),
  ];
  expect(everything.length).toBeGreaterThan(30);
  const seen = everything.map(([place, text]) => ({ place, canaries: canaries.sightings(text) }));
  expect(seen.filter((one) => one.canaries.length > 0)).toEqual([]);
});

test('what is looked for was there: the CRM and the mailbox have it, and so do failed attempts', async () => {
  const crm = canaries.sightings(await admin('hubspot/_admin/state'));
  expect(crm).toEqual(
    expect.arrayContaining(['e-mail of known', 'last name of unknown', 'phone of phone-only', 'title', 'notes']),
  );
  const mailbox = canaries.sightings(await admin('mail/_admin/messages'));
  expect(mailbox).toEqual(expect.arrayContaining(['e-mail of known', 'title', 'host']));
  const requests = JSON.parse(await admin('hubspot/_admin/requests')) as { status: number | null }[];
  const statuses = new Set(requests.map(({ status }) => status));
  for (const status of [400, 401, 409, 429, 500, null]) expect(statuses).toContain(status);
});

test('the search finds a canary in a table, a history and a description, however it is encoded', async () => {
  const value = word('control');
  await pool.query('CREATE TABLE control (a text, b bytea, c jsonb, d bytea)');
  await pool.query(
    'INSERT INTO control VALUES ($1, NULL, NULL, NULL), (NULL, $2, NULL, NULL), (NULL, NULL, $3, NULL), (NULL, NULL, NULL, $4)',
    [
      Buffer.from(`..${value}`).toString('base64'),
      Buffer.from(value),
      JSON.stringify({ deep: [Buffer.from(value).toString('hex')] }),
      Buffer.from(Buffer.from(`.${value}.`).toString('base64')),
    ],
  );
  for (const column of ['a', 'b', 'c', 'd']) {
    await pool.query(`CREATE TABLE control_${column} AS SELECT ${column} FROM control WHERE ${column} IS NOT NULL`);
  }
  const tables = await databaseFindings(pool);
  for (const column of ['a', 'b', 'c', 'd']) {
    expect(canaries.sightings(tables.get(`table public.control_${column}`) ?? '')).toEqual(['control']);
  }
  // On the queue of the bookings, where a worker answers its queries; nothing is stored under the id, so it ends.
  const start = { taskQueue: 'bookings', workflowId: 'booking/control', args: [{ bookingId: value }] };
  await client.workflow.execute('booking', { ...start, memo: { note: value } });
  expect(canaries.sightings((await temporalFindings(client)).get('workflow booking/control') ?? '')).toEqual([
    'control',
  ]);
});

// ---------------------------------------------------------------- what is sent

const quoted = (): string =>
  `${email('e-mail of known')} ${email('e-mail of unknown')} ${word('quoted by the vendor')}`;
const CRM_FAULTS: readonly HttpFaultInput[] = [
  { method: 'GET', path: '/contacts/[^/]*%40', status: 500, body: `<html>${quoted()}</html>` },
  { method: 'POST', path: '/deals$', status: 409, body: { message: quoted(), category: 'CONFLICT' } },
  { method: 'POST', path: '/contacts$', status: 409, body: { message: quoted(), category: 'CONFLICT' } },
  {
    method: 'POST',
    path: '/contacts/search',
    status: 429,
    body: { message: quoted(), policyName: `SECONDLY ${quoted()}` },
  },
  {
    method: 'POST',
    path: '/meetings$',
    status: 400,
    body: { message: quoted(), errors: [{ message: quoted(), code: quoted() }] },
  },
  { method: 'POST', path: '/meetings$', connection: 'reset_after' },
  { method: 'PATCH', path: '/meetings', status: 401, body: { message: quoted(), correlationId: quoted() } },
  { method: 'PATCH', path: '/meetings', truncate: true },
  { method: 'PATCH', path: '/meetings', delayMs: 11_000 },
];
const MAIL_FAULTS: readonly MailFaultInput[] = [
  { at: 'rcpt', action: 'reject' },
  { at: 'before_data', action: 'temp_fail' },
];

function aBooking(who: string, contact: { email?: string | undefined; phone?: string }): BookingOptions {
  return {
    uid: `uid-${who}-${Date.now()}`,
    startMs: Math.ceil(Date.now() / 60_000) * 60_000 + 10 * DAY,
    guest: {
      name: `First${word(`first name of ${who}`)} ${word(`last name of ${who}`)}`,
      email: email(`e-mail of ${who}`),
      ...contact,
    },
    broughtAlong: [{ name: word(`guest of ${who}`), email: email(`guest of ${who}`) }],
    host: { name: `Host ${word('host')}`, email: email('host') },
    title: `Title ${word('title')}`,
    notes: `Notes\n${word('notes')}`,
    answers: { 'what-for': word('answer'), [email('question')]: 'yes' },
  };
}

/** The same body with canaries in the fields that the sample builder leaves alone. */
function dressed(body: CalcomBody): CalcomBody {
  const extra = {
    location: `Street ${word('place')}`,
    description: word('description'),
    smsReminderNumber: phone('number for reminders'),
    customInputs: { anything: word('custom input') },
    metadata: { videoCallUrl: `https://meet.example.com/${word('link')}`, anything: word('metadata') },
    userFieldsResponses: { field: { label: 'x', value: word('user field') } },
    videoCallData: {
      type: 'x',
      id: word('video call'),
      password: word('password'),
      url: `https://meet.example.com/${word('link')}`,
    },
  };
  return body.payload ? { ...body, payload: { ...body.payload, ...extra } } : { ...body, ...extra };
}

/** What can't be read, is ignored, or is refused; each holds canaries. */
async function sendNonsense(booking: BookingOptions): Promise<void> {
  const body = dressed(bookingCreated({ ...booking, uid: 'uid-nonsense' }));
  await deliver({ ...body, payload: { ...body.payload, attendees: word('attendees') } });
  await deliver({ ...body, payload: { ...body.payload, startTime: word('start') } });
  await deliver({ triggerEvent: `${word('trigger')} @`, createdAt: word('created'), payload: {} });
  await deliver({
    triggerEvent: 'FORM_SUBMITTED',
    createdAt: word('created'),
    payload: { responses: { a: word('form') } },
  });
  await post('/webhooks/calcom-sales', `{"broken": "${word('broken')}`, sign(`{"broken": "${word('broken')}`, SECRET));
  await post('/webhooks/calcom-sales', JSON.stringify(body), 'ab'.repeat(32));
  await post(`/webhooks/${word('connection')}`, JSON.stringify(body), 'ab'.repeat(32));
}

async function deliver(body: CalcomBody): Promise<void> {
  const text = JSON.stringify(body);
  expect(await post('/webhooks/calcom-sales', text, sign(text, SECRET))).toBe(202);
}

async function post(path: string, body: string, signature: string): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    [SIGNATURE_HEADER]: signature,
    'x-sender': word('header'),
    cookie: word('cookie'),
  };
  const response = await fetch(stack.apiUrl + path, { method: 'POST', headers, body });
  answers.set(`answer ${answers.size} to a webhook`, await response.text());
  return response.status;
}

async function aContact({ guest }: BookingOptions): Promise<void> {
  const response = await fetch(`${stack.simulatorsUrl}/hubspot/crm/objects/2026-09/contacts`, {
    method: 'POST',
    headers: { authorization: 'Bearer pat-demo', 'content-type': 'application/json' },
    body: JSON.stringify({ properties: { firstname: guest.name, email: guest.email } }),
  });
  expect(response.status).toBe(201);
}

// ---------------------------------------------------------------- what is asked

/** Decides whatever a person is asked; true when nobody is asked anything and every CRM is in step. */
async function allIsDone(): Promise<boolean> {
  const { tasks } = (await api('/api/v1/tasks?state=open')) as { tasks: { id: string; kind: string }[] };
  const decisions: Record<string, string> = {
    match_contact: 'create_contact',
    crm_refused: 'retry',
    message_unknown: 'leave',
  };
  for (const { id, kind } of tasks) {
    const mistaken = { decision: 'use_contact', personId: email('e-mail of known') };
    expect(await api(`/api/v1/tasks/${id}/decision`, mistaken)).toMatchObject({ error: { code: 'decision_refused' } });
    await api(`/api/v1/tasks/${id}/decision`, { decision: decisions[kind] });
  }
  const { rows } = await pool.query<{ waiting: number; behind: string[] | null; unsent: number }>(
    `SELECT (SELECT count(*)::int FROM delivery WHERE state = 'stored')
         + (SELECT count(*)::int FROM booking_event WHERE outcome IS NULL) AS waiting,
       (SELECT count(*)::int FROM message WHERE state IN ('sending') OR state = 'planned' AND kind = 'confirmation') AS unsent,
       (SELECT array_agg(s.state || ' ' || coalesce(s.reason, '')) FROM booking b LEFT JOIN crm_sync s ON s.booking_id = b.id
        WHERE s.state IS DISTINCT FROM 'synced' OR s.written_version < b.version) AS behind`,
  );
  expect({ ...rows[0], tasks: tasks.length }).toEqual({ waiting: 0, behind: null, unsent: 0, tasks: 0 });
  return true;
}

async function askEverything(): Promise<void> {
  const { bookings } = (await api('/api/v1/bookings')) as { bookings: { id: string }[] };
  for (const { id } of bookings) await api(`/api/v1/bookings/${id}`);
  const { deliveries } = (await api('/api/v1/deliveries?limit=100')) as { deliveries: { id: string; state: string }[] };
  expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(['done', 'dead', 'ignored']));
  for (const { id } of deliveries) await api(`/api/v1/deliveries/${id}`);
  for (const path of ['/api/v1/tasks', '/metrics', '/healthz', '/readyz', '/api/v1/openapi.json']) await api(path);
}

async function api(path: string, body?: object): Promise<unknown> {
  const response = await fetch(stack.apiUrl + path, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${stack.apiToken}`, 'content-type': 'application/json' },
  });
  const text = await response.text();
  answers.set(`answer to ${path}${body ? `, ${answers.size}` : ''}`, text);
  return text.startsWith('{') ? JSON.parse(text) : null;
}

async function admin(path: string, body?: object): Promise<string> {
  const response = await fetch(`${stack.simulatorsUrl}/${path}`, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(200);
  return response.text();
}
