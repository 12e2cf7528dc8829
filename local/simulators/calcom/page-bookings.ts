/**
 * The page's cards: one per booking, with the buttons that its state allows.
 * Invariant: a button that is shown works, unless somebody was faster.
 */
import { eventTypeOf, hostOf } from './account';
import type { Account } from './account';
import type { Attendee, Booking } from './bookings';
import { actionForm, clockText, html, startInput } from './page-html';
import type { Html } from './page-html';

const SHOWN = 50;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function bookingCards(account: Account): Html {
  const all = account.bookings.all();
  if (all.length === 0) return html`<p class="quiet">No bookings yet. Book one above.</p>`;
  const newest = all.slice(-SHOWN).reverse();
  return html`<div>
    ${newest.map((booking) => card(account, booking))}
    ${all.length > SHOWN ? html`<p class="quiet">${all.length - SHOWN} older ones are not shown.</p>` : null}
  </div>`;
}

function card(account: Account, booking: Booking): Html {
  const zone = zoneOf(booking);
  const successor = account.bookings.successorOf(booking.uid);
  return html`<article class="card" id=${booking.uid}>
    <header>
      <strong>${clockText(booking.startMs, zone)}</strong>
      <span class="quiet">${zone}</span>
      <span class=${`badge ${booking.status}`}>${statusText(booking, successor)}</span>
      <span>${eventTypeOf(booking).title} with ${hostOf(booking).name}</span>
    </header>
    <p>${booking.attendees.map((attendee) => person(attendee))}</p>
    <p class="quiet">
      <code>${booking.uid}</code>
      ${booking.fromUid === null ? null : html` moved here from <a href=${`#${booking.fromUid}`}>an earlier time</a>`}
      ${successor === null ? null : html` moved on to <a href=${`#${successor.uid}`}>another time</a>`}
    </p>
    ${groups(account, booking).map(
      ([name, forms]) =>
        html`<div class="group">
          <b>${name}</b>
          <div>${forms}</div>
        </div>`,
    )}
  </article>`;
}

type Group = readonly [name: string, forms: readonly Html[]];

function groups(account: Account, booking: Booking): readonly Group[] {
  const isOpen = booking.status === 'accepted' || booking.status === 'pending';
  const all: readonly Group[] = [
    ['Guest', isOpen ? guestForms(booking) : againForms(account, booking)],
    ['Host', isOpen ? hostForms(booking) : []],
    ['After the start', account.clock() >= booking.startMs && booking.status === 'accepted' ? afterForms(booking) : []],
  ];
  return all.filter(([, forms]) => forms.length > 0);
}

function guestForms(booking: Booking): readonly Html[] {
  const { uid } = booking;
  if (isUnpaid(booking)) return [actionForm({ action: 'pay', uid }, { text: 'Pay' }), cancelForm(booking)];
  if (isShared(booking)) return booking.attendees.flatMap((attendee) => seatForms(booking, attendee));
  return [moveForm(booking, { action: 'move', uid, by: 'guest' }, 'Move'), cancelForm(booking)];
}

function seatForms(booking: Booking, { name, seatUid }: Attendee): readonly Html[] {
  if (seatUid === null) return [];
  const seat = { uid: booking.uid, seatUid };
  return [
    moveForm(booking, { action: 'moveSeat', ...seat }, `Move ${name}`),
    actionForm({ action: 'cancelSeat', ...seat }, { text: `Cancel ${name}`, kind: 'bad' }),
  ];
}

function cancelForm({ uid, recurringUid }: Booking): Html {
  const scope = html`<select name="scope" aria-label="How much">
    <option value="one">this one</option>
    <option value="following">and all that follow</option>
    <option value="all">the whole series</option>
  </select>`;
  const inputs = recurringUid === null ? null : scope;
  return actionForm({ action: 'cancel', uid, by: 'guest' }, { text: 'Cancel', kind: 'bad' }, inputs);
}

function againForms(account: Account, booking: Booking): readonly Html[] {
  const { uid, status } = booking;
  const isOver = status !== 'cancelled' || isShared(booking) || account.bookings.successorOf(uid) !== null;
  return isOver ? [] : [moveForm(booking, { action: 'rebook', uid }, 'Book again')];
}

function hostForms(booking: Booking): readonly Html[] {
  const { uid, status } = booking;
  if (isUnpaid(booking)) return [];
  const waiting = [
    actionForm({ action: 'confirm', uid }, { text: 'Confirm' }),
    actionForm({ action: 'reject', uid }, { text: 'Decline', kind: 'bad' }),
  ];
  const moving = isShared(booking)
    ? [moveForm(booking, { action: 'moveSlot', uid }, 'Move everybody')]
    : [moveForm(booking, { action: 'move', uid, by: 'host' }, 'Move')];
  return [
    ...(status === 'pending' ? waiting : []),
    ...moving,
    actionForm({ action: 'askToMove', uid }, { text: 'Ask the guest for another time', kind: 'plain' }),
    actionForm({ action: 'reassignHost', uid }, { text: 'Give to the other host', kind: 'plain' }),
    actionForm({ action: 'cancel', uid, by: 'host' }, { text: 'Cancel', kind: 'bad' }),
  ];
}

function afterForms(booking: Booking): readonly Html[] {
  const { uid } = booking;
  const marks = booking.attendees.map(({ name, email, absent }) =>
    absent
      ? actionForm({ action: 'unmark', uid, email }, { text: `${name || email} came after all`, kind: 'plain' })
      : actionForm({ action: 'markNoShow', uid, email }, { text: `${name || email} did not show up` }),
  );
  return [
    ...marks,
    actionForm({ action: 'headCount', uid, missing: 'guests' }, { text: 'Video call saw no guest', kind: 'plain' }),
    ...(booking.meeting?.isEnded === false
      ? [actionForm({ action: 'endMeeting', uid }, { text: 'End the meeting now', kind: 'plain' })]
      : []),
  ];
}

function moveForm(booking: Booking, fields: Readonly<Record<string, string>>, text: string): Html {
  return actionForm(fields, { text, kind: 'plain' }, startInput(booking.startMs + DAY_MS, zoneOf(booking)));
}

function person({ name, email, phone, absent }: Attendee): Html {
  const address = phone === null ? email : `${email}, ${phone}`;
  const mark = absent ? html`<small class="badge absent">no-show</small>` : null;
  return html`<span class="person">${name === '' ? 'Guest' : name}<small>${address}</small>${mark}</span>`;
}

function statusText(booking: Booking, successor: Booking | null): string {
  if (isUnpaid(booking)) return 'waits for the payment';
  if (booking.status === 'pending') return 'waits for the host';
  if (successor !== null) return 'moved';
  if (booking.status === 'cancelled' && booking.rescheduled) return 'asked for another time';
  return { accepted: 'booked', cancelled: 'canceled', rejected: 'declined' }[booking.status];
}

const isShared = (booking: Booking): boolean => eventTypeOf(booking).seats !== null;
const isUnpaid = (booking: Booking): boolean =>
  booking.status === 'pending' && eventTypeOf(booking).price > 0 && !booking.paid;
const zoneOf = ({ attendees }: Booking): string => attendees[0]?.zone ?? 'UTC';
