import type { AppointmentStatus } from '../../../integrations/ports';
import { appointment, cannedCrm, failure, refusal, type Routes } from './canned-transport';

const EVENT = '/calendars/events/appointments/event-1';
const created = { 'POST /calendars/events/appointments': { json: { id: 'event-1' } } };
const event = (more: object = {}) => ({ json: { event: { id: 'event-1', ...more } } });
const REFERENCE = 'Booking reference: a:calcom-sales:uid-1';

describe('creating an appointment in HighLevel', () => {
  it('writes what was booked, tells nobody and asks for no check of the slot', async () => {
    const { crm, call, sent } = cannedCrm(created);
    expect(await crm.createAppointment(appointment({ ownerId: 'user-1' }), call)).toEqual({ id: 'event-1' });
    expect(sent[0]?.body).toEqual({
      calendarId: 'cal-1',
      locationId: 'loc-1',
      contactId: 'contact-1',
      startTime: '2026-11-24T17:00:00+00:00',
      endTime: '2026-11-24T17:30:00+00:00',
      appointmentStatus: 'confirmed',
      title: 'Roof inspection',
      description: `Sample appointment\n\n${REFERENCE}`,
      assignedUserId: 'user-1',
      toNotify: false,
      ignoreFreeSlotValidation: true,
    });
  });

  it('names no owner where none is known, and no empty title', async () => {
    const { crm, call, sent } = cannedCrm(created);
    await crm.createAppointment(appointment({ title: ' ' }), call);
    const names = Object.keys(sent[0]?.body as object);
    expect(names).not.toContain('assignedUserId');
    expect(names).not.toContain('title');
  });

  const link = 'https://meet.example.com/x';
  it.each([
    ['the place', { location: 'Lobby' }, 'Lobby', false],
    ['the link where there is no place', { joinUrl: link }, link, false],
    ['the place, and the link goes to the text', { location: 'Lobby', joinUrl: link }, 'Lobby', true],
    ['the link once where it is the place', { location: link, joinUrl: link }, link, false],
    ['nothing', {}, undefined, false],
  ])('puts into the address %s', async (_what, more, address, isInText) => {
    const { crm, call, sent } = cannedCrm(created);
    await crm.createAppointment(appointment(more), call);
    const body = sent[0]?.body as { address?: string; description: string };
    expect(body.address).toBe(address);
    expect(body.description.includes(`Join: ${link}`)).toBe(isInText);
    expect(body.description.endsWith(REFERENCE)).toBe(true);
  });

  it.each([
    ['dated', '2021-04-15'],
    ['v3', 'v3'],
  ] as const)('asks for the calendars’ own version, %s', async (apiVersion, version) => {
    const { crm, call, sent } = cannedCrm(created, { apiVersion });
    await crm.createAppointment(appointment(), call);
    expect(sent[0]?.headers['version']).toBe(version);
  });

  it.each([
    ['a contact that is gone', refusal(400, 'Contact not found'), 'target_gone'],
    ['a calendar that is gone', refusal(400, 'Calendar not found'), 'mapping_invalid'],
    ['a host who is not on the calendar', refusal(422, ['The user id not part of calendar team.']), 'mapping_invalid'],
    ['a gateway that gave up', { status: 504, text: '<html></html>' }, 'unknown_outcome'],
    ['an answer without the id', { json: { appointment: {} } }, 'unknown_outcome'],
  ])('says what %s means', async (_what, answer, errorClass) => {
    const { crm, call } = cannedCrm({ 'POST /calendars/events/appointments': answer });
    expect((await failure(crm.createAppointment(appointment(), call))).errorClass).toBe(errorClass);
  });
});

describe('statuses of HighLevel appointments', () => {
  it.each<[AppointmentStatus, string]>([
    ['scheduled', 'confirmed'],
    ['rescheduled', 'new'],
    ['canceled', 'cancelled'],
    ['showed', 'showed'],
    ['no_show', 'noshow'],
  ])('%s is written as "%s" and read back', async (status, word) => {
    const { crm, call, sent } = cannedCrm({
      [`PUT ${EVENT}`]: { json: { id: 'event-1' } },
      [`GET ${EVENT}`]: event({ appointmentStatus: word }),
    });
    await crm.updateAppointment('event-1', appointment({ status }), call);
    expect(sent[0]?.body).toMatchObject({ appointmentStatus: word, toNotify: false, ignoreFreeSlotValidation: true });
    expect(await crm.readAppointment('event-1', call)).toMatchObject({ status });
  });

  it.each(['invalid', 'completed', 'active', '', null])('"%s" has no meaning here', async (appointmentStatus) => {
    const { crm, call } = cannedCrm({ [`GET ${EVENT}`]: event({ appointmentStatus }) });
    expect(await crm.readAppointment('event-1', call)).toMatchObject({ status: null });
  });
});

describe('changing an appointment in HighLevel', () => {
  it('leaves calendar, location and contact as they are', async () => {
    const { crm, call, sent } = cannedCrm({ [`PUT ${EVENT}`]: { json: { id: 'event-1' } } });
    await crm.updateAppointment('event-1', appointment(), call);
    const names = Object.keys(sent[0]?.body as object);
    for (const name of ['calendarId', 'locationId', 'contactId', 'address', 'assignedUserId']) {
      expect(names).not.toContain(name);
    }
    expect(sent).toHaveLength(1);
  });

  it('says that it is gone only when the appointment is', async () => {
    const failureOf = async (answer: Routes[string]) => {
      const { crm, call } = cannedCrm({ [`PUT ${EVENT}`]: answer });
      return (await failure(crm.updateAppointment('event-1', appointment(), call))).errorClass;
    };
    expect(await failureOf(refusal(400, 'Appointment not found'))).toBe('target_gone');
    expect(await failureOf(refusal(404, 'Calendar event not found'))).toBe('target_gone');
    expect(await failureOf(refusal(404, 'User not found'))).toBe('mapping_invalid');
    expect(await failureOf(refusal(400, 'Something else'))).toBe('contract_violation');
  });

  it('cancels with the reason below the text that is there, and adds it once', async () => {
    const description = `Text\n\n${REFERENCE}`;
    const { crm, call, sent } = cannedCrm({
      [`GET ${EVENT}`]: [event({ description }), event({ description: `${description}\n\nMerged.` })],
      [`PUT ${EVENT}`]: { json: { id: 'event-1' } },
    });
    await crm.cancelAppointment('event-1', 'Merged.', call);
    await crm.cancelAppointment('event-1', 'Merged.', call);
    const wanted = { appointmentStatus: 'cancelled', description: `${description}\n\nMerged.` };
    expect(sent.filter(({ method }) => method === 'PUT').map(({ body }) => body)).toEqual([
      { ...wanted, toNotify: false, ignoreFreeSlotValidation: true },
      { ...wanted, toNotify: false, ignoreFreeSlotValidation: true },
    ]);
  });

  it.each([
    ['refused', refusal(404, 'Appointment not found')],
    ['shown as deleted', event({ deleted: true })],
  ])('cannot cancel what is gone, %s', async (_how, answer) => {
    const { crm, call } = cannedCrm({ [`GET ${EVENT}`]: answer });
    expect((await failure(crm.cancelAppointment('event-1', 'Merged.', call))).errorClass).toBe('target_gone');
    expect(await crm.readAppointment('event-1', call)).toBeNull();
  });
});

describe('reading an appointment of HighLevel', () => {
  it.each([
    ['with an offset', '2026-11-24T10:00:00-07:00', Date.UTC(2026, 10, 24, 17)],
    ['in UTC', '2026-11-24T17:00:00.000Z', Date.UTC(2026, 10, 24, 17)],
    ['in milliseconds', Date.UTC(2026, 10, 24, 17), Date.UTC(2026, 10, 24, 17)],
    ['of a zone that is not told', '2026-11-24 10:00:00', null],
    ['that is no time', 'soon+00:00', null],
    ['of another type', {}, null],
  ])('understands a time %s', async (_what, startTime, startMs) => {
    const { crm, call } = cannedCrm({ [`GET ${EVENT}`]: event({ startTime, endTime: null }) });
    expect(await crm.readAppointment('event-1', call)).toMatchObject({ startMs, endMs: null });
  });
});

describe('finding an appointment in HighLevel', () => {
  const list = (ids: readonly string[]) => ({
    'GET /contacts/contact-1/appointments': { json: { events: ids.map((id) => ({ id })) } },
  });
  const read = (id: string, more: object) => ({
    [`GET /calendars/events/appointments/${id}`]: { json: { event: { id, ...more } } },
  });
  const ours = { description: `Text\n\n${REFERENCE}` };

  it('reads each of the contact’s until the key is compared, and takes the oldest', async () => {
    const { crm, call } = cannedCrm({
      ...list(['e-1', 'e-2', 'e-3', 'e-4', 'e-5']),
      ...read('e-1', { description: 'Booking reference: a:calcom-sales:uid-2' }),
      ...read('e-2', { ...ours, dateAdded: '2026-11-20T10:00:00Z' }),
      ...read('e-3', { ...ours, dateAdded: '2026-11-19T10:00:00Z' }),
      ...read('e-4', { ...ours, dateAdded: '2026-11-18T10:00:00Z', deleted: true }),
      'GET /calendars/events/appointments/e-5': refusal(404, 'Appointment not found'),
    });
    expect(await crm.findAppointment('a:calcom-sales:uid-1', 'contact-1', call)).toEqual({ id: 'e-3' });
  });

  it('finds none where no text carries the key', async () => {
    const { crm, call } = cannedCrm({ ...list(['e-1']), ...read('e-1', { description: null }) });
    expect(await crm.findAppointment('a:calcom-sales:uid-1', 'contact-1', call)).toBeNull();
  });

  it('does not conclude anything from a read that failed', async () => {
    const { crm, call } = cannedCrm({ ...list(['e-1']), 'GET /calendars/events/appointments/e-1': { status: 503 } });
    const error = await failure(crm.findAppointment('a:calcom-sales:uid-1', 'contact-1', call));
    expect(error.errorClass).toBe('unavailable');
  });
});
