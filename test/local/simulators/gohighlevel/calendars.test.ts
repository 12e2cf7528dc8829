/** Calendars: appointments, slots, who is told, lists, blocked slots, notes. */
import { DAY, LOCATION, START_TIME, anAppointment, createContact, startLocation } from './location-client';
import type { Json, TestLocation } from './location-client';

let location: TestLocation;
let contactId: string;
beforeEach(async () => {
  location = await startLocation();
  contactId = await createContact(location.api);
});
afterEach(async () => {
  const problems = location.contractProblems();
  await location.close();
  expect(problems).toEqual([]);
});

const APPOINTMENTS = '/calendars/events/appointments';
const DATED = { version: '2021-04-15' };
const api = (...given: Parameters<TestLocation['api']>) => location.api(...given);
const create = (changes: object = {}) => api('POST', APPOINTMENTS, anAppointment(contactId, changes));
const created = async (changes: object = {}): Promise<string> => String((await create(changes)).body['id']);
const read = async (id: string): Promise<Json> => (await api('GET', `${APPOINTMENTS}/${id}`)).body.event ?? {};
const told = (): number => location.ghl.state().sideEffects.counts.guest_notified;
const violations = (): number => location.ghl.state().violations;
const checked = { ignoreFreeSlotValidation: false };
const range = `startTime=${Date.UTC(2026, 10, 24)}&endTime=${Date.UTC(2026, 10, 25)}`;
const listed = async (query: string): Promise<readonly Json[]> =>
  (await api('GET', `/calendars/events?locationId=loc-main&${range}&${query}`)).body.events ?? [];

it('creates an appointment and reads it back with the location’s offset', async () => {
  const { status, body } = await create({
    startTime: '2026-11-24T17:00:00Z',
    title: 'Estimate',
    description: 'ref a:1',
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    startTime: START_TIME,
    endTime: '2026-11-24T10:30:00-07:00',
    appointmentStatus: 'confirmed',
    assignedUserId: 'user-host',
    calendarId: 'cal-main',
    contactId,
    dateAdded: '2026-11-23T16:00:00.000Z',
  });
  expect(await read(String(body['id']))).toMatchObject({
    startTime: START_TIME,
    title: 'Estimate',
    description: 'ref a:1',
    deleted: false,
  });
});

it('is as long as the calendar says when no end is given', async () => {
  const fields = { calendarId: 'cal-estimates', endTime: undefined };
  expect((await create(fields)).body).toMatchObject({ endTime: '2026-11-24T11:00:00-07:00' });
});

it('tells the guest unless toNotify is false', async () => {
  const id = await created();
  expect(told()).toBe(0);
  await api('PUT', `${APPOINTMENTS}/${id}`, { appointmentStatus: 'showed' });
  expect(told()).toBe(1);
  await api('PUT', `${APPOINTMENTS}/${id}`, { appointmentStatus: 'noshow', toNotify: true });
  await api('PUT', `${APPOINTMENTS}/${id}`, { appointmentStatus: 'showed', toNotify: false });
  expect(told()).toBe(2);
  await created({ toNotify: undefined });
  expect(location.ghl.state().sideEffects.list.map(({ kind }) => kind)).toEqual(Array(3).fill('guest_notified'));
});

it.each([
  ['a past slot', { startTime: '2026-11-23T08:00:00-07:00', endTime: undefined }],
  ['a slot outside the open hours', { startTime: '2026-11-24T18:00:00-07:00', endTime: undefined }],
  ['a slot on a Sunday', { startTime: '2026-11-29T10:00:00-07:00', endTime: undefined }],
  ['a slot that begins too late in the day', { startTime: '2026-11-24T16:45:00-07:00', endTime: undefined }],
])('refuses %s unless it is told to ignore it', async (_what, slot) => {
  expect(await create({ ...slot, ...checked })).toMatchObject({
    status: 400,
    body: { message: 'The slot you have selected is no longer available.' },
  });
  expect((await create(slot)).status).toBe(200);
  expect(violations()).toBe(0);
});

it('refuses a taken slot of the same user until it is canceled', async () => {
  const id = await created(checked);
  expect((await create(checked)).status).toBe(400);
  expect((await create({ ...checked, assignedUserId: 'user-estimator' })).status).toBe(200);
  await api('PUT', `${APPOINTMENTS}/${id}`, { appointmentStatus: 'cancelled', toNotify: false });
  expect((await create(checked)).status).toBe(200);
});

it('moves an appointment, keeps its length, and checks the slot only when it moves', async () => {
  const id = await created();
  const to = { startTime: '2026-11-24T14:00:00-07:00', toNotify: false };
  expect((await api('PUT', `${APPOINTMENTS}/${id}`, to)).body).toMatchObject({ endTime: '2026-11-24T14:30:00-07:00' });
  location.clock.nowMs += 2 * DAY;
  const mark = { appointmentStatus: 'showed', toNotify: false };
  expect((await api('PUT', `${APPOINTMENTS}/${id}`, mark)).status).toBe(200);
  expect((await api('PUT', `${APPOINTMENTS}/${id}`, { startTime: START_TIME })).status).toBe(400);
  expect((await api('PUT', `${APPOINTMENTS}/${id}`, { ...to, ignoreFreeSlotValidation: true })).status).toBe(200);
});

it('knows the two statuses of the newest version only there', async () => {
  const id = await created();
  const mark = { appointmentStatus: 'completed', toNotify: false };
  expect((await api('PUT', `${APPOINTMENTS}/${id}`, mark)).body).toMatchObject(
    mark.appointmentStatus ? { appointmentStatus: 'completed' } : {},
  );
  expect((await api('PUT', `${APPOINTMENTS}/${id}`, mark, DATED)).status).toBe(400);
  expect(violations()).toBe(1);
});

it('writes and reads under the dated version, without the instants', async () => {
  const { body } = await api('POST', APPOINTMENTS, anAppointment(contactId), DATED);
  expect(body).not.toHaveProperty('dateAdded');
  const { event } = (await api('GET', `${APPOINTMENTS}/${String(body['id'])}`, undefined, DATED)).body;
  expect(event).toMatchObject({ appointmentStatus: 'confirmed' });
  expect(event).not.toHaveProperty('deleted');
});

it('deletes an event: gone from lists, shown as deleted by id, or gone', async () => {
  const id = await created();
  expect(await api('DELETE', `/calendars/events/${id}`, {})).toMatchObject({ status: 201, body: { succeeded: true } });
  expect(await listed('calendarId=cal-main')).toEqual([]);
  expect(await read(id)).toMatchObject({ id, deleted: true });
  location.ghl.changeSettings({ deletedEvents: 'gone' });
  expect((await api('GET', `${APPOINTMENTS}/${id}`)).status).toBe(400);
  expect((await api('PUT', `${APPOINTMENTS}/${id}`, { title: 'x' })).status).toBe(400);
});

it('lists events of a range by calendar or user, at once', async () => {
  const id = await created({ description: 'ref a:1' });
  expect(await listed('calendarId=cal-main')).toMatchObject([{ id, startTime: START_TIME, description: 'ref a:1' }]);
  location.ghl.changeSettings({ listsShowNotes: false });
  expect((await listed('calendarId=cal-main'))[0]).not.toHaveProperty('description');
  expect(await listed('userId=user-host')).toHaveLength(1);
  expect(await listed('userId=user-estimator')).toEqual([]);
  expect((await api('GET', `/calendars/events?locationId=loc-main&${range}`)).status).toBe(400);
  expect(
    (await api('GET', '/calendars/events?locationId=loc-main&calendarId=cal-main&startTime=a&endTime=b')).status,
  ).toBe(400);
  expect(violations()).toBe(2);
});

it('lists calendars with their teams, and those that are left', async () => {
  const { body } = await api('GET', '/calendars/?locationId=loc-main');
  expect(body['calendars']).toMatchObject([
    { id: 'cal-main', teamMembers: [{ userId: 'user-host' }, { userId: 'user-estimator' }] },
    { id: 'cal-estimates', slotDuration: 60 },
  ]);
  expect((await api('GET', '/calendars/cal-main')).body['calendar']).toMatchObject({ name: 'Booked elsewhere' });
  location.ghl.changeSettings({ removedCalendars: ['cal-main'] });
  expect((await create()).status).toBe(400);
  expect((await api('GET', '/calendars/cal-main')).status).toBe(400);
  expect(violations()).toBe(0);
});

it('shows free slots by day, without those that every user has taken', async () => {
  const slots = async (query = ''): Promise<readonly string[]> => {
    const { body } = await api(
      'GET',
      `/calendars/cal-main/free-slots?startDate=${Date.UTC(2026, 10, 24)}&endDate=${Date.UTC(2026, 10, 25)}${query}`,
    );
    return (body['2026-11-24'] as { slots: string[] } | undefined)?.slots ?? [];
  };
  expect((await slots())[0]).toBe('2026-11-24T09:00:00-07:00');
  expect(await slots()).toHaveLength(16);
  await created();
  expect(await slots()).toContain(START_TIME);
  expect(await slots('&userId=user-host')).not.toContain(START_TIME);
  expect((await slots('&timezone=America/New_York'))[0]).toBe('2026-11-24T11:00:00-05:00');
  const long = `/calendars/cal-main/free-slots?startDate=${Date.UTC(2026, 10, 1)}&endDate=${Date.UTC(2026, 11, 24)}`;
  expect((await api('GET', long)).status).toBe(400);
});

it('blocks slots', async () => {
  const fields = { calendarId: 'cal-main', ...LOCATION, startTime: START_TIME, endTime: '2026-11-24T12:00:00-07:00' };
  const { status, body } = await api('POST', '/calendars/events/block-slots', { ...fields, title: 'Lunch' });
  expect(status).toBe(201);
  expect((await create(checked)).status).toBe(400);
  const path = `/calendars/blocked-slots?locationId=loc-main&${range}&userId=user-host`;
  expect((await api('GET', path)).body.events).toMatchObject([{ id: body['id'], title: 'Lunch' }]);
  const later = { ...fields, startTime: '2026-11-24T11:00:00-07:00' };
  expect((await api('PUT', `/calendars/events/block-slots/${String(body['id'])}`, later)).status).toBe(201);
  expect((await create(checked)).status).toBe(200);
  expect((await api('GET', `${APPOINTMENTS}/${String(body['id'])}`)).status).toBe(400);
});

it('keeps notes of an appointment, newest first, page by page', async () => {
  const path = `/calendars/appointments/${await created()}/notes`;
  const first = (await api('POST', path, { body: 'one' })).body['note'] as Json;
  await api('POST', path, { body: 'two', userId: 'user-host' });
  expect((await api('GET', `${path}?limit=1&offset=0`)).body).toMatchObject({
    notes: [{ body: 'two' }],
    hasMore: true,
  });
  await api('PUT', `${path}/${String(first['id'])}`, { body: 'uno' });
  expect((await api('GET', `${path}?limit=5&offset=1`)).body).toMatchObject({
    notes: [{ body: 'uno' }],
    hasMore: false,
  });
  expect((await api('DELETE', `${path}/${String(first['id'])}`)).body).toEqual({ success: true });
  expect((await api('GET', path)).status).toBe(400);
});

it.each([
  ['a start without an offset', { startTime: '2026-11-24T10:00:00' }, 400, 1],
  ['HubSpot’s spelling of a status', { appointmentStatus: 'no_show' }, 400, 1],
  ['an unknown field', { notes: 'x' }, 400, 1],
  ['a rule of recurrence', { rrule: 'FREQ=DAILY' }, 400, 1],
  ['no contact', { contactId: undefined }, 400, 1],
  ['an end before the start', { endTime: '2026-11-24T09:00:00-07:00' }, 400, 0],
  ['a contact that is not there', { contactId: 'gone' }, 400, 0],
  ['a user of another team', { calendarId: 'cal-estimates', assignedUserId: 'user-host' }, 422, 0],
])('refuses %s', async (_what, changes, status, counted) => {
  expect([(await create(changes)).status, violations()]).toEqual([status, counted]);
  expect(location.ghl.state().events).toEqual([]);
});
