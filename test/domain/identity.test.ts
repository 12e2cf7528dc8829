/**
 * Which booking an event belongs to, and what a task may decide.
 */
import { bookingId } from '../../domain/ids';
import { identify, rootUidOf } from '../../domain/identity';
import { TASK_DECISIONS, TASK_KINDS, whyDecisionIsRefused } from '../../domain/tasks';

const unknown = { byUid: null, byPredecessor: null, byCalendarUid: null };

test('an event whose ids nobody knows founds a booking, rooted in the predecessor that it names', () => {
  expect(identify(unknown)).toEqual({ bookingId: null, mergeFrom: [] });
  expect(rootUidOf({ uid: 'B', predecessorUid: 'A' })).toBe('A');
  expect(rootUidOf({ uid: 'A', predecessorUid: null })).toBe('A');
});

test('ids that point to one booking find it', () => {
  expect(identify({ ...unknown, byUid: 'one', byCalendarUid: 'one' })).toEqual({ bookingId: 'one', mergeFrom: [] });
});

test('ids that point to several bookings make them one: the oldest link survives', () => {
  const known = { byUid: 'newer', byPredecessor: 'older', byCalendarUid: 'other' };
  expect(identify(known)).toEqual({ bookingId: 'older', mergeFrom: ['other', 'newer'] });
});

test('a uid that a source chose cannot break a workflow id', () => {
  expect(bookingId('calcom-sales', 'a/b c?d')).toBe('calcom-sales/a%2Fb%20c%3Fd');
});

describe('decisions', () => {
  test.each(TASK_KINDS)('every decision of %s is allowed there, and anything else is refused with what is', (kind) => {
    for (const decision of TASK_DECISIONS[kind]) {
      const personId = decision === 'use_contact' ? '42' : undefined;
      expect(whyDecisionIsRefused(kind, { decision, personId })).toBeNull();
    }
    expect(whyDecisionIsRefused(kind, { decision: 'shrug' })).toContain(TASK_DECISIONS[kind].join(', '));
  });
  test('use_contact needs the contact, and nothing else takes one', () => {
    expect(whyDecisionIsRefused('match_contact', { decision: 'use_contact' })).toContain('personId');
    expect(whyDecisionIsRefused('match_contact', { decision: 'no_contact', personId: '42' })).toContain('personId');
  });
});
