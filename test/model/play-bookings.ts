/**
 * Commands on bookings with one guest: book, pay, confirm, move, ask to move, rebook, cancel, and series of them.
 */
import type { Slot } from '../../domain/facts';
import { cancelRow, hookOf, newRow, replaceRow, type Kind, type Row } from './calcom';
import * as book from './notebook';
import { guestsOf, live, nextName, on, otherSlot, pending, send, single, shared, slotFor, targetsOf } from './world';
import type { Play, Target, World } from './world';

function open(world: World, kind: Kind, choice: number, series: string | null = null): void {
  const guest = nextName(world, 'guest');
  const friend = choice % 2 === 1 ? [{ email: nextName(world, 'friend'), seatId: null }] : [];
  const unpaid = kind === 'paid' || kind === 'paidOptIn';
  const row = newRow({
    uid: nextName(world, 'uid'),
    kind,
    slot: slotFor(world, choice),
    host: 'host-1',
    unpaid,
    series,
    attendees: [{ email: guest, seatId: null }, ...friend],
    pending: kind !== 'plain',
  });
  world.rows.set(row.uid, row);
  const standing = kind === 'plain' ? 'confirmed' : 'requested';
  world.pages.push(book.newPage({ uid: row.uid, slot: row.slot, standing, guest, host: row.host, isShared: false }));
  send(
    world,
    hookOf(unpaid ? 'BOOKING_PAYMENT_INITIATED' : kind === 'plain' ? 'BOOKING_CREATED' : 'BOOKING_REQUESTED', row),
  );
}

function opening(kind: Kind): Play {
  return (world, { choice }) => (open(world, kind, choice), true);
}

function openingOfSeries(kind: Kind): Play {
  return (world, { choice }) => {
    const series = nextName(world, 'series');
    for (let nth = 0; nth < 2 + (choice % 2); nth += 1) open(world, kind, nth * 2, series);
    return true;
  };
}

/** All appointments of the target's series that stand like it; one webhook, for the one acted on. */
function wholeSeries(world: World, { row }: Target): Target[] {
  const isAlike = (other: Row) => row.series !== null && other.series === row.series && other.status === row.status;
  return targetsOf(world).filter((one) => one.row === row || (world.api && isAlike(one.row)));
}

/** Under a new id, replacing the old row. */
function moveOn(world: World, target: Target, move: { slot: Slot; pending: boolean; choice: number }): Row {
  const { page, row: old } = target;
  const calendar = move.choice < 5 ? 'kept' : move.choice === 5 ? 'replaced' : 'absent';
  const { kind, host } = old;
  const row = replaceRow(
    old,
    { uid: nextName(world, 'uid'), kind, slot: move.slot, host, attendees: old.attendees, pending: move.pending },
    calendar,
  );
  world.rows.set(row.uid, row);
  book.newLine(page, { uid: row.uid, slot: row.slot, standing: move.pending ? 'requested' : 'confirmed' });
  return row;
}

export function moveConfirmed(world: World, target: Target, choice: number, slot?: Slot): void {
  const row = moveOn(world, target, {
    slot: slot ?? otherSlot(world, target.row.slot, choice),
    pending: false,
    choice,
  });
  send(world, hookOf('BOOKING_RESCHEDULED', row, { rescheduleUid: target.row.uid }));
}

/** The guest moves: where the host has to confirm, this is a new request; only older builds say that it replaces something. */
function moveByGuest(world: World, target: Target, choice: number): void {
  if (target.row.kind !== 'optIn' && target.row.kind !== 'paidOptIn') return moveConfirmed(world, target, choice);
  const slot = otherSlot(world, target.row.slot, choice);
  const newer = choice % 2 === 1 && (world.api || target.row.iCalUid !== null);
  const row = moveOn(world, target, { slot, pending: true, choice: newer && !world.api ? 0 : choice });
  send(world, hookOf('BOOKING_REQUESTED', row, { rescheduleUid: newer ? null : target.row.uid }));
}

export function cancel(world: World, target: Target): void {
  for (const { page } of guestsOf(world, target.row)) book.endWith(page, 'canceled');
  cancelRow(target.row, world.tick);
  send(world, hookOf('BOOKING_CANCELLED', target.row));
}

export const bookingPlays = {
  book: opening('plain'),
  bookOptIn: opening('optIn'),
  bookPaid: opening('paid'),
  bookPaidOptIn: opening('paidOptIn'),
  bookSeries: openingOfSeries('plain'),
  bookOptInSeries: openingOfSeries('optIn'),
  pay: on(
    ({ row }) => row.unpaid && row.status === 'pending',
    (world, { page, row }) => {
      row.unpaid = false;
      page.paid = true;
      send(world, hookOf('BOOKING_PAID', row));
      if (row.kind === 'paid') {
        row.status = 'accepted';
        book.confirm(page);
      }
      send(world, hookOf(row.kind === 'paid' ? 'BOOKING_CREATED' : 'BOOKING_REQUESTED', row));
    },
  ),
  confirm: on(pending, (world, target) => {
    for (const { page, row } of wholeSeries(world, target)) {
      row.status = 'accepted';
      book.confirm(page);
    }
    send(world, hookOf('BOOKING_CREATED', target.row));
  }),
  reject: on(pending, (world, target) => {
    for (const { page, row } of wholeSeries(world, target)) {
      row.status = 'rejected';
      book.endWith(page, 'rejected');
    }
    send(world, hookOf('BOOKING_REJECTED', target.row));
  }),
  move: on((one) => single(one) && (live(one) || pending(one)), moveByGuest),
  moveByHost: on((one) => single(one) && live(one), moveConfirmed),
  askToMove: on(
    (one) => single(one) && live(one),
    (world, { page, row }) => {
      cancelRow(row, world.tick);
      book.endWith(page, 'asked_to_move');
      send(world, hookOf('BOOKING_CANCELLED', row, { requestReschedule: true }));
    },
  ),
  rebook: on((one) => single(one) && one.row.status === 'cancelled', moveConfirmed),
  cancel: on((one) => (single(one) ? live(one) || pending(one) : shared(one)), cancel),
  cancelSeries: on(
    (one) => one.row.series !== null && live(one),
    (world, target) => {
      for (const { page, row } of wholeSeries(world, target)) {
        book.endWith(page, 'canceled');
        cancelRow(row, world.tick);
      }
      send(world, hookOf('BOOKING_CANCELLED', target.row));
    },
  ),
} as const satisfies Readonly<Record<string, Play>>;
