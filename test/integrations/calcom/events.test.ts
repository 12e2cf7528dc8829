import { CAL_TRIGGERS, readDelivery } from '../../../integrations/calcom/events';
import type { ReadDelivery, SourceEvent } from '../../../integrations/ports';
import { fixtureBytes, fixtureNames, fixtureWith } from './fixtures';

const UID = 'fixTessFirst0000000001';
const SECOND_UID = 'fixTessSecond000000002';
const START_MS = Date.parse('2027-03-16T16:00:00Z');
const HALF_HOUR_MS = 1_800_000;
const DAY_MS = 86_400_000;

const read = (body: Buffer | string, headers: Record<string, string> = {}): ReadDelivery =>
  readDelivery(Buffer.from(body), headers);

function eventsOf(result: ReadDelivery): readonly SourceEvent[] {
  if (result.kind !== 'events') throw new Error(`expected events, got ${result.kind}: ${result.reason}`);
  return result.events;
}

function onlyEvent(body: Buffer): SourceEvent {
  const events = eventsOf(read(body));
  expect(events).toHaveLength(1);
  return events[0] as SourceEvent;
}

const created = (payload: Readonly<Record<string, unknown>>): Buffer => fixtureWith('BOOKING_CREATED', payload);

/** `type` is the event's, or "ignored". */
type Expected = readonly [fixture: string, type: string, uid?: string, predecessor?: string];

const EXPECTED: readonly Expected[] = [
  ['BOOKING_CREATED', 'scheduled', UID],
  ['BOOKING_CREATED.phone-only', 'scheduled', 'fixPhone00000000000003'],
  ['BOOKING_REQUESTED', 'requested', UID],
  ['BOOKING_REQUESTED.older-reschedule', 'requested', SECOND_UID, UID],
  ['BOOKING_PAYMENT_INITIATED', 'payment_pending', UID],
  ['BOOKING_PAID', 'paid', UID],
  ['BOOKING_RESCHEDULED', 'rescheduled', SECOND_UID, UID],
  ['BOOKING_RESCHEDULED.same-uid', 'rescheduled', UID],
  ['BOOKING_CANCELLED', 'canceled', UID],
  ['BOOKING_CANCELLED.request-reschedule', 'reschedule_requested', UID],
  ['BOOKING_REJECTED', 'rejected', UID],
  ['BOOKING_NO_SHOW_UPDATED', 'no_show', UID],
  ['BOOKING_NO_SHOW_UPDATED.unmarked', 'no_show_reverted', UID],
  ['MEETING_ENDED', 'ended', UID],
  ['MEETING_ENDED.wrapped', 'ended', UID],
  ['AFTER_GUESTS_CAL_VIDEO_NO_SHOW', 'no_show_suspected', UID],
  ['AFTER_GUESTS_CAL_VIDEO_NO_SHOW.older', 'no_show_suspected', UID],
  ['AFTER_HOSTS_CAL_VIDEO_NO_SHOW', 'host_no_show', UID],
  ['AFTER_HOSTS_CAL_VIDEO_NO_SHOW.older', 'host_no_show', UID],
  ['MEETING_STARTED', 'ignored'],
  ['FORM_SUBMITTED', 'ignored'],
  ['FORM_SUBMITTED_NO_EVENT', 'ignored'],
  ['RECORDING_READY', 'ignored'],
  ['RECORDING_TRANSCRIPTION_GENERATED', 'ignored'],
  ['INSTANT_MEETING', 'ignored'],
  ['OOO_CREATED', 'ignored'],
  ['DELEGATION_CREDENTIAL_ERROR', 'ignored'],
  ['WRONG_ASSIGNMENT_REPORT', 'ignored'],
  ['ROUTING_FORM_FALLBACK_HIT', 'ignored'],
];

describe('what each trigger means', () => {
  it.each(EXPECTED.map((row) => [row[0], row[1], row] as const))('%s is read as %s', (fixture, type, row) => {
    const [, , uid, predecessor] = row;
    const result = read(fixtureBytes(fixture), { 'x-cal-webhook-version': '2021-10-20' });
    expect(result.trigger).toBe(fixture.split('.')[0]);
    if (type === 'ignored') {
      expect(result.kind).toBe('ignored');
      return;
    }
    const events = eventsOf(result);
    expect(events.map((event) => [event.type, event.uid, event.predecessorUid])).toEqual([
      [type, uid, predecessor ?? null],
    ]);
  });

  it('has a fixture in this table for every trigger, and no fixture outside of it', () => {
    expect(EXPECTED.map(([fixture]) => fixture).sort()).toEqual([...fixtureNames()].sort());
    expect(new Set(EXPECTED.map(([fixture]) => fixture.split('.')[0]))).toEqual(new Set(CAL_TRIGGERS));
  });
});

describe('a booking event', () => {
  it('carries the slot, the people, the details and the version of the appointment', () => {
    expect(onlyEvent(fixtureBytes('BOOKING_CREATED'))).toEqual({
      type: 'scheduled',
      uid: UID,
      predecessorUid: null,
      iCalUid: `${UID}@Cal.com`,
      slot: { startMs: START_MS, endMs: START_MS + HALF_HOUR_MS, zone: 'America/Denver' },
      sequence: 0,
      eventType: '4711',
      guest: {
        name: 'Tess Example',
        firstName: 'Tess',
        lastName: 'Example',
        email: 'tess.example@example.com',
        phone: '+13035550120',
        zone: 'America/Denver',
        locale: 'en',
      },
      host: {
        name: 'Hanna Host',
        firstName: 'Hanna',
        lastName: 'Host',
        email: 'hanna.host@example.com',
        phone: null,
        zone: 'America/Denver',
        locale: 'en',
      },
      details: {
        title: 'Strategy call between Hanna Host and Tess Example',
        notes: 'Second floor, bell is broken.',
        location: null,
        joinUrl: `https://meet.example.com/${UID}`,
        cancellationReason: null,
        answers: { company: 'Example Gutters' },
      },
      ancestry: [],
      seat: null,
      about: null,
      series: false,
      readAtMs: null,
      meaning: `BOOKING_CREATED|${UID}|scheduled|guest:10f94bbe454663c4|ACCEPTED|${START_MS}|0`,
    });
  });

  it('names the reason of a cancellation and of a rejection', () => {
    expect(onlyEvent(fixtureBytes('BOOKING_CANCELLED')).details?.cancellationReason).toBe('Found somebody else.');
    expect(onlyEvent(fixtureBytes('BOOKING_REJECTED')).details?.cancellationReason).toBe('Outside of our area.');
  });

  it.each([
    ['the guest', 'Tess.Example+x@example.com', 'guest'],
    ['the host', 'hanna.host@example.com', 'host'],
    ['somebody else', 'office@example.com', undefined],
    ['nobody who is named', null, undefined],
  ])('says whose wish a cancellation was: %s', (_who, cancelledBy, side) => {
    expect(onlyEvent(fixtureWith('BOOKING_CANCELLED', { cancelledBy })).calledOffBy).toBe(side);
    // A host asks for another time: that is told by the event itself.
    const asked = onlyEvent(fixtureWith('BOOKING_CANCELLED.request-reschedule', { cancelledBy }));
    expect(asked).not.toHaveProperty('calledOffBy');
  });

  it.each([
    ['Z', '2027-03-16T16:00:00Z', '2027-03-16T16:30:00.000Z'],
    ['+00:00', '2027-03-16T16:00:00+00:00', '2027-03-16T16:30:00+00:00'],
    ['an offset', '2027-03-16T10:00:00-06:00', '2027-03-16T22:00:00+05:30'],
  ])('reads instants with %s as the same slot', (_title, startTime, endTime) => {
    expect(onlyEvent(created({ startTime, endTime })).slot).toEqual({
      startMs: START_MS,
      endMs: START_MS + HALF_HOUR_MS,
      zone: 'America/Denver',
    });
  });

  it.each([
    ["the guest's zone", 'Asia/Tokyo', 'Europe/Vienna', 'Asia/Tokyo'],
    ["the host's, when the guest's does not exist", 'Mars/Olympus', 'Europe/Vienna', 'Europe/Vienna'],
    ['UTC, when neither exists', '', 'Mars/Olympus', 'UTC'],
  ])('takes %s', (_title, guestZone, hostZone, zone) => {
    const body = created({
      attendees: [{ email: 'a@example.com', timeZone: guestZone }],
      organizer: { email: 'h@example.com', timeZone: hostZone },
    });
    expect(onlyEvent(body).slot?.zone).toBe(zone);
  });

  it.each([
    [3, 3],
    [0, 0],
    [-1, null],
    [1.5, null],
    ['2', null],
    [undefined, null],
  ])('takes iCalSequence %p as %p', (iCalSequence, sequence) => {
    expect(onlyEvent(created({ iCalSequence })).sequence).toBe(sequence);
  });

  it.each([
    [4711, '4711'],
    ['4711', null],
    [-1, null],
    [null, null],
  ])('takes eventTypeId %p as %p', (eventTypeId, eventType) => {
    expect(onlyEvent(created({ eventTypeId })).eventType).toBe(eventType);
  });

  it('has no calendar uid when it is absent or too long to be indexed', () => {
    expect(onlyEvent(created({ iCalUID: undefined })).iCalUid).toBeNull();
    expect(onlyEvent(created({ iCalUID: 'x'.repeat(1001) })).iCalUid).toBeNull();
  });

  it('is not its own predecessor when a host moves a whole slot', () => {
    const event = onlyEvent(fixtureBytes('BOOKING_RESCHEDULED.same-uid'));
    expect([event.uid, event.predecessorUid]).toEqual([UID, null]);
  });

  it('is read as rescheduled also when the predecessor is not named', () => {
    const event = onlyEvent(fixtureWith('BOOKING_RESCHEDULED', { rescheduleUid: undefined }));
    expect([event.type, event.predecessorUid]).toEqual(['rescheduled', null]);
  });

  it('has no guest when nobody is listed', () => {
    expect(onlyEvent(created({ attendees: [] })).guest).toBeNull();
  });
});

describe('marks and clock events', () => {
  it('reads a flat and a wrapped MEETING_ENDED as the same event, without anything that could overwrite newer facts', () => {
    const flat = onlyEvent(fixtureBytes('MEETING_ENDED'));
    expect(onlyEvent(fixtureBytes('MEETING_ENDED.wrapped'))).toEqual(flat);
    expect(flat).toMatchObject({ slot: null, guest: null, host: null, details: null, sequence: null });
  });

  it('gives no-show marks no meaning, because on, off and on again is legitimate', () => {
    expect(onlyEvent(fixtureBytes('BOOKING_NO_SHOW_UPDATED')).meaning).toBeNull();
    expect(onlyEvent(fixtureBytes('BOOKING_NO_SHOW_UPDATED.unmarked')).meaning).toBeNull();
  });

  it('reads one mark per attendee, equal ones once, and puts the no-shows last', () => {
    const marks = (list: readonly (readonly [string, boolean])[]) =>
      eventsOf(
        read(
          fixtureWith('BOOKING_NO_SHOW_UPDATED', {
            attendees: list.map(([email, noShow]) => ({ email, noShow })),
          }),
        ),
      ).map((event) => [event.type, event.about?.email]);
    const [tess, bert] = ['tess.example@example.com', 'bert.brought@example.com'];
    expect(
      marks([
        [tess, true],
        ['Tess.Example@Example.com ', true],
      ]),
    ).toEqual([['no_show', tess]]);
    expect(
      marks([
        [tess, true],
        [bert, false],
      ]),
    ).toEqual([
      ['no_show_reverted', bert],
      ['no_show', tess],
    ]);
  });

  it('makes nobody the guest by a mark, not even a mark that names nobody', () => {
    const nameless = onlyEvent(fixtureWith('BOOKING_NO_SHOW_UPDATED', { attendees: [{ noShow: true }] }));
    expect([nameless.type, nameless.guest, nameless.about]).toEqual(['no_show', null, null]);
    expect(onlyEvent(fixtureBytes('BOOKING_NO_SHOW_UPDATED')).guest).toBeNull();
  });

  it('tells two missing hosts of one meeting apart', () => {
    const meaning = (hostEmail: string) =>
      onlyEvent(fixtureWith('AFTER_HOSTS_CAL_VIDEO_NO_SHOW', { hostEmail })).meaning;
    expect(meaning('one@example.com')).not.toBe(meaning('two@example.com'));
    expect(meaning('one@example.com')).toBe(meaning('One@Example.com'));
  });
});

describe('the meaning that duplicates share', () => {
  const meaning = (payload: Readonly<Record<string, unknown>>) => onlyEvent(created(payload)).meaning;
  const original = meaning({});

  it('does not depend on createdAt, the title or how an instant is spelled', () => {
    const body = JSON.parse(fixtureBytes('BOOKING_CREATED').toString()) as Record<string, unknown>;
    expect(onlyEvent(Buffer.from(JSON.stringify({ ...body, createdAt: '2030-01-01T00:00:00Z' }))).meaning).toBe(
      original,
    );
    expect(meaning({ title: 'Another title', startTime: '2027-03-16T16:00:00.000+00:00' })).toBe(original);
  });

  it.each([
    ['uid', { uid: 'another' }],
    ['attendee', { attendees: [{ email: 'another@example.com' }] }],
    ['seat', { attendeeSeatId: 'seat-1', attendees: [{ email: 'tess.example@example.com' }] }],
    ['status', { status: 'PENDING' }],
    ['start', { startTime: '2027-03-16T16:01:00Z' }],
    ['sequence', { iCalSequence: 5 }],
  ])('differs by %s', (_title, payload) => {
    expect(meaning(payload)).not.toBe(original);
  });

  it('keeps a plain cancellation apart from a wish for a new time', () => {
    const plain = onlyEvent(fixtureBytes('BOOKING_CANCELLED')).meaning;
    expect(onlyEvent(fixtureBytes('BOOKING_CANCELLED.request-reschedule')).meaning).not.toBe(plain);
  });

  it('holds no address, name or free text in clear', () => {
    const loud = meaning({ uid: 'u1', status: 'Tess likes slate' });
    expect(original).not.toMatch(/tess\.|example\.com/i);
    expect(loud).not.toContain('Tess');
  });
});

describe('a rescheduled chain', () => {
  it('names only the immediate predecessor of each hop', () => {
    const event = onlyEvent(fixtureBytes('BOOKING_RESCHEDULED'));
    expect(event).toMatchObject({ uid: SECOND_UID, predecessorUid: UID, sequence: 1, iCalUid: `${UID}@Cal.com` });
    expect(event.slot?.startMs).toBe(START_MS + 2 * DAY_MS);
  });
});
