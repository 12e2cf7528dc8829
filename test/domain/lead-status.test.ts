/**
 * One status per lead: which of a person's bookings speaks for them, and what of it goes to the CRM.
 */
import { leadStatusOf, tagChange, type LeadBooking } from '../../domain/lead-status';
import type { LeadMapping } from '../../domain/settings';

const mapping: LeadMapping = {
  rule: { kind: 'newest' },
  field: 'booking_status',
  byStatus: {
    scheduled: { value: 'Booked', tags: ['booked'] },
    showed: { value: 'Showed', tags: ['showed', 'met'] },
    no_show: { value: null, tags: ['no-show'] },
    canceled: { value: 'Canceled', tags: [] },
  },
  byEventType: {},
};
const booking = (bookingId: string, status: LeadBooking['status'], openedAtMs: number): LeadBooking => ({
  bookingId,
  status,
  openedAtMs,
  eventType: null,
});

test('the booking that was heard of last speaks, in whatever order they are read', () => {
  const bookings = [booking('a', 'showed', 1), booking('c', 'scheduled', 3), booking('b', 'canceled', 2)];
  const expected = { status: 'scheduled', values: { booking_status: 'Booked' }, tags: ['booked'] };
  expect(leadStatusOf(bookings, mapping)).toMatchObject(expected);
  expect(leadStatusOf([...bookings].reverse(), mapping)).toMatchObject(expected);
});

test('of two that were heard of at once, the ids decide, so that every sync writes the same', () => {
  const bookings = [booking('a', 'showed', 1), booking('b', 'canceled', 1)];
  expect(leadStatusOf(bookings, mapping)?.status).toBe(leadStatusOf([...bookings].reverse(), mapping)?.status);
});

test('or the first of a list that any booking has', () => {
  const firstOf: LeadMapping = { ...mapping, rule: { kind: 'first-of', order: ['showed', 'scheduled'] } };
  expect(leadStatusOf([booking('a', 'showed', 1), booking('b', 'scheduled', 2)], firstOf)?.status).toBe('showed');
  expect(leadStatusOf([booking('b', 'scheduled', 2)], firstOf)?.status).toBe('scheduled');
  expect(leadStatusOf([booking('b', 'canceled', 2)], firstOf)).toBeNull();
});

test('tags are those of the status; of what was written before, what the status does not bring goes', () => {
  expect(leadStatusOf([booking('a', 'showed', 1)], mapping)?.tags).toEqual(['showed', 'met']);
  expect(tagChange([], ['showed', 'met'])).toEqual({ add: ['showed', 'met'], remove: [] });
  expect(tagChange(['booked', 'met'], ['showed', 'met'])).toEqual({ add: ['showed'], remove: ['booked'] });
});

test('a status without a value leaves the field as it is, one that the mapping does not know too', () => {
  expect(leadStatusOf([booking('a', 'no_show', 1)], mapping)?.values).toEqual({});
  expect(leadStatusOf([booking('a', 'requested', 1)], mapping)).toMatchObject({ values: {}, tags: [] });
  expect(leadStatusOf([booking('a', 'scheduled', 1)], { ...mapping, field: null })?.values).toEqual({});
});

test('the event type of the booking that speaks says what is written', () => {
  const byType: LeadMapping = {
    ...mapping,
    byEventType: { demo: { scheduled: { value: 'Demo booked', tags: ['demo'] } } },
  };
  const demo = { ...booking('a', 'scheduled', 2), eventType: 'demo' };
  const plain = booking('b', 'scheduled', 1);
  expect(leadStatusOf([plain, demo], byType)?.values).toEqual({ booking_status: 'Demo booked' });
  expect(leadStatusOf([plain, { ...demo, openedAtMs: 0 }], byType)?.values).toEqual({ booking_status: 'Booked' });
  expect(leadStatusOf([{ ...demo, status: 'canceled' }], byType)?.values).toEqual({ booking_status: 'Canceled' });
  const firstOf: LeadMapping = { ...byType, rule: { kind: 'first-of', order: ['scheduled'] } };
  expect(leadStatusOf([{ ...demo, openedAtMs: 0 }, plain], firstOf)?.tags).toEqual(['booked']);
});

test('nobody speaks for a person without bookings', () => expect(leadStatusOf([], mapping)).toBeNull());
