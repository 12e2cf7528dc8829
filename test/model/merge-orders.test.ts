/**
 * Two chains of three that turn out to be one, by the rules alone: what test/db/merge-orders.db.test.ts plays in the database, here
 * in every order with up to two losses where the source can't be asked, and only its next poll shows what was lost.
 */
import type { SourceEvent } from '../../integrations/ports';
import { HOUR, slotAt, START } from '../support/facts';
import { arrangements, CHAIN, linkBefore, lostIn, MERGE_ORDERS, type Link } from '../support/merge-orders';
import { anEvent } from '../worker/placing-world';
import { RULES } from './rules';
import { Subject } from './subject';

const ARRIVAL = START - 24 * HOUR;
const slotOf = (link: Link) => slotAt(START + CHAIN.indexOf(link) * HOUR);

function pushed(link: Link, predecessorUid: string | null = linkBefore(link)): SourceEvent {
  const said = { predecessorUid, slot: slotOf(link), sequence: CHAIN.indexOf(link) };
  return anEvent(predecessorUid === null ? 'scheduled' : 'rescheduled', link, said);
}

/** A row that was moved away; the last one stands. */
function polled(link: Link): SourceEvent {
  const said = { predecessorUid: linkBefore(link), slot: slotOf(link), readAtMs: ARRIVAL + HOUR };
  return anEvent(link === 'Z' ? 'rescheduled' : 'reschedule_requested', link, said);
}

/** What is left of an order: its bookings at the end, and how many there were before the last event. */
function play(order: readonly Link[], events: readonly SourceEvent[]) {
  const subject = new Subject(RULES, false);
  let before = 0;
  for (const [nth, event] of events.entries()) {
    before = subject.allPictures(ARRIVAL).length;
    subject.hear(event, ARRIVAL + nth * 1_000);
  }
  const end = subject
    .allPictures(ARRIVAL)
    .map(({ status, slot, confirmedSlot, chain }) => ({ status, slot, confirmedSlot, chain }));
  return { played: { order, end }, before };
}

const ONE_BOOKING = { status: 'scheduled', slot: slotOf('Z'), confirmedSlot: slotOf('Z'), chain: [...CHAIN] };

test('in every order with up to two losses, the next poll makes one booking of the pieces', () => {
  const all = MERGE_ORDERS.map((order) =>
    play(order, [...order.map((link) => pushed(link)), ...lostIn(order).map(polled)]),
  );
  expect(all).toHaveLength(720 + 6 * 120 + 15 * 24);
  expect(all.map(({ played }) => played)).toEqual(MERGE_ORDERS.map((order) => ({ order, end: [ONE_BOOKING] })));
  expect(all.filter(({ before }) => before > 1).length).toBeGreaterThan(1_000);
});

test('in every order of two whole chains, a link that comes last makes one booking of them', () => {
  const orders = arrangements(CHAIN, CHAIN.length);
  const all = orders.map((order) => {
    const events = order.map((link) => (link === 'X' ? pushed('X', null) : pushed(link)));
    return play(order, [...events, pushed('X')]);
  });
  expect(all.map(({ played }) => played)).toEqual(orders.map((order) => ({ order, end: [ONE_BOOKING] })));
  expect(all.map(({ before }) => before)).toEqual(orders.map(() => 2));
});
