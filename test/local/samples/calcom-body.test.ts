import { readDelivery } from '../../../integrations/calcom/events';
import * as bodies from '../../../local/samples/calcom-body';
import type { CalcomBody } from '../../../local/samples/calcom-body';

const options = {
  uid: 'u1',
  startMs: Date.parse('2027-03-16T16:00:00Z'),
  guest: { name: 'Gina Guest', email: 'gina.guest@example.com' },
};
const previous = { uid: 'u0', startMs: options.startMs - 86_400_000 };

const typeOf = (body: CalcomBody): string => {
  const result = readDelivery(Buffer.from(bodies.toBody(body)), {});
  return result.kind === 'events' ? result.events.map((event) => event.type).join(' ') : result.reason;
};

describe('the builder of Cal.com bodies', () => {
  it.each([
    ['scheduled', bodies.bookingCreated(options)],
    ['requested', bodies.bookingRequested(options)],
    ['requested', bodies.bookingRequested({ ...options, rescheduledFrom: previous })],
    ['payment_pending', bodies.bookingPaymentInitiated(options)],
    ['paid', bodies.bookingPaid(options)],
    ['rescheduled', bodies.bookingRescheduled({ ...options, previous })],
    ['canceled', bodies.bookingCancelled(options)],
    ['reschedule_requested', bodies.bookingCancelled({ ...options, requestReschedule: true })],
    ['rejected', bodies.bookingRejected(options)],
    ['no_show', bodies.noShowUpdated({ uid: 'u1', email: 'gina.guest@example.com', noShow: true, createdAtMs: 0 })],
    ['ended', bodies.meetingEnded({ ...options, flat: true })],
    ['ended', bodies.meetingEnded({ ...options, flat: false })],
  ])('builds a body that is read as %s', (type, body) => {
    expect(typeOf(body)).toBe(type);
  });

  it('spells instants as each trigger does', () => {
    expect(bodies.bookingCreated(options).payload?.['startTime']).toBe('2027-03-16T16:00:00Z');
    expect(bodies.bookingCancelled(options).payload?.['startTime']).toBe('2027-03-16T16:00:00+00:00');
    expect(bodies.bookingPaid(options).payload?.['startTime']).toBe('2027-03-16T16:00:00.000Z');
  });

  it('lets every given field win over its default', () => {
    const payload = bodies.bookingRescheduled({ ...options, previous, sequence: 4, iCalUid: null }).payload;
    expect(payload?.['iCalSequence']).toBe(4);
    expect(payload).not.toHaveProperty('iCalUID');
  });

  it('spreads the row of a flat MEETING_ENDED beside the trigger', () => {
    expect(bodies.meetingEnded({ ...options, flat: true })).toMatchObject({ triggerEvent: 'MEETING_ENDED', uid: 'u1' });
    expect(bodies.meetingEnded({ ...options, flat: true }).payload).toBeUndefined();
  });
});
