import { calendarFile, type CalendarFileInput } from '../../../integrations/email/calendar-file';

const base: CalendarFileInput = {
  uid: 'booking-1@booksync.invalid',
  sequence: 2,
  startMs: Date.UTC(2026, 10, 24, 17),
  endMs: Date.UTC(2026, 10, 24, 17, 30),
  zone: 'America/New_York',
  title: 'Roof inspection',
  description: 'Bring photos; see you, then',
  location: 'Lobby',
  url: 'https://meet.example.com/x',
  organizer: { email: 'frontdesk@example.com', name: 'Front desk' },
  attendee: { email: 'guest@example.com', name: 'Ada Sample' },
  method: 'PUBLISH',
  stampMs: Date.UTC(2026, 10, 20, 9),
};
/** Long lines are folded in the file; a reader joins them first. */
const lines = (input: CalendarFileInput) =>
  calendarFile(input)
    .content.replace(/\r\n[ \t]/g, '')
    .split('\r\n');

describe('the calendar file', () => {
  it('names the appointment, its version and its times in UTC', () => {
    expect(lines(base)).toEqual(
      expect.arrayContaining([
        'METHOD:PUBLISH',
        'UID:booking-1@booksync.invalid',
        'SEQUENCE:2',
        'DTSTAMP:20261120T090000Z',
        'DTSTART:20261124T170000Z',
        'DTEND:20261124T173000Z',
        'SUMMARY:Roof inspection',
        'STATUS:CONFIRMED',
        'DESCRIPTION:Bring photos\\; see you\\, then',
      ]),
    );
  });

  it('cancels the same appointment by its UID', () => {
    const file = lines({ ...base, method: 'CANCEL', sequence: 3 });
    expect(file).toEqual(
      expect.arrayContaining(['METHOD:CANCEL', 'UID:booking-1@booksync.invalid', 'SEQUENCE:3', 'STATUS:CANCELLED']),
    );
    expect(file.some((line) => line.startsWith('ATTENDEE') && line.includes('guest@example.com'))).toBe(true);
  });

  it('names no attendee when it is published, as the standard wants it', () => {
    expect(lines(base).some((line) => line.startsWith('ATTENDEE'))).toBe(false);
  });

  it('leaves out what is not known', () => {
    const file = lines({ ...base, description: null, location: null, url: null, organizer: null, attendee: null }).join(
      '\n',
    );
    expect(file).not.toMatch(/DESCRIPTION|LOCATION|URL|ORGANIZER|ATTENDEE|null|undefined/);
  });

  it('keeps a guest’s line breaks from adding properties of their own', () => {
    const file = lines({ ...base, title: 'x\r\nATTENDEE:mailto:evil@example.com', description: 'y\nSTATUS:CANCELLED' });
    expect(file.filter((line) => /^(ATTENDEE|STATUS:CANCELLED)/.test(line))).toEqual([]);
  });

  it('is the same for the same input', () => {
    expect(calendarFile(base)).toEqual(calendarFile(base));
  });
});
