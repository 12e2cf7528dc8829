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

function reasonOf(result: ReadDelivery): string {
  if (result.kind !== 'unreadable') throw new Error(`expected an unreadable delivery, got ${result.kind}`);
  return result.reason;
}

const created = (payload: Readonly<Record<string, unknown>>): Buffer => fixtureWith('BOOKING_CREATED', payload);

/** `type` is the event's, or "ignored". */
const EXPECTED: [fixture: string, type: string, uid?: string, predecessor?: string][] = [
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
  it.each(EXPECTED)('%s is read as %s', (fixture, type, uid, predecessor) => {
    const result = read(fixtureBytes(fixture), { 'x-cal-webhook-version': '2021-10-20' });
    expect(result.trigger).toBe(fixture.split('.')[0]);
    if (type === 'ignored') {
      expect(result.kind).toBe('ignored');
      return;
    }
    const events = eventsOf(result);
    expect(events.map((event) => [event.type, event.uid, event.predecessorUid])).toEqual([[type, uid, predecessor ?? null]]);
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
      meaning: `BOOKING_CREATED|${UID}|scheduled|guest:bc40eb0a7ca5a86c|ACCEPTED|${START_MS}|0`,
    });
  });

  it('names the reason of a cancellation and of a rejection', () => {
    expect(onlyEvent(fixtureBytes('BOOKING_CANCELLED')).details?.cancellationReason).toBe('Found somebody else.');
    expect(onlyEvent(fixtureBytes('BOOKING_REJECTED')).details?.cancellationReason).toBe('Outside of our area.');
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

  it('reads several equal marks as one, and puts the no-show last when they differ', () => {
    const types = (marks: boolean[]) =>
      eventsOf(
        read(fixtureWith('BOOKING_NO_SHOW_UPDATED', { attendees: marks.map((noShow) => ({ email: 'a@example.com', noShow })) })),
      ).map((event) => event.type);
    expect(types([true, true])).toEqual(['no_show']);
    expect(types([true, false])).toEqual(['no_show_reverted', 'no_show']);
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
    expect(onlyEvent(Buffer.from(JSON.stringify({ ...body, createdAt: '2030-01-01T00:00:00Z' }))).meaning).toBe(original);
    expect(meaning({ title: 'Another title', startTime: '2027-03-16T16:00:00.000+00:00' })).toBe(original);
  });

  it.each([
    ['uid', { uid: 'another' }],
    ['attendee', { attendees: [{ email: 'another@example.com' }] }],
    ['seat', { attendeeSeatId: 'seat-1' }],
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
    const loud = meaning({ status: 'Tess likes slate' });
    expect(original).not.toMatch(/tess\.|example\.com/i);
    expect(loud).not.toContain('Tess');
  });
});

describe('deliveries that nobody can act on', () => {
  it.each(['PING', 'BOOKING_TELEPORTED', 'constructor', '__proto__', 'toString'])('ignores the unknown trigger %s', (trigger) => {
    expect(read(JSON.stringify({ triggerEvent: trigger, payload: {} }))).toEqual({
      kind: 'ignored',
      trigger,
      reason: 'unknown trigger',
    });
  });

  it('keeps an unknown payload version as unreadable, to be replayed when it is understood', () => {
    const result = read(fixtureBytes('BOOKING_CREATED'), { 'x-cal-webhook-version': '2027-01-01' });
    expect(result.trigger).toBe('BOOKING_CREATED');
    expect(reasonOf(result)).toContain('unknown payload version');
    expect(reasonOf(result)).not.toContain('2027-01-01');
  });

  it.each([
    ['no bytes', Buffer.alloc(0), 'expected JSON'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'UTF-8'],
    ['text that is not JSON', Buffer.from('{"triggerEvent":'), 'expected JSON'],
    ['a list', Buffer.from('[]'), 'found an array'],
    ['a bare value', Buffer.from('null'), 'found a bare value'],
    ['no trigger', Buffer.from('{}'), 'triggerEvent'],
    ['a trigger that is a sentence', Buffer.from('{"triggerEvent":"Tess booked a call"}'), 'triggerEvent'],
    ['100,000 nested lists', Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)), 'nesting'],
    ['100,000 nested objects that never end', Buffer.from('{"a":'.repeat(100_000)), 'nesting'],
  ])('finds %s unreadable', (_title, body, words) => {
    expect(reasonOf(read(body))).toContain(words);
  });

  it('finds deep nesting unreadable wherever it hides, and brackets inside a text harmless', () => {
    const deep: unknown = JSON.parse('['.repeat(500) + ']'.repeat(500));
    expect(reasonOf(read(created({ customInputs: deep })))).toContain('nesting');
    expect(onlyEvent(created({ additionalNotes: `\\"${'['.repeat(500)}` })).type).toBe('scheduled');
  });

  it('says that it found a form', () => {
    const result = read('triggerEvent=BOOKING_CREATED&uid=1', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(reasonOf(result)).toBe('body: expected JSON, found a form');
  });

  it.each([
    ['a missing uid', { uid: undefined }, 'payload.uid'],
    ['an empty uid', { uid: '' }, 'payload.uid'],
    ['a uid of 256 characters', { uid: 'u'.repeat(256) }, 'payload.uid'],
    ['a uid whose bytes would not fit into a workflow id', { uid: '予'.repeat(200) }, 'payload.uid'],
    ['a uid with a control character', { uid: 'a\u0000b' }, 'payload.uid'],
    ['a uid with a line break', { uid: 'a\nb' }, 'payload.uid'],
    ['a uid with a lone surrogate', { uid: 'a\ud800b' }, 'payload.uid'],
    ['a uid that is a number', { uid: 7 }, 'payload.uid'],
    ['an unusable predecessor', { rescheduleUid: 'a\u0007' }, 'payload.rescheduleUid'],
    ['a start without offset', { startTime: '2027-03-16T16:00:00' }, 'payload.startTime'],
    ['a start on 30 February', { startTime: '2027-02-30T16:00:00Z' }, 'payload.startTime'],
    ['a start far out of any calendar', { startTime: '9999-01-01T00:00:00Z' }, 'payload.startTime'],
    ['a start that is a number', { startTime: START_MS }, 'payload.startTime'],
    ['an end at the start', { endTime: '2027-03-16T16:00:00Z' }, 'payload.endTime'],
    ['attendees that are no list', { attendees: {} }, 'payload.attendees'],
    ['an attendee without e-mail', { attendees: [{ name: 'Tess' }] }, 'payload.attendees[0].email'],
    ['1,001 attendees', { attendees: Array(1001).fill(0) }, 'payload.attendees'],
    ['an organizer that is a text', { organizer: 'Hanna' }, 'payload.organizer'],
  ])('finds %s unreadable and names the place', (_title, payload, path) => {
    const result = read(created(payload));
    expect(result.trigger).toBe('BOOKING_CREATED');
    expect(reasonOf(result).split(':')[0]).toBe(path);
  });

  it('accepts a uid of exactly 255 characters', () => {
    expect(onlyEvent(created({ uid: 'u'.repeat(255) })).uid).toHaveLength(255);
  });

  it.each(CAL_TRIGGERS)('finds a %s without its payload unreadable', (trigger) => {
    const result = read(JSON.stringify({ triggerEvent: trigger, createdAt: '2027-01-01T00:00:00.000Z' }));
    expect(result).toMatchObject({ kind: 'unreadable', trigger });
  });

  it.each([
    ['no attendee', { attendees: [] }, 'payload.attendees'],
    ['a mark that is a word', { attendees: [{ email: 'a@example.com', noShow: 'yes' }] }, 'payload.attendees[0].noShow'],
    ['a uid under the wrong name', { bookingUid: undefined, uid: UID }, 'payload.bookingUid'],
  ])('finds a no-show update with %s unreadable', (_title, payload, path) => {
    expect(reasonOf(read(fixtureWith('BOOKING_NO_SHOW_UPDATED', payload))).split(':')[0]).toBe(path);
  });

  it('never quotes a value in a reason', () => {
    const canary = 'canary-7f3a';
    const bodies = [
      created({ uid: `${canary}\n` }),
      created({ startTime: canary }),
      created({ attendees: [{ email: { [canary]: canary } }] }),
      created({ requestReschedule: canary }),
      created({ attendees: canary }),
      Buffer.from(`{"triggerEvent":"${canary} x","payload":{}}`),
      Buffer.from(`{"${canary}`),
    ];
    for (const body of bodies) expect(reasonOf(read(body))).not.toContain(canary);
  });
});

describe('a rescheduled chain', () => {
  it('names only the immediate predecessor of each hop', () => {
    const event = onlyEvent(fixtureBytes('BOOKING_RESCHEDULED'));
    expect(event).toMatchObject({ uid: SECOND_UID, predecessorUid: UID, sequence: 1, iCalUid: `${UID}@Cal.com` });
    expect(event.slot?.startMs).toBe(START_MS + 2 * DAY_MS);
  });
});
