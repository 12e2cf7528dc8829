/** Which appointments that a person makes in a CRM are booked, as what, and what is asked about. */
import {
  appointmentSubject,
  appointmentSubjectOf,
  judgeNewAppointment,
  type BookFromCrm,
  type NewAppointment,
} from '../../domain/crm-appointment';
import { decisionsOf, whyDecisionIsRefused } from '../../domain/tasks';

const NOW_MS = Date.UTC(2026, 10, 23, 9);
const HOUR_MS = 3_600_000;
const settings: BookFromCrm = {
  source: 'calcom-sales',
  eventType: '101',
  zone: 'America/Denver',
  byCalendar: { 'cal-1': '102' },
  byOwner: { '7001': '103' },
};
const record: NewAppointment = {
  startMs: NOW_MS + HOUR_MS,
  endMs: NOW_MS + 2 * HOUR_MS,
  status: 'scheduled',
  archived: false,
  personIds: ['c-1'],
  ownerId: null,
  calendarId: null,
  isOurs: false,
};
const judged = (given: Partial<NewAppointment> | null, by: Partial<BookFromCrm> = {}) =>
  judgeNewAppointment(given && { ...record, ...given }, { settings: { ...settings, ...by }, nowMs: NOW_MS });

test('an upcoming appointment with one contact is booked in its slot', () => {
  expect(judged({})).toEqual({
    kind: 'book',
    crmPersonId: 'c-1',
    slot: { eventType: '101', startMs: record.startMs, endMs: record.endMs },
  });
  // A word that has no meaning here is no reason against it, and an end that is not told is the source's to say.
  expect(judged({ status: null, endMs: null })).toMatchObject({ kind: 'book', slot: { endMs: record.startMs } });
});

test.each<[string, Partial<NewAppointment> | null, string]>([
  ['is not there', null, 'gone'],
  ['was deleted', { archived: true }, 'gone'],
  ['was written by us', { isOurs: true }, 'ours'],
  ['was canceled', { status: 'canceled' }, 'not_upcoming'],
  ['is logged after it took place', { startMs: NOW_MS }, 'not_upcoming'],
  ['has no time', { startMs: null }, 'not_upcoming'],
  ["is a rep's own, with nobody", { personIds: [] }, 'no_guest'],
])('nothing is booked, and nobody is asked, where it %s', (_title, given, reason) => {
  expect(judged(given)).toEqual({ kind: 'left', reason });
});

test("the calendar's event type comes before the owner's, and that before the general one", () => {
  const typeOf = (given: Partial<NewAppointment>) => judged(given);
  expect(typeOf({ calendarId: 'cal-1', ownerId: '7001' })).toMatchObject({ slot: { eventType: '102' } });
  expect(typeOf({ calendarId: 'cal-2', ownerId: '7001' })).toMatchObject({ slot: { eventType: '103' } });
  expect(typeOf({ ownerId: 'toString' })).toMatchObject({ slot: { eventType: '101' } });
});

test('a person is asked where nothing is mapped, and where several could be the guest', () => {
  expect(judged({}, { eventType: null })).toEqual({ kind: 'ask', reason: 'not_mapped' });
  expect(judged({ personIds: ['c-1', 'c-2'] })).toEqual({ kind: 'ask', reason: 'several_guests' });
});

test('a task about such a record names it, and allows other decisions than one about a booking', () => {
  const of = { connection: 'hubspot-main', crmId: '123' };
  const about = appointmentSubject(of);
  expect(appointmentSubjectOf(about)).toEqual(of);
  expect(appointmentSubjectOf('hubspot-main:slot')).toBeNull();
  expect(decisionsOf({ kind: 'conflict', about })).toEqual(['try_again', 'keep_crm_only']);
  expect(decisionsOf({ kind: 'conflict', about: 'hubspot-main:slot' })).toEqual(['keep_booking', 'keep_crm']);
  expect(whyDecisionIsRefused('conflict', { decision: 'try_again' }, about)).toBeNull();
  expect(whyDecisionIsRefused('conflict', { decision: 'keep_crm' }, about)).toMatch(/try_again, keep_crm_only/);
  expect(whyDecisionIsRefused('conflict', { decision: 'try_again' }, 'hubspot-main:slot')).toMatch(/keep_booking/);
});
