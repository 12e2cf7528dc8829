/**
 * The words of a message. Pure: everything that it says comes in as an argument, times are written in the reader's zone with the zone named.
 */
import type { Picture } from '../domain/booking';
import { timeInWords } from '../domain/time-in-words';
import type { LocalClock } from '../domain/wall-clock';
import type { MessageRow } from '../db/messages';
import type { PersonData } from '../domain/person';
import { calendarFile } from '../integrations/email/calendar-file';
import type { OutgoingMessage, SourceDetails } from '../integrations/ports';
import type { HostLinks } from './host-links';

/** Null when the recipient has no address to write to. */
export function composeMessage(from: {
  message: Pick<MessageRow, 'id' | 'bookingId' | 'kind' | 'recipient'>;
  picture: Picture;
  guest: PersonData | null;
  host: PersonData | null;
  details: SourceDetails | null;
  /** What a host who is asked may press; absent or null: there are no links. */
  answers?: HostLinks | null;
  localClock: LocalClock;
}): OutgoingMessage | null {
  const { message, picture, guest, host, details, answers = null, localClock } = from;
  const reader = message.recipient === 'guest' ? guest : host;
  if (!reader?.email || !picture.slot) return null;
  const zone = message.recipient === 'guest' ? picture.slot.zone : (host?.zone ?? picture.slot.zone);
  const when = timeInWords(localClock.localTime(picture.slot.startMs, zone));
  const title = details?.title ?? 'your appointment';
  if (message.kind === 'lead_note') return null;
  const lines = LINES[message.kind]({ when, title, host: host?.name ?? null, guest: guest?.name ?? null, answers });
  const where = [details?.location && `Where: ${details.location}`, details?.joinUrl && `Join: ${details.joinUrl}`];
  return {
    id: message.id,
    to: { address: reader.email, name: reader.name },
    subject: lines.subject,
    text: [`Hello${reader.firstName ? ` ${reader.firstName}` : ''},`, '', lines.text, ...where.filter(Boolean)].join(
      '\n',
    ),
    calendar: message.kind === 'confirmation' ? invitation(from, title) : null,
  };
}

/** What people get; the team's notes are no mail. */
export type MailKind = Exclude<MessageRow['kind'], 'lead_note'>;

interface Words {
  readonly when: string;
  readonly title: string;
  readonly host: string | null;
  readonly guest: string | null;
  readonly answers: HostLinks | null;
}

const LINES: Readonly<Record<MailKind, (words: Words) => { subject: string; text: string }>> = {
  confirmation: ({ when, title, host }) => ({
    subject: `Confirmed: ${when}`,
    text: `${title} is booked for ${when}${host ? ` with ${host}` : ''}. The calendar file is attached.`,
  }),
  reminder: ({ when, title, host }) => ({
    subject: `Reminder: ${when}`,
    text: `${title} takes place on ${when}${host ? ` with ${host}` : ''}.`,
  }),
  outcome_ask: ({ when, title, guest, answers }) => ({
    subject: `How did it go? ${when}`,
    text: `${title}${guest ? ` with ${guest}` : ''} was on ${when}. Did the guest come? ${
      answers === null ? 'Please mark it in your booking tool or in the task queue.' : answerLines(answers)
    }`,
  }),
};

function answerLines(answers: HostLinks): string {
  return [
    'Open the link that is true, and confirm it there; each question takes one answer.',
    ...[`The guest came: ${answers.showed}`, `The guest did not come: ${answers.no_show}`],
    ...[`It was canceled: ${answers.canceled}`, `Another time is wanted: ${answers.rescheduled}`],
  ].join('\n\n');
}

function invitation(from: Parameters<typeof composeMessage>[0], title: string): OutgoingMessage['calendar'] {
  const { picture, guest, host, details, message, localClock } = from;
  if (!picture.slot) return null;
  return calendarFile({
    uid: `${encodeURIComponent(message.bookingId)}@booksync.invalid`,
    sequence: picture.chain.length - 1,
    startMs: picture.slot.startMs,
    endMs: picture.slot.endMs,
    zone: localClock.localTime(picture.slot.startMs, picture.slot.zone).zone,
    title,
    description: '',
    location: details?.location ?? null,
    url: details?.joinUrl ?? null,
    organizer: host?.email ? { name: host.name ?? host.email, email: host.email } : null,
    attendee: guest?.email ? { name: guest.name ?? guest.email, email: guest.email } : null,
    method: 'PUBLISH',
  });
}
