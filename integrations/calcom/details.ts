/**
 * The personal details of a Cal.com booking: title, notes, place, link, reason, answers.
 * Invariant: an answer that belongs to another attendee of a shared slot is not this guest's answer.
 */
import type { SourceDetails } from '../ports';
import type { CalBooking, CalPerson } from './payload';
import { isBooker } from './person';
import { cleanLine, cleanText, dig, httpUrl } from './text';

/** Answers that have a place of their own in the event. */
const TOLD_ELSEWHERE = new Set([
  'name',
  'email',
  'displayEmail',
  'attendeePhoneNumber',
  'smsReminderNumber',
  'phone',
  'location',
  'guests',
  'title',
]);

/** What a webhook tells. Of a form that somebody else filled in, nothing is this attendee's. */
export function detailsOf(booking: CalBooking, attendee: CalPerson | null): SourceDetails {
  const responses = attendee === null || isBooker(attendee, booking) ? booking.responses : null;
  const given = booking.additionalNotes ?? cleanText(dig(booking.responses, 'notes', 'value'));
  const notes = responses === null ? null : given;
  const place = cleanLine(dig(responses, 'location', 'value', 'optionValue')) ?? withoutApp(booking.location);
  return {
    title: booking.title,
    notes,
    location: place,
    joinUrl:
      httpUrl(cleanLine(dig(booking.metadata, 'videoCallUrl'))) ??
      httpUrl(cleanLine(dig(booking.videoCallData, 'url'))) ??
      httpUrl(place),
    cancellationReason: booking.cancellationReason ?? booking.rejectionReason,
    answers: answersOf(shownAnswers(responses), notes),
  };
}

/** `integrations:daily` and the like name an app, not a place. */
export function withoutApp(location: string | null): string | null {
  return location?.startsWith('integrations:') ? null : location;
}

/** Question key and value of `{key: {value, isHidden}}`, hidden questions left out. */
function shownAnswers(responses: unknown): readonly (readonly [string, unknown])[] {
  return entriesOf(responses)
    .filter(([, response]) => dig(response, 'isHidden') !== true)
    .map(([key, response]) => [key, dig(response, 'value')] as const);
}

/** Own entries of an object; none of anything else. */
export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** Answers as text, without the empty ones and those that have a place of their own. */
export function answersOf(
  given: readonly (readonly [string, unknown])[],
  notes: string | null,
): Readonly<Record<string, string>> {
  const answers: [string, string][] = [];
  for (const [field, value] of given) {
    const key = cleanLine(field);
    const answer = asText(value);
    if (key === null || key === '__proto__' || answer === null) continue;
    if (TOLD_ELSEWHERE.has(key)) continue;
    if (key === 'notes' && answer === notes) continue;
    answers.push([key, answer]);
  }
  return Object.fromEntries(answers);
}

/** Texts, numbers, check boxes, lists of those, and the `{value, optionValue}` of a choice; anything else has no text. */
function asText(value: unknown): string | null {
  if (Array.isArray(value))
    return cleanText(
      value
        .map(asPlainText)
        .filter((part) => part !== null)
        .join(', '),
    );
  return asPlainText(value) ?? asPlainText(dig(value, 'optionValue')) ?? asPlainText(dig(value, 'value'));
}

function asPlainText(value: unknown): string | null {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : cleanText(value);
}
