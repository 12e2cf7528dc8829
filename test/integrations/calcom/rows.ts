/** Bookings as Cal.com's API shows them, for tests: a test mentions what matters and the rest is filled in. */
import { READ_HEADERS, type ReadDelivery, type SourceEvent } from '../../../integrations/ports';
import { readDelivery } from '../../../integrations/calcom/events';

export const ROW_START = '2027-03-16T16:00:00.000Z';
export const BEFORE_START = '2027-03-10T09:00:00.000Z';
export const AFTER_START = '2027-03-16T18:00:00.000Z';

type Fields = Readonly<Record<string, unknown>>;

/** A field set to undefined is left out. */
export function row(fields: Fields = {}): Fields {
  return {
    id: 4711,
    uid: 'rowFirst',
    title: 'Roof inspection between Hanna Host and Tess Example',
    description: 'Ring twice.',
    hosts: [host()],
    status: 'accepted',
    start: ROW_START,
    end: '2027-03-16T16:30:00.000Z',
    duration: 30,
    eventTypeId: 12,
    eventType: { id: 12, slug: 'roof-inspection' },
    meetingUrl: 'https://meet.example.com/rowFirst',
    location: 'https://meet.example.com/rowFirst',
    absentHost: false,
    createdAt: '2027-03-01T08:00:00.000Z',
    updatedAt: '2027-03-02T08:00:00.000Z',
    metadata: {},
    rating: null,
    icsUid: 'rowFirst@Cal.com',
    attendees: [attendee()],
    guests: [],
    bookingFieldsResponses: { email: 'tess.example@example.com', name: 'Tess Example', roof: 'slate' },
    ...fields,
  };
}

export function attendee(fields: Fields = {}): Fields {
  const email = fields['email'] ?? 'tess.example@example.com';
  return {
    name: 'Tess Example',
    email,
    displayEmail: email,
    timeZone: 'America/Denver',
    language: 'en',
    absent: false,
    ...fields,
  };
}

/** An attendee of a shared slot. */
export const seated = (name: string, fields: Fields = {}): Fields =>
  attendee({
    name: `${name} Seated`,
    email: `${name.toLowerCase()}@example.com`,
    seatUid: `seat-${name.toLowerCase()}`,
    bookingFieldsResponses: { name, roof: `${name}'s` },
    metadata: {},
    ...fields,
  });

function host(): Fields {
  const email = 'hanna.host@example.com';
  return { id: 7, name: 'Hanna Host', email, displayEmail: email, username: 'hanna', timeZone: 'Europe/Vienna' };
}

export const readBody = (payload: unknown, readAt: string = BEFORE_START): Buffer =>
  Buffer.from(JSON.stringify({ triggerEvent: 'BOOKING_READ', readAt, payload }));

export const deliverRead = (payload: unknown, readAt?: string): ReadDelivery =>
  readDelivery(readBody(payload, readAt), { ...READ_HEADERS });

export function readEventsOf(payload: unknown, readAt?: string): readonly SourceEvent[] {
  const result = deliverRead(payload, readAt);
  if (result.kind !== 'events') throw new Error(`expected events, got ${result.kind}: ${result.reason}`);
  return result.events;
}
