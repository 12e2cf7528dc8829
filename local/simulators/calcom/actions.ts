/**
 * What guests, hosts and the clock do, as data: for `POST /calcom/_admin/act` and for the page's forms.
 * Invariant: every action of the in-process handle is here, under the same name.
 */
import { z } from 'zod';
import type { Account } from './account';
import { addAttendee, headCount, markAbsent, reassignHost, removeAttendee } from './attendance';
import { book, confirm, pay, reject } from './book';
import type { Booking } from './bookings';
import { cancel } from './cancel';
import { endMeeting } from './meetings';
import { askToMove, move, rebook } from './reschedule';
import { cancelSeat, moveSeat, moveSlot } from './seats';
import { eventTypeSlugs } from './seed';

const uid = z.string().min(1);
const startMs = z.int();
const who = z.enum(['guest', 'host']).optional();
const reason = z.string().default('');
const email = z.string().min(1);

const bookFields = {
  eventType: z.enum(eventTypeSlugs).optional(),
  startMs,
  minutes: z.int().positive().optional(),
  guest: z.strictObject({
    name: z.string().min(1),
    email: z.string().optional(),
    phone: z.string().optional(),
    zone: z.string().optional(),
    locale: z.string().optional(),
  }),
  guests: z.array(z.string()).optional(),
  notes: z.string().optional(),
  answers: z.record(z.string(), z.string()).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  hostEmail: z.string().optional(),
  count: z.int().positive().optional(),
};
const moving = { uid, startMs, by: who, reason: z.string().optional() };

export const action = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('book'), ...bookFields }),
  z.strictObject({ action: z.literal('pay'), uid }),
  z.strictObject({ action: z.literal('confirm'), uid }),
  z.strictObject({ action: z.literal('reject'), uid, reason }),
  z.strictObject({ action: z.literal('move'), ...moving }),
  z.strictObject({ action: z.literal('moveSlot'), uid, startMs }),
  z.strictObject({ action: z.literal('moveSeat'), uid, seatUid: z.string(), startMs }),
  z.strictObject({ action: z.literal('askToMove'), uid, reason }),
  z.strictObject({ action: z.literal('rebook'), ...moving }),
  z.strictObject({
    action: z.literal('cancel'),
    uid,
    by: who,
    reason,
    scope: z.enum(['one', 'following', 'all']).optional(),
  }),
  z.strictObject({ action: z.literal('cancelSeat'), uid, seatUid: z.string(), reason }),
  z.strictObject({ action: z.literal('markNoShow'), uid, email: z.string().optional() }),
  z.strictObject({ action: z.literal('unmark'), uid, email: z.string().optional() }),
  z.strictObject({ action: z.literal('markHost'), uid, absent: z.boolean() }),
  z.strictObject({ action: z.literal('headCount'), uid, missing: z.enum(['guests', 'host']) }),
  z.strictObject({ action: z.literal('reassignHost'), uid, hostEmail: z.string().optional() }),
  z.strictObject({ action: z.literal('addAttendee'), uid, email }),
  z.strictObject({ action: z.literal('removeAttendee'), uid, email }),
  z.strictObject({ action: z.literal('endMeeting'), uid }),
]);
export type Action = z.output<typeof action>;

/** Does it and returns the rows that came of it. Throws a `CalcomRefusal` when the state does not allow it. */
export function perform(account: Account, given: Action): readonly Booking[] {
  switch (given.action) {
    case 'book':
      return book(account, given).bookings;
    case 'pay':
      return [pay(account, given.uid)];
    case 'confirm':
      return [confirm(account, given.uid)];
    case 'reject':
      return [reject(account, given.uid, given.reason)];
    case 'move':
      return [move(account, given.uid, given)];
    case 'moveSlot':
      return [moveSlot(account, given.uid, given)];
    case 'moveSeat':
      return [moveSeat(account, given.uid, given).booking];
    case 'askToMove':
      return [askToMove(account, given.uid, given.reason)];
    case 'rebook':
      return [rebook(account, given.uid, given)];
    case 'cancel':
      return [cancel(account, given.uid, given)];
    case 'cancelSeat':
      return [cancelSeat(account, given.uid, given)];
    case 'markNoShow':
    case 'unmark':
      return [markGuest(account, given)];
    case 'markHost':
      return [markAbsent(account, given.uid, { host: given.absent, attendees: [] })];
    case 'headCount':
      return [headCount(account, given.uid, given.missing)];
    case 'reassignHost':
      return [reassignHost(account, given.uid, given.hostEmail)];
    case 'addAttendee':
      return [addAttendee(account, given.uid, given.email)];
    case 'removeAttendee':
      return [removeAttendee(account, given.uid, given.email)];
    case 'endMeeting':
      return [endMeeting(account, given.uid)];
  }
}

/** Without an address the one who booked is meant. */
function markGuest(account: Account, given: Extract<Action, { action: 'markNoShow' | 'unmark' }>): Booking {
  const address = given.email ?? account.bookings.get(given.uid).attendees[0]?.email ?? '';
  const attendees = [{ email: address, absent: given.action === 'markNoShow' }];
  return markAbsent(account, given.uid, { attendees });
}
