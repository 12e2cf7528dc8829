/**
 * The personal details of a Cal.com booking: title, notes, place, link, reason, answers.
 * Invariant: an answer that belongs to another attendee of a shared slot is not this guest's answer.
 */
import type { SourceDetails } from '../ports';
import type { CalBooking } from './payload';
import { isBooker } from './person';
import { cleanLine, cleanText, dig, httpUrl } from './text';

/** Answers that have a place of their own in the event. */
const TOLD_ELSEWHERE = new Set([
  'name',
  'email',
  'attendeePhoneNumber',
  'smsReminderNumber',
  'phone',
  'location',
  'guests',
  'title',
]);

export function detailsOf(booking: CalBooking): SourceDetails {
  const notes = booking.additionalNotes ?? cleanText(dig(booking.responses, 'notes', 'value'));
  const place = placeOf(booking);
  return {
    title: booking.title,
    notes,
    location: place,
    joinUrl:
      httpUrl(cleanLine(dig(booking.metadata, 'videoCallUrl'))) ??
      httpUrl(cleanLine(dig(booking.videoCallData, 'url'))) ??
      httpUrl(place),
    cancellationReason: booking.cancellationReason ?? booking.rejectionReason,
    answers: answersOf(booking, notes),
  };
}

/** `integrations:daily` and the like name an app, not a place. */
function placeOf(booking: CalBooking): string | null {
  const chosen = cleanLine(dig(booking.responses, 'location', 'value', 'optionValue'));
  if (chosen !== null) return chosen;
  return booking.location?.startsWith('integrations:') ? null : booking.location;
}

function answersOf(booking: CalBooking, notes: string | null): Readonly<Record<string, string>> {
  const attendee = booking.attendees[0];
  const { responses } = booking;
  if (typeof responses !== 'object' || responses === null || Array.isArray(responses)) return {};
  if (attendee !== undefined && !isBooker(attendee, booking)) return {};

  const answers: [string, string][] = [];
  for (const [field, response] of Object.entries(responses)) {
    const key = cleanLine(field);
    const answer = asText(dig(response, 'value'));
    if (key === null || key === '__proto__' || answer === null) continue;
    if (TOLD_ELSEWHERE.has(key) || dig(response, 'isHidden') === true) continue;
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
