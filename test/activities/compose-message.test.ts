/**
 * The words of a message: times as the reader's own clock shows them, by the application's zone data.
 */
import { composeMessage } from '../../activities/compose-message';
import type { HostLinks } from '../../activities/host-links';
import { wallClock } from '../../config/zones';
import { fold } from '../../domain/fold';
import type { MessageKind } from '../../domain/messages';
import { aFact, slotAt, START } from '../support/facts';

const person = (email: string, zone: string | null) => ({
  email,
  name: null,
  firstName: null,
  lastName: null,
  phone: null,
  zone,
  locale: null,
});

function composed(zone: string, given: { kind?: MessageKind; hostZone?: string | null; answers?: HostLinks } = {}) {
  const { kind = 'reminder', hostZone = null, answers = null } = given;
  const fact = aFact('scheduled', { slot: slotAt(START, zone) });
  return composeMessage({
    message: { id: 'm', bookingId: 'b', kind, recipient: kind === 'outcome_ask' ? 'host' : 'guest' },
    picture: fold([fact], fact.receivedAtMs, { trustHeadCount: false }).picture,
    guest: person('guest@example.com', zone),
    host: person('host@example.com', hostZone),
    details: null,
    answers,
    localClock: wallClock,
  });
}

test.each([
  ['America/Denver', 'Reminder: Tue, Nov 24, 2026, 10:00 AM MST'],
  ['US/Mountain', 'Reminder: Tue, Nov 24, 2026, 10:00 AM MST'],
  ['Asia/Kathmandu', 'Reminder: Tue, Nov 24, 2026, 10:45 PM GMT+5:45'],
  ['Pacific/Auckland', 'Reminder: Wed, Nov 25, 2026, 6:00 AM NZDT'],
])('a guest in %s reads "%s"', (zone, subject) => {
  expect(composed(zone)?.subject).toBe(subject);
});

test('Vancouver keeps its summer time after 1 November 2026, also where the runtime does not know yet', () => {
  expect(composed('America/Vancouver')?.subject).toBe('Reminder: Tue, Nov 24, 2026, 10:00 AM MST');
});

test('a host reads the time of a zone of his own', () => {
  expect(composed('America/Denver', { kind: 'outcome_ask', hostZone: 'Europe/Berlin' })?.subject).toBe(
    'How did it go? Tue, Nov 24, 2026, 6:00 PM CET',
  );
});

test('a host who is asked finds a link for each answer, each on a line of its own', () => {
  const answers = {
    showed: 'https://x/1',
    no_show: 'https://x/2',
    canceled: 'https://x/3',
    rescheduled: 'https://x/4',
  };
  const text = composed('America/Denver', { kind: 'outcome_ask', answers })?.text ?? '';
  expect(text.match(/https:\S+$/gm)).toEqual(Object.values(answers));
  expect(composed('America/Denver', { kind: 'outcome_ask' })?.text).toContain('in your booking tool');
});

test.each(['Mars/Olympus_Mons', 'America/Devner', ''])('the unknown zone "%s" is read as UTC, and said so', (zone) => {
  const message = composed(zone, { kind: 'confirmation' });
  expect(message?.subject).toBe('Confirmed: Tue, Nov 24, 2026, 5:00 PM UTC');
  expect(message?.calendar?.content).toMatch(/^X-WR-TIMEZONE:UTC\r$/m);
});

test("the calendar file carries the guest's zone as a hint, and its times in UTC", () => {
  const content = composed('America/Vancouver', { kind: 'confirmation' })?.calendar?.content;
  expect(content).toMatch(/^X-WR-TIMEZONE:America\/Vancouver\r$/m);
  expect(content).toMatch(/^DTSTART:20261124T170000Z\r$/m);
});
