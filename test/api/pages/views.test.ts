/** Pages as functions of what they show: what an empty one says, and that nobody's name is ever markup. */
import type { BookingDetail } from '../../../db/booking-view';
import type { ConnectionLine } from '../../../db/connection-lines';
import type { Html } from '../../../api/pages/views/html';
import { bookingPage } from '../../../api/pages/views/booking-page';
import { bookingsView } from '../../../api/pages/views/bookings-view';
import { deliveriesView, deliveryPage } from '../../../api/pages/views/deliveries-view';
import { documentOf, type Frame } from '../../../api/pages/views/layout';
import { mappingView } from '../../../api/pages/views/mapping-view';
import { connectionsView, rulesView } from '../../../api/pages/views/settings-views';
import { taskPage, type TaskPageData } from '../../../api/pages/views/task-page';
import { tasksView } from '../../../api/pages/views/tasks-view';
import { fromNow, momentAt, spanWords } from '../../../api/pages/views/times';
import { todayView, type TodayData } from '../../../api/pages/views/today-view';
import { slotAt, T0_MS } from '../v1/seed';

const HOSTILE = '<img src=x onerror=alert(1)>"\'&';
const HOUR_MS = 3_600_000;

const frame: Frame = {
  operator: 'anna-1',
  formToken: 'form-token',
  nowMs: T0_MS - HOUR_MS,
  zone: 'America/Denver',
  assets: { style: '/s.css', htmx: '/h.js', icon: '/i.svg' },
  said: null,
};
const shown = (body: Html): string => documentOf(frame, { title: 'A page', section: 'today', body });

const booking: BookingDetail = {
  id: 'calcom-sales/u1',
  connection: 'calcom-sales',
  status: 'scheduled',
  slot: slotAt(T0_MS),
  chain: ['u1', 'u2'],
  version: 2,
  contactMatch: 'email',
  leadScore: null,
  statusReason: null,
  personId: null,
  hostId: null,
  crm: [],
  messages: [],
  tasks: [],
  timeline: [],
};
const person = (name: string) => ({
  name,
  firstName: name,
  lastName: name,
  email: name,
  phone: name,
  zone: name,
  locale: null,
});
const task: TaskPageData['task'] = {
  id: '5e0d7c0a-0000-4000-8000-000000000001',
  workflowId: 'task/match_contact/calcom-sales/u1/hubspot-main/1',
  kind: 'match_contact',
  state: 'open',
  owner: 'front-desk',
  bookingId: booking.id,
  about: 'hubspot-main',
  openedAtMs: T0_MS - 2 * HOUR_MS,
  dueAtMs: T0_MS,
  snoozedUntilMs: null,
  evidence: { reason: 'several match' },
  decision: null,
  decidedBy: null,
  decidedAtMs: null,
  guest: null,
};
const matching: TaskPageData = {
  task,
  booking,
  guest: null,
  candidates: [],
  isCrmRead: true,
  decisions: ['use_contact', 'create_contact', 'no_contact'],
};
const line: ConnectionLine = {
  connection: 'calcom-sales',
  health: null,
  lastDeliveryAtMs: null,
  deliveries: { stored: 0, done: 0, ignored: 0, dead: 0 },
  typicalLagMs: null,
  oldestWaitingAtMs: null,
  poll: null,
  subscription: null,
  tokenRenewedAtMs: null,
  bookings: {},
};
const quiet: TodayData = {
  tasks: [],
  openTasks: 0,
  slots: [],
  health: { lagSeconds: 0, waiting: 0, dead: 0, parked: 0, withoutDispatcher: [], connections: [line], engine: true },
};

describe('an empty page says what to do', () => {
  it.each<[string, Html, string]>([
    ['Today', todayView(frame, quiet), 'Nothing waits for a person.'],
    [
      'Bookings',
      bookingsView(frame, { lines: [], query: {}, nextCursor: null, sources: [], search: null }),
      'They appear with the first webhook',
    ],
    [
      'a filter',
      bookingsView(frame, { lines: [], query: { status: 'showed' }, nextCursor: null, sources: [], search: null }),
      'No booking is like this.',
    ],
    [
      'a search',
      bookingsView(frame, { lines: [], query: {}, nextCursor: null, sources: [], search: 'nora' }),
      'A name is found by whole words',
    ],
    [
      'Tasks',
      tasksView(frame, { tasks: [], state: 'open', kind: null, cursor: null, nextCursor: null, refused: [] }),
      'The queue is empty.',
    ],
    [
      'Deliveries',
      deliveriesView(frame, { deliveries: [], state: null, nextCursor: null, connections: [] }),
      'booksync doctor --fix',
    ],
    [
      'dead letters',
      deliveriesView(frame, { deliveries: [], state: 'dead', nextCursor: null, connections: [] }),
      'No dead letters',
    ],
    [
      'a connection',
      connectionsView(frame, [
        { id: 'calcom-sales', kind: 'calcom', role: 'source', feeds: [], line, connects: false },
      ]),
      'Nothing has come yet',
    ],
    ['Rules', rulesView(frame, [], null), 'Deciding a &quot;Choose the contact&quot; task makes one.'],
    ['Mapping', mappingView({}), 'Name one under sync in booksync.yaml'],
    ['candidates', taskPage(frame, matching), 'Create a contact, or name the right one by its id.'],
    [
      'a booking',
      bookingPage(frame, { booking, guest: null, host: null, waitingFor: null, workflowUrl: null }),
      'Live state unavailable',
    ],
  ])('%s', (_page, body, sentence) => {
    expect(shown(body).replaceAll('&#39;', "'")).toContain(sentence);
  });
});

describe('what people typed is text', () => {
  const hostile = { id: booking.id, connection: 'calcom-sales', status: booking.status, slot: booking.slot } as const;
  it.each<[string, Html]>([
    [
      'Today',
      todayView(frame, {
        ...quiet,
        openTasks: 1,
        tasks: [{ ...task, guest: HOSTILE }],
        slots: [{ ...hostile, personId: null, crm: [], openTasks: 0, guest: HOSTILE }],
      }),
    ],
    ['a search', bookingsView(frame, { lines: [], query: {}, nextCursor: null, sources: [HOSTILE], search: HOSTILE })],
    [
      'a booking',
      bookingPage(frame, {
        booking: { ...booking, chain: [HOSTILE], statusReason: HOSTILE },
        guest: person(HOSTILE),
        host: person(HOSTILE),
        waitingFor: HOSTILE,
        workflowUrl: null,
      }),
    ],
    [
      'a task',
      taskPage(frame, {
        ...matching,
        guest: person(HOSTILE),
        task: { ...task, guest: HOSTILE, evidence: { reason: HOSTILE, [HOSTILE]: HOSTILE } },
        candidates: [{ id: HOSTILE, agrees: [HOSTILE], differs: ['email'], current: person(HOSTILE) }],
      }),
    ],
    [
      'a delivery',
      deliveryPage(frame, {
        delivery: {
          id: 'd',
          connection: HOSTILE,
          state: 'dead',
          receivedAtMs: T0_MS,
          settledAtMs: null,
          trigger: HOSTILE,
          reason: HOSTILE,
          attempts: 1,
          repeats: 0,
          factIds: [],
          headers: { [HOSTILE]: HOSTILE },
        },
        shape: { [HOSTILE]: 'string' },
        bodyWords: HOSTILE,
      }),
    ],
    [
      'a rule',
      rulesView(
        frame,
        [
          {
            id: 'r',
            connection: HOSTILE,
            personId: 'p',
            choice: { choice: 'use_contact', crmPersonId: HOSTILE },
            bookingId: booking.id,
            decidedBy: HOSTILE,
            decidedAtMs: T0_MS,
            bookings: 1,
            guest: HOSTILE,
          },
        ],
        null,
      ),
    ],
  ])('%s', (_page, body) => {
    const page = shown(body);
    expect(page).toContain('&lt;img src=x onerror=alert(1)>');
    // Neither a tag nor the end of an attribute's value.
    expect(page).not.toMatch(/<img|alert\(1\)>"/);
  });

  it('also in the title and in what is said', () => {
    const page = documentOf(
      { ...frame, said: { text: HOSTILE, isBad: true } },
      { title: HOSTILE, section: null, body: '' },
    );
    expect(page).not.toContain('<img');
  });
});

describe('candidates', () => {
  const candidates = [
    {
      id: '101',
      agrees: ['lastName'],
      differs: ['email'],
      current: { ...person('x'), email: 'work@example.com', lastName: 'Berg', company: null },
    },
  ];

  it('stand beside the guest, each field with what agrees and what differs', () => {
    const page = shown(
      taskPage(frame, { ...matching, guest: { ...person('Nora Berg'), email: 'nora@example.com' }, candidates }),
    );
    expect(page).toContain('nora@example.com');
    expect(page).toMatch(/Berg\s*<span class="chip good">agrees/);
    expect(page).toMatch(/work@example\.com\s*<span class="chip bad">differs/);
  });

  it('are names of fields only while the CRM is away', () => {
    const page = shown(
      taskPage(frame, {
        ...matching,
        isCrmRead: false,
        candidates: candidates.map((one) => ({ ...one, current: null })),
      }),
    );
    expect(page).toContain('The CRM does not answer right now');
    expect(page).toMatch(/<dd>\s*<span class="chip bad">differs/);
    expect(page).not.toContain('work@example.com');
  });
});

describe('what can be decided about a booking', () => {
  const offered = (of: Partial<BookingDetail>, nowMs: number): string[] => {
    const page = shown(
      bookingPage(
        { ...frame, nowMs },
        { booking: { ...booking, ...of }, guest: null, host: null, waitingFor: 'x', workflowUrl: null },
      ),
    );
    return [...page.matchAll(/name="decision" value="(\w+)"/g)].map(([, decision]) => decision ?? '');
  };

  it('is what makes sense now', () => {
    expect(offered({}, T0_MS - HOUR_MS)).toEqual(['canceled', 'rescheduled']);
    expect(offered({ status: 'awaiting_outcome' }, T0_MS + 2 * HOUR_MS)).toEqual([
      'showed',
      'no_show',
      'canceled',
      'rescheduled',
    ]);
    expect(offered({ status: 'reschedule_requested' }, T0_MS - HOUR_MS)).toEqual([
      'canceled',
      'rescheduled',
      'keep_waiting',
    ]);
    expect(offered({ status: 'canceled', slot: null }, T0_MS)).toEqual(['rescheduled']);
  });
});

it('times name their zone, with the zone data of the application', () => {
  expect(momentAt(Date.parse('2026-12-01T20:00:00Z'), 'America/Vancouver')).toBe('Tue 1 Dec 2026, 13:00 MST');
  expect(fromNow(T0_MS + 2 * HOUR_MS, T0_MS)).toBe('in 2 h');
  expect(fromNow(T0_MS - 3_000, T0_MS)).toBe('just now');
  expect(spanWords(75_000)).toBe('75 s');
});
