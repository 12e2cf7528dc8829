/**
 * What is neither booked nor moved: time passes, marks, head counts, another host, and what people here decide.
 */
import type { DecidedOutcome, Slot } from '../../domain/facts';
import { hookOf, type Row } from './calcom';
import * as book from './notebook';
import { cancel, moveConfirmed } from './play-bookings';
import {
  attendeeOf,
  begun,
  guestsOf,
  HOUR,
  live,
  markable,
  MINUTE,
  nextName,
  on,
  send,
  single,
  slotFor,
} from './world';
import type { Play, Target, World } from './world';

function mark(world: World, target: Target, absent: boolean): void {
  attendeeOf(target).absent = absent;
  book.lastLine(target.page).absent = absent;
  send(world, hookOf('BOOKING_NO_SHOW_UPDATED', target.row, { mark: { email: target.page.guest, absent } }));
}

/** The decision is written back to Cal.com on even choices, and comes home as the ordinary webhook. */
function decision(outcome: DecidedOutcome): Play {
  const decidable = ({ page, row }: Target, world: World) =>
    world.newestHeard(page) !== null && (outcome !== 'no_show' && outcome !== 'showed' ? true : begun(world, row));
  return on(decidable, (world, target, choice) => {
    const { page, row } = target;
    const uid = world.newestHeard(page)!;
    const slot = outcome === 'rescheduled' && choice % 4 < 2 ? agreedSlot(world, choice) : null;
    book.decide(page, { uid, outcome, agreedSlot: slot });
    world.decided = { uid, guest: page.guest, decision: { outcome, slot } };
    if (choice % 2 === 1 || uid !== row.uid || row.kind === 'seats' || row.status !== 'accepted') return;
    if (outcome === 'canceled') cancel(world, target);
    else if (slot) moveConfirmed(world, target, 0, slot);
    else if (outcome === 'no_show' && begun(world, row)) mark(world, target, true);
    else if (outcome === 'showed' && attendeeOf(target).absent) mark(world, target, false);
  });
}

/** A time that the appointment never had: an old confirmation of it, arriving late, cannot be told from the agreed one's. */
function agreedSlot(world: World, choice: number): Slot {
  const { startMs, endMs, zone } = slotFor(world, choice);
  return { startMs: startMs + 2 * HOUR, endMs: endMs + 2 * HOUR, zone };
}

function passTime(world: World, toMs: number): void {
  world.nowMs = Math.max(world.nowMs, toMs);
}

function isOver(world: World, row: Row): boolean {
  return row.slot.endMs <= world.nowMs;
}

export const attendancePlays = {
  reassignHost: on(live, (world, { row }) => {
    row.host = nextName(world, 'host');
    for (const { page } of guestsOf(world, row)) page.host = row.host;
  }),
  begin: on(
    (one, world) => live(one) && !begun(world, one.row),
    (world, { row }) => passTime(world, row.slot.startMs + 5 * MINUTE),
  ),
  end: on(
    (one, world) => live(one) && !isOver(world, one.row),
    (world, { row }) => {
      passTime(world, row.slot.endMs + 5 * MINUTE);
      send(world, hookOf('MEETING_ENDED', row));
    },
  ),
  staleEnd: on(
    (one) => single(one) && one.page.lines.length > 1,
    (world, { page }) => {
      send(world, hookOf('MEETING_ENDED', world.rows.get(page.lines[0]!.uid)!));
    },
  ),
  noShow: on(
    (one, world) => markable(one, world) && !attendeeOf(one).absent,
    (world, target) => mark(world, target, true),
  ),
  unmark: on(
    (one, world) => markable(one, world) && attendeeOf(one).absent,
    (world, target) => mark(world, target, false),
  ),
  noShowOfFriend: on(
    (one, world) => single(one) && markable(one, world) && one.row.attendees[1]?.absent === false,
    (world, { row }) => {
      const friend = row.attendees[1]!;
      friend.absent = true;
      send(world, hookOf('BOOKING_NO_SHOW_UPDATED', row, { mark: { email: friend.email, absent: true } }));
    },
  ),
  headCount: on(
    (one, world) => single(one) && live(one) && begun(world, one.row) && !book.lastLine(one.page).nobodySeen,
    (world, { page, row }) => {
      book.lastLine(page).nobodySeen = true;
      send(world, hookOf('AFTER_GUESTS_CAL_VIDEO_NO_SHOW', row));
    },
  ),
  hostNoShow: on(
    (one, world) => live(one) && begun(world, one.row),
    (world, { row }) => {
      row.absentHost = true;
      send(world, hookOf('AFTER_HOSTS_CAL_VIDEO_NO_SHOW', row));
    },
  ),
  decideShowed: decision('showed'),
  decideNoShow: decision('no_show'),
  decideCanceled: decision('canceled'),
  decideRescheduled: decision('rescheduled'),
  keepWaiting: on(
    ({ page }, world) => world.newestHeard(page) !== null,
    (world, { page }) => {
      world.decided = { uid: world.newestHeard(page)!, guest: page.guest, decision: 'keep_waiting' };
    },
  ),
} as const satisfies Readonly<Record<string, Play>>;
