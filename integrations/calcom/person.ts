/**
 * The people of a Cal.com booking: who the guest is, and how to reach them.
 * Invariant: an address that Cal.com invented, and a phone that may be somebody else's, never leave here.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { Side, SourceFactType } from '../../domain/facts';
import type { SourcePerson } from '../ports';
import type { CalBooking, CalPerson } from './payload';
import { cleanLine, dig } from './text';

/** Phone-only bookers get `<digits>@sms.cal.com`: an address that nobody reads. */
const INVENTED_ADDRESS = /^\+?(\d+)@sms\.cal\.com$/;
/** One plain address: what could break a mail header, or be two addresses, is none. */
const ADDRESS = /^[^\s@<>,;:"\p{Cc}\p{Cs}]+@[^\s@<>,;:"\p{Cc}\p{Cs}]+$/u;
const MAX_ADDRESS_LENGTH = 254;
const MAX_LOCALE_LENGTH = 35;

/** Managed users of a platform carry its client id in their address; Cal.com's API leaves out the same 25 letters and digits (`displayEmail`). */
const CLIENT_TAG = /\+[a-z0-9]{25}(?=@)/;

/** An attendee or host as this vendor's bodies and its API name them. `email` as Cal.com stores it. */
export type NamedPerson = CalPerson & { readonly displayEmail?: string | null };

/** The attendee as the guest of the booking; the form's phones are theirs only if they filled it in. */
export function guestOf(booking: CalBooking, attendee: CalPerson): SourcePerson {
  return personOf(attendee, isBooker(attendee, booking) ? bookersPhones(booking) : []);
}

/** The organizer, where there is one. */
export function hostOf(booking: CalBooking): SourcePerson | null {
  return booking.organizer ? personOf(booking.organizer, []) : null;
}

/** A person's own number counts first, then the given ones, then the one that Cal.com made an address of. */
export function personOf(person: NamedPerson, phones: readonly (string | null)[]): SourcePerson {
  const email = plainAddress(person);
  const invented = INVENTED_ADDRESS.exec(email);
  const usable = ADDRESS.test(email) && email.length <= MAX_ADDRESS_LENGTH && !email.endsWith('@sms.cal.com');
  const locale = person.language.locale ?? person.locale;
  return {
    name: person.name ?? joined(person.firstName, person.lastName),
    ...splitName(person),
    email: usable ? email : null,
    phone: firstPhone([person.phoneNumber, ...phones, invented ? `+${invented[1] ?? ''}` : null]),
    zone: knownZone(person.timeZone),
    locale: locale !== null && locale.length <= MAX_LOCALE_LENGTH ? locale : null,
  };
}

/** Whom a mark names: an address is all there is. Null when it leads to nobody. */
export function markedPerson(email: string | null): SourcePerson | null {
  if (email === null) return null;
  const nothing = { name: null, firstName: null, lastName: null, timeZone: null, phoneNumber: null, locale: null };
  const person = personOf({ email, ...nothing, language: { locale: null } }, []);
  return person.email === null && person.phone === null ? null : person;
}

/**
 * Whether the answers of the booking form are this attendee's own. In a booking with seats they can be those of the person
 * who booked first. The part after `+` is left out: managed users carry a client id there on one side only.
 */
export function isBooker(attendee: CalPerson, booking: CalBooking): boolean {
  const answered = bookersAddress(booking.responses);
  return answered === null || isSameAddress(answered, attendee.email);
}

/** The address that the booking form was filled in with, null when the form is not shown. */
export function bookersAddress(responses: unknown): string | null {
  return cleanLine(dig(responses, 'email', 'value'));
}

/** Whose wish an event of this type was, by the address that canceled; nothing where it is neither's or could be both's. */
export function calledOffBy(
  type: SourceFactType,
  address: string | null,
  people: {
    readonly attendees: readonly { readonly email: string }[];
    readonly hosts: readonly { readonly email: string | null }[];
  },
): { readonly calledOffBy?: Side } {
  if (type !== 'canceled' || address === null) return {};
  const isAmong = (some: readonly { readonly email: string | null }[]): boolean =>
    some.some(({ email }) => email !== null && isSameAddress(email, address));
  const [isGuests, isHosts] = [isAmong(people.attendees), isAmong(people.hosts)];
  return isGuests === isHosts ? {} : { calledOffBy: isGuests ? 'guest' : 'host' };
}

/** Equal but for case, blanks and what follows a `+`. */
export function isSameAddress(one: string, other: string): boolean {
  return withoutTag(one) === withoutTag(other);
}

/** The address that reaches the person: what the API shows as such, else without a managed user's client id. */
function plainAddress(person: NamedPerson): string {
  const shown = person.displayEmail ?? null;
  const stored = person.email.trim().toLowerCase();
  const plain = stored.replace(CLIENT_TAG, '');
  return shown !== null && isSameAddress(shown, stored) ? shown.trim().toLowerCase() : plain;
}

/** An IANA zone that this runtime knows, or null. */
function knownZone(zone: string | null): string | null {
  return zone !== null && /^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(zone) && isKnown(zone) ? zone : null;
}

function bookersPhones(booking: CalBooking): readonly (string | null)[] {
  return [
    cleanLine(dig(booking.responses, 'attendeePhoneNumber', 'value')),
    cleanLine(dig(booking.responses, 'smsReminderNumber', 'value')),
    booking.smsReminderNumber,
  ];
}

/** The first valid number in E.164. A number without country code is not guessed at. */
function firstPhone(candidates: readonly (string | null)[]): string | null {
  for (const candidate of candidates) {
    const parsed = candidate === null ? undefined : parsePhoneNumberFromString(candidate, { extract: false });
    if (parsed?.isValid()) return parsed.number;
  }
  return null;
}

/** What the source split itself wins; else "Lee, Dana" at the comma, and otherwise the first word is the first name. */
function splitName(person: NamedPerson): { readonly firstName: string | null; readonly lastName: string | null } {
  if (person.firstName !== null || person.lastName !== null) {
    return { firstName: person.firstName, lastName: person.lastName };
  }
  const [beforeComma = '', afterComma = ''] = (person.name ?? '').split(/,(.*)/s);
  if (afterComma.trim() !== '') return { firstName: cleanLine(afterComma), lastName: cleanLine(beforeComma) };
  const [first = '', rest = ''] = beforeComma.split(/ (.*)/s);
  return { firstName: cleanLine(first), lastName: cleanLine(rest) };
}

function joined(firstName: string | null, lastName: string | null): string | null {
  return cleanLine(`${firstName ?? ''} ${lastName ?? ''}`);
}

function withoutTag(address: string): string {
  return address
    .trim()
    .toLowerCase()
    .replace(/\+[^@]*(?=@)/, '');
}

const MAX_REMEMBERED_ZONES = 1000;
const rememberedZones = new Set<string>();

/** Asking Intl costs tens of microseconds and every delivery asks, mostly about the same few zones. */
function isKnown(zone: string): boolean {
  if (rememberedZones.has(zone)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    return false;
  }
  if (rememberedZones.size < MAX_REMEMBERED_ZONES) rememberedZones.add(zone);
  return true;
}
