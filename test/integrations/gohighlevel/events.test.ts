/** What HighLevel's webhooks say: which record of our location, and that is all. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readDelivery, repeatMayBeNews, withoutValues } from '../../../integrations/gohighlevel/events';
import { bodyOf } from '../../../local/simulators/gohighlevel/webhook-bodies';
import { contractFile } from '../contract-vectors';

const LOCATION = 'loc-main';
const bytes = (body: unknown): Buffer => Buffer.from(JSON.stringify(body));
const read = (body: unknown) => readDelivery(bytes(body), LOCATION);
const appointment = (type = 'AppointmentUpdate', given: Readonly<Record<string, unknown>> = {}) => ({
  type,
  locationId: LOCATION,
  timestamp: '2026-11-21T12:00:01.000Z',
  webhookId: 'wh-1',
  appointment: {
    id: 'apt-1',
    contactId: 'c-1',
    title: 'Call with Dana',
    appointmentStatus: 'noshow',
    dateUpdated: '2026-11-21T12:00:00.000Z',
  },
  ...given,
});

test.each([
  ['AppointmentCreate', 'created'],
  ['AppointmentUpdate', 'changed'],
  ['AppointmentDelete', 'deleted'],
])('%s: the appointment was %s at the moment that it says', (type, what) => {
  expect(read(appointment(type))).toEqual({
    kind: 'changes',
    trigger: type,
    changes: [
      {
        record: 'appointment',
        crmId: 'apt-1',
        what,
        intoCrmId: null,
        fields: [],
        occurredAtMs: Date.UTC(2026, 10, 21, 12),
      },
    ],
    unreadable: null,
  });
});

test.each([
  ['ContactTagUpdate', 'person', 'changed', ['tags']],
  ['ContactDelete', 'person', 'deleted', []],
  ['OpportunityStageUpdate', 'opportunity', 'changed', ['pipelineStageId']],
  ['OpportunityDelete', 'opportunity', 'deleted', []],
])('%s: %s %s', (type, record, what, fields) => {
  const said = read({ type, locationId: LOCATION, id: 'rec-1', email: 'dana@example.com' });
  expect(said).toMatchObject({
    kind: 'changes',
    changes: [{ record, what, fields, crmId: 'rec-1', occurredAtMs: null }],
  });
});

test.each([
  ['another location', appointment('AppointmentUpdate', { locationId: 'loc-other' }), 'about another location'],
  ['no location', appointment('AppointmentUpdate', { locationId: undefined }), 'about another location'],
  ['a type that is not synced', { type: 'InvoicePaid', locationId: LOCATION }, 'no record that is synced'],
  ['an installation', { type: 'INSTALL', appId: 'app' }, 'no record that is synced'],
])('is ignored: %s', (_title, body, words) => {
  const said = read(body);
  expect([said.kind, said.kind === 'ignored' && said.reason]).toEqual(['ignored', expect.stringContaining(words)]);
});

test.each([
  ['no object', '[1]'],
  ['broken JSON', '{"type":'],
  ['no type', '{"locationId":"loc-main"}'],
  ['a type with markup', '{"type":"<b>","locationId":"loc-main"}'],
  ['an appointment without id', JSON.stringify(appointment('AppointmentUpdate', { appointment: {} }))],
  ['a contact without id', JSON.stringify({ type: 'ContactUpdate', locationId: LOCATION })],
  [
    'an id that is a text of somebody',
    JSON.stringify({ type: 'ContactUpdate', locationId: LOCATION, id: 'dana@example.com' }),
  ],
])('is unreadable, and the reason quotes nothing: %s', (_title, text) => {
  const said = readDelivery(Buffer.from(text), LOCATION);
  expect(said.kind).toBe('unreadable');
  expect(JSON.stringify(said)).not.toContain('dana');
});

test('a body without an id of its own may be news when it comes again', () => {
  expect(repeatMayBeNews(bytes(appointment()))).toBe(false);
  expect(repeatMayBeNews(bytes(appointment('AppointmentUpdate', { webhookId: undefined })))).toBe(true);
  expect(repeatMayBeNews(Buffer.from('no json'))).toBe(false);
});

test('what is kept of a body says the same, without names and addresses', () => {
  const contact = { type: 'ContactUpdate', locationId: LOCATION, id: 'c-1', email: 'dana@example.com', name: 'Dana' };
  for (const body of [appointment(), contact]) {
    const kept = withoutValues(bytes(body));
    expect(kept.toString()).not.toMatch(/dana/i);
    expect(readDelivery(kept, LOCATION)).toEqual(read(body));
  }
});

test('what our simulator tells is read', () => {
  const event = {
    id: 'apt-9',
    calendarId: 'cal',
    contactId: 'c',
    title: 't',
    description: '',
    address: null,
    status: 'showed',
    assignedUserId: null,
    source: 'calendar_page',
    startMs: 1e12,
    endMs: 1e12,
    createdAtMs: 1e12,
    updatedAtMs: 1e12,
  };
  const told = JSON.parse(
    bodyOf({ type: 'AppointmentUpdate', event } as unknown as Parameters<typeof bodyOf>[0], null),
  ) as {
    locationId: string;
  };
  expect(readDelivery(bytes(told), told.locationId)).toMatchObject({ kind: 'changes', changes: [{ crmId: 'apt-9' }] });
});

test('no sample of HighLevel is unreadable', () => {
  const first = contractFile('gohighlevel/webhooks/AppointmentCreate.json');
  if (first === null) return;
  const folder = join(__dirname, '../../../../shared/contracts/gohighlevel/webhooks');
  const kinds = new Map(
    readdirSync(folder).map((name) => {
      const body = contractFile<{ locationId?: string }>(`gohighlevel/webhooks/${name}`)!;
      return [name, readDelivery(bytes(body), body.locationId ?? '').kind];
    }),
  );
  expect([...kinds].filter(([, kind]) => kind === 'unreadable')).toEqual([]);
  expect(kinds.get('AppointmentUpdate.json')).toBe('changes');
  expect(kinds.get('OpportunityStageUpdate.json')).toBe('changes');
  expect(kinds.get('NoteCreate.json')).toBe('ignored');
});
