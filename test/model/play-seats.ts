/**
 * Commands on appointments that several guests share: join, leave, move alone, move together.
 */
import type { Slot } from '../../domain/facts';
import { hookOf, newRow, type Row } from './calcom';
import * as book from './notebook';
import type { Step } from './script';
import { attendeeOf, begun, guestsOf, nextName, on, otherSlot, send, shared, slotFor } from './world';
import type { Play, Target, World } from './world';

function leaveRow(world: World, { page, row }: Target): void {
  row.attendees = row.attendees.filter(({ email }) => email !== page.guest);
  if (row.attendees.length === 0) row.status = 'cancelled';
}

function takeSeat(world: World, given: { guest: string; seatId: string; uid: string | null; slot: Slot }): Row {
  const row =
    world.rows.get(given.uid ?? '') ??
    newRow({
      uid: nextName(world, 'uid'),
      kind: 'seats',
      slot: given.slot,
      host: 'host-1',
      attendees: [],
      pending: false,
    });
  world.rows.set(row.uid, row);
  row.attendees = [...row.attendees, { email: given.guest, seatId: given.seatId, absent: false }];
  return row;
}

/** A shared appointment that can still be joined, other than those of these ids. */
function roomIn(world: World, not: readonly string[], choice: number): Row | null {
  const rows = [...world.rows.values()].filter(
    (row) => row.kind === 'seats' && row.status === 'accepted' && !begun(world, row) && !not.includes(row.uid),
  );
  return rows.length === 0 || choice === 7 ? null : rows[choice % rows.length]!;
}

function join(world: World, { choice }: Step): boolean {
  const guest = nextName(world, 'guest');
  const seatId = nextName(world, 'seat');
  const uid = roomIn(world, [], choice)?.uid ?? null;
  const row = takeSeat(world, { guest, seatId, uid, slot: slotFor(world, choice) });
  world.pages.push(
    book.newPage({ uid: row.uid, slot: row.slot, standing: 'confirmed', guest, host: row.host, isShared: true }),
  );
  send(world, hookOf('BOOKING_CREATED', row, { attendees: [{ email: guest, seatId }] }));
  return true;
}

function moveAlone(world: World, target: Target, choice: number): void {
  const { page, row: old } = target;
  const { seatId } = attendeeOf(target);
  const uid =
    roomIn(
      world,
      page.lines.map((line) => line.uid),
      choice,
    )?.uid ?? null;
  leaveRow(world, target);
  const row = takeSeat(world, { guest: page.guest, seatId: seatId!, uid, slot: otherSlot(world, old.slot, choice) });
  book.newLine(page, { uid: row.uid, slot: row.slot, standing: 'confirmed' });
  page.host = row.host;
  send(
    world,
    hookOf('BOOKING_RESCHEDULED', row, { attendees: [{ email: page.guest, seatId }], rescheduleUid: old.uid }),
  );
}

function moveTogether(world: World, { row }: Target, choice: number): void {
  const everybody = guestsOf(world, row);
  row.slot = otherSlot(world, row.slot, choice);
  for (const { page } of everybody) book.moveInPlace(page, row.slot);
  send(world, hookOf('BOOKING_RESCHEDULED', row, { rescheduleUid: row.uid }));
}

/** A whole slot that moves after a person here spoke about one of its guests: what was said then is nobody's to say. */
function decidedOnAny(world: World, row: Row): boolean {
  return guestsOf(world, row).some(({ page }) => book.lastLine(page).decided !== null);
}

export const seatPlays = {
  join,
  moveTogether: on(
    (one, world) => shared(one) && !begun(world, one.row) && !decidedOnAny(world, one.row),
    moveTogether,
  ),
  moveAlone: on((one, world) => shared(one) && !begun(world, one.row), moveAlone),
  leave: on(
    (one, world) => shared(one) && !begun(world, one.row),
    (world, target) => {
      const { seatId: _unsaid, ...guest } = attendeeOf(target);
      book.endWith(target.page, 'canceled');
      leaveRow(world, target);
      const { row } = target;
      send(
        world,
        hookOf('BOOKING_CANCELLED', row, {
          sequence: row.sequence + 1,
          attendees: [{ email: guest.email, seatId: null }],
        }),
      );
    },
  ),
} as const satisfies Readonly<Record<string, Play>>;
