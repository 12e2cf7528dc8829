/** Which statuses are final, and when two slots are the same time for a message. */
import { BOOKING_STATUSES, isSettled, slotKey } from '../../domain/booking';
import { DAY, slotAt, START } from '../support/facts';

test('nothing more is expected of a booking that was called off, or whose outcome is known', () => {
  expect(BOOKING_STATUSES.filter(isSettled)).toEqual(['canceled', 'rejected', 'showed', 'no_show']);
});

test('a slot is the same time in whatever zone it is told, and another one as soon as its start or its end is', () => {
  const slot = slotAt(START);
  expect(slotKey(slotAt(START, 'Europe/Berlin'))).toBe(slotKey(slot));
  expect(slotKey(slotAt(START + DAY))).not.toBe(slotKey(slot));
  expect(slotKey({ ...slot, endMs: slot.endMs + 1 })).not.toBe(slotKey(slot));
});
