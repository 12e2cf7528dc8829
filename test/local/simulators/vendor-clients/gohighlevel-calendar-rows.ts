/** What HighLevel's client writes to calendars, and by which other operation it reads it back. */
import { LOCATION, START_TIME } from '../gohighlevel/location-client';
import { newAppointment, newContact } from './gohighlevel-client';
import type { LocationWorld } from './gohighlevel-client';
import type { Row } from './journey';

export const calendarRows: readonly Row<LocationWorld>[] = [
  {
    wrote: 'books an appointment and sets its outcome',
    read: "its id, and the contact's appointments",
    async run({ client }) {
      const contactId = await newContact(client);
      const eventId = await newAppointment(client, contactId);
      await client.calendars.editAppointment({ eventId }, { appointmentStatus: 'noshow', toNotify: false });
      const { event } = await client.calendars.getAppointment({ eventId });
      expect(event).toMatchObject({
        id: eventId,
        contactId,
        title: 'Intro call',
        appointmentStatus: 'noshow',
        startTime: START_TIME,
      });
      const { events } = await client.contacts.getAppointmentsForContact({ contactId });
      expect(events).toMatchObject([{ id: eventId, appointmentStatus: 'noshow', startTime: '2026-11-24 10:00:00' }]);
    },
  },
  {
    wrote: 'moves an appointment, and deletes it',
    read: 'the list of the calendar',
    async run({ client }) {
      const eventId = await newAppointment(client, await newContact(client));
      const moved = { startTime: '2026-11-25T11:00:00-07:00', endTime: '2026-11-25T11:30:00-07:00' };
      await client.calendars.editAppointment(
        { eventId },
        { ...moved, toNotify: false, ignoreFreeSlotValidation: true },
      );
      const range = { startTime: String(Date.UTC(2026, 10, 25)), endTime: String(Date.UTC(2026, 10, 27)) };
      const list = async () =>
        (await client.calendars.getCalendarEvents({ ...LOCATION, ...range, calendarId: 'cal-main' })).events;
      expect(await list()).toMatchObject([{ id: eventId, ...moved }]);
      expect(await client.calendars.deleteEvent({ eventId }, {})).toEqual({ succeeded: true });
      expect(await list()).toEqual([]);
    },
  },
  {
    wrote: 'writes a note at an appointment, changes and deletes it',
    read: "the list of the appointment's notes",
    async run({ client }) {
      const appointmentId = await newAppointment(client, await newContact(client));
      const { note } = await client.calendars.createAppointmentNote({ appointmentId }, { body: 'Bring the plans.' });
      const noteId = note?.id ?? '';
      await client.calendars.updateAppointmentNote({ appointmentId, noteId }, { body: 'Bring both plans.' });
      const list = async () =>
        (await client.calendars.getAppointmentNotes({ appointmentId, limit: 10, offset: 0 })).notes;
      expect(await list()).toMatchObject([{ id: noteId, body: 'Bring both plans.' }]);
      await client.calendars.deleteAppointmentNote({ appointmentId, noteId });
      expect(await list()).toEqual([]);
    },
  },
  {
    wrote: 'blocks a slot',
    read: 'the blocked slots, and the free ones',
    async run({ client }) {
      const calendars = (await client.calendars.getCalendars(LOCATION)).calendars ?? [];
      // One host, so a blocked slot is nobody's any more.
      const calendar = calendars.find(({ name }) => name === 'Estimates');
      const calendarId = calendar?.id ?? '';
      expect((await client.calendars.getCalendar({ calendarId })).calendar).toEqual(calendar);
      const slot = { startTime: START_TIME, endTime: '2026-11-24T10:30:00-07:00' };
      const { id } = await client.calendars.createBlockSlot({ ...LOCATION, ...slot, calendarId, title: 'Held' });
      await client.calendars.editBlockSlot(
        { eventId: id },
        { ...LOCATION, ...slot, calendarId, title: 'Held for a guest' },
      );
      const range = { startTime: String(Date.UTC(2026, 10, 24)), endTime: String(Date.UTC(2026, 10, 26)) };
      const { events } = await client.calendars.getBlockedSlots({ ...LOCATION, ...range, calendarId });
      expect(events).toMatchObject([{ id, title: 'Held for a guest', startTime: START_TIME }]);
      const day = { startDate: Date.UTC(2026, 10, 24, 7), endDate: Date.UTC(2026, 10, 25, 6) };
      const free = (await client.calendars.getSlots({
        calendarId,
        ...day,
        timezone: 'America/Denver',
      })) as unknown as Record<string, { slots: string[] }>;
      expect(free['2026-11-24']?.slots).toContain('2026-11-24T11:00:00-07:00');
      expect(free['2026-11-24']?.slots).not.toContain(START_TIME);
    },
  },
];
