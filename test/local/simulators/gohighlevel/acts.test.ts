/** What reps do, by the admin path and by the page. */
import {
  GUEST,
  HOUR,
  START_MS,
  START_TIME,
  anAppointment,
  anOpportunity,
  createContact,
  startListener,
  startLocation,
} from './location-client';
import type { Json, TestLocation } from './location-client';

let location: TestLocation;
beforeEach(async () => {
  location = await startLocation();
});
afterEach(() => location.close());

const api = (...given: Parameters<TestLocation['api']>) => location.api(...given);
const act = async (given: object): Promise<{ status: number; body: Json }> => {
  const response = await fetch(`${location.baseUrl}/_admin/act`, { method: 'POST', body: JSON.stringify(given) });
  return { status: response.status, body: (await response.json()) as Json };
};
const events = () => location.ghl.state().events;

it('a rep books, moves, marks, cancels and deletes an appointment, and no guest is told', async () => {
  const listener = await startListener();
  location.ghl.changeSettings({ webhookUrl: listener.url });
  try {
    const contactId = String((await act({ action: 'createContact', ...GUEST })).body['id']);
    const booked = await act({ action: 'createAppointment', contactId, startMs: Date.parse(START_TIME), minutes: 45 });
    const id = String(booked.body['id']);
    expect(events()).toMatchObject([{ id, source: 'calendar_page', endMs: Date.parse(START_TIME) + 45 * 60_000 }]);
    await act({ action: 'moveAppointment', id, startMs: START_MS - HOUR });
    expect(events()).toMatchObject([{ startMs: START_MS - HOUR, endMs: START_MS - HOUR / 4 }]);
    for (const status of ['noshow', 'showed']) await act({ action: 'markAppointment', id, status });
    await act({ action: 'cancelAppointment', id });
    await act({ action: 'deleteAppointment', id });
    expect(events()).toMatchObject([{ status: 'cancelled', isDeleted: true }]);
    expect(location.ghl.state().sideEffects.counts.guest_notified).toBe(0);
    await location.ghl.idle();
    expect(listener.heard.map(({ body }) => body['type'])).toEqual([
      ...['ContactCreate', 'AppointmentCreate'],
      ...Array<string>(4).fill('AppointmentUpdate'),
      'AppointmentDelete',
    ]);
  } finally {
    await listener.close();
  }
});

it('a rep moves a stage and sets a status, which leads notice as they do with the API', async () => {
  const contactId = await createContact(location.api);
  const id = String((await act({ action: 'createOpportunity', contactId, name: 'Kitchen' })).body['id']);
  await act({ action: 'moveStage', id, stageId: 'stage-proposal' });
  await act({ action: 'setStatus', id, status: 'won' });
  expect((await api('GET', `/opportunities/${id}`)).body.opportunity).toMatchObject({
    pipelineStageId: 'stage-proposal',
    status: 'won',
  });
  expect(location.ghl.state().sideEffects.counts).toMatchObject({ stage_moved: 1, status_changed: 1 });
  expect((await act({ action: 'deleteOpportunity', id })).status).toBe(200);
});

it('a merge moves appointments, opportunities and notes, fills what was empty, and the old id is gone', async () => {
  const into = await createContact(location.api, { email: GUEST.email, tags: ['a'] });
  const gone = await createContact(location.api, { phone: GUEST.phone, email: 'old@example.com', tags: ['b'] });
  const eventId = String((await api('POST', '/calendars/events/appointments', anAppointment(gone))).body['id']);
  await api('POST', '/opportunities/', anOpportunity(gone));
  await api('POST', `/contacts/${gone}/notes`, { body: 'Booked' });
  expect(await act({ action: 'mergeContacts', id: gone, into })).toEqual({ status: 200, body: { id: into } });
  expect((await api('GET', `/contacts/${gone}`)).status).toBe(400);
  expect((await api('GET', `/contacts/${into}`)).body.contact).toMatchObject({
    email: GUEST.email,
    phone: GUEST.phone,
    tags: ['a', 'b'],
  });
  expect((await api('GET', `/contacts/${into}/appointments`)).body.events).toMatchObject([{ id: eventId }]);
  expect((await api('GET', `/contacts/${into}/notes`)).body.notes).toHaveLength(1);
  expect(location.ghl.state().opportunities).toMatchObject([{ contactId: into }]);
});

it('a rep changes and deletes a contact', async () => {
  const id = await createContact(location.api);
  await act({ action: 'changeContact', id, email: 'new@example.com' });
  expect((await api('GET', `/contacts/${id}`)).body.contact).toMatchObject({ email: 'new@example.com' });
  await act({ action: 'deleteContact', id });
  expect(location.ghl.state().contacts).toMatchObject([{ isDeleted: true }]);
});

it('says why something can’t be done', async () => {
  expect(await act({ action: 'cancelAppointment', id: 'gone' })).toMatchObject({ status: 409 });
  expect(await act({ action: 'dance' })).toMatchObject({ status: 400 });
  expect(location.ghl.state().violations).toBe(0);
});

describe('the page', () => {
  const page = async (): Promise<string> => (await fetch(`${location.baseUrl}/`)).text();
  /** Sends a form and returns the page that its answer leads to. */
  const submit = async (path: string, fields: Record<string, string>): Promise<string> => {
    const body = new URLSearchParams(fields);
    const response = await fetch(`${location.baseUrl}${path}`, { method: 'POST', body, redirect: 'manual' });
    expect(response.status).toBe(303);
    return (await fetch(new URL(response.headers.get('location') ?? '', location.baseUrl))).text();
  };

  it('shows contacts, opportunities, appointments and requests, and lets a rep act', async () => {
    expect(await page()).toContain('No appointments yet.');
    const contactId = await createContact(location.api);
    await api('POST', '/opportunities/', anOpportunity(contactId));
    const booked = await submit('/act', {
      action: 'createAppointment',
      contactId,
      title: 'Estimate',
      start: '2026-11-24T10:00',
      startZone: 'America/Denver',
    });
    expect(booked).toContain('Done.');
    const [{ id, startMs } = { id: '', startMs: 0 }] = events();
    expect(startMs).toBe(Date.parse(START_TIME));
    const shown = await page();
    for (const text of [
      'Dana Sample',
      'Estimate',
      'Kitchen',
      'Appointment booked',
      'POST /opportunities/',
      '2 requests',
    ]) {
      expect(shown).toContain(text);
    }
    const [opportunity] = location.ghl.state().opportunities;
    await submit('/act', { action: 'moveStage', id: opportunity?.id ?? '', stageId: 'stage-won' });
    await submit('/act', { action: 'markAppointment', id, status: 'noshow' });
    await submit('/act', { action: 'moveAppointment', id, start: '2026-11-25T11:00', startZone: 'America/Denver' });
    expect(events()).toMatchObject([{ status: 'noshow', startMs: Date.parse('2026-11-25T11:00:00-07:00') }]);
    expect(location.ghl.state().opportunities).toMatchObject([{ pipelineStageId: 'stage-won' }]);
    expect(await submit('/act', { action: 'deleteAppointment', id })).toContain('deleted');
    expect(location.ghl.requests()).toHaveLength(2);
  });

  it('says why something can’t be done, and counts as no request', async () => {
    expect(await submit('/act', { action: 'cancelAppointment', id: 'gone' })).toContain('Appointment not found');
    expect(await submit('/act', { action: 'dance' })).toContain('class="said bad"');
    const soon = { action: 'moveAppointment', id: 'x', start: 'soon', startZone: 'America/Denver' };
    expect(await submit('/act', soon)).toContain('Give a date');
    expect(location.ghl.requests()).toEqual([]);
  });

  it('changes how webhooks go, and sends what waits', async () => {
    const listener = await startListener();
    try {
      await submit('/settings', { webhookUrl: listener.url, loss: '0', duplicate: '0', delayMs: '60' });
      expect(location.ghl.settings()).toMatchObject({ webhookUrl: listener.url, delayMs: 60_000 });
      expect(await submit('/act', { action: 'createContact', firstName: 'Dana' })).toContain('1 waiting');
      await submit('/flush', {});
      await location.ghl.idle();
      expect(listener.heard).toHaveLength(1);
      expect(await page()).toContain('<td class="ok">200</td>');
    } finally {
      await listener.close();
    }
  });

  it('escapes what people type', async () => {
    const shown = await submit('/act', { action: 'createContact', firstName: '<script>alert(1)</script>" onload="x' });
    expect(shown).not.toContain('<script');
    expect(shown).not.toMatch(/" onload="x"/);
  });
});
