/** The hard cases that the research lists for booking tools (its section 12), as far as one delivery at a time can tell. */
import { readDelivery } from '../../../integrations/calcom/events';
import { sign, verifySignature } from '../../../integrations/calcom/signature';
import type { ReadDelivery, SourceEvent } from '../../../integrations/ports';
import { fixtureBytes, fixtureWith } from './fixtures';

type Fields = Readonly<Record<string, unknown>>;

const read = (body: Buffer): ReadDelivery => readDelivery(body, {});
function eventsOf(body: Buffer): readonly SourceEvent[] {
  const result = read(body);
  if (result.kind !== 'events') throw new Error(`expected events, got ${result.kind}: ${result.reason}`);
  return result.events;
}
const first = (body: Buffer): SourceEvent => eventsOf(body)[0] as SourceEvent;
const delivery = (trigger: string, payload: Fields) => fixtureWith(trigger, payload);
const created = (payload: Fields): SourceEvent => first(delivery('BOOKING_CREATED', payload));

const person = (name: string) => ({ name, email: `${name.toLowerCase()}@example.com`, timeZone: 'America/Denver' });
/** A slot that Ann, Bob and others share. */
const seats = (fields: Fields): Fields => ({ uid: 'shared', seatsPerTimeSlot: 10, responses: {}, ...fields });

describe('case 3: a no-show mark for the first uid, after it was replaced', () => {
  it('is about the uid and the attendee whom it names, whatever has become of either', () => {
    const mark = first(fixtureBytes('BOOKING_NO_SHOW_UPDATED'));
    expect([mark.type, mark.uid, mark.about?.email]).toEqual([
      'no_show',
      'fixTessFirst0000000001',
      'tess.example@example.com',
    ]);
  });

  it('is told apart from its reversal, and neither can be dropped as a repeat by meaning', () => {
    const [on, off] = ['BOOKING_NO_SHOW_UPDATED', 'BOOKING_NO_SHOW_UPDATED.unmarked'].map((name) =>
      first(fixtureBytes(name)),
    );
    expect([on?.type, off?.type]).toEqual(['no_show', 'no_show_reverted']);
    expect([on?.meaning, off?.meaning]).toEqual([null, null]);
  });
});

describe('case 5: a reschedule of an opt-in booking that names no predecessor', () => {
  it('is a request that carries the calendar id of the first appointment', () => {
    const newer = first(
      delivery('BOOKING_REQUESTED', { uid: 'second', rescheduleUid: undefined, iCalUID: 'first@Cal.com' }),
    );
    expect([newer.type, newer.predecessorUid, newer.iCalUid]).toEqual(['requested', null, 'first@Cal.com']);
  });

  it('names the predecessor in the older generation', () => {
    expect(first(fixtureBytes('BOOKING_REQUESTED.older-reschedule')).predecessorUid).toBe('fixTessFirst0000000001');
  });
});

describe('case 6: seats', () => {
  it('cancel one attendee, not the slot', () => {
    const events = eventsOf(delivery('BOOKING_CANCELLED', seats({ attendees: [person('Ann')] })));
    expect(events.map(({ type, seat, guest }) => [type, seat, guest?.email])).toEqual([
      ['canceled', { id: null }, 'ann@example.com'],
    ]);
  });

  it('cancel everybody who is listed when the host cancels the slot', () => {
    const events = eventsOf(delivery('BOOKING_CANCELLED', seats({ attendees: [person('Ann'), person('Bob')] })));
    expect(events.map(({ seat, guest }) => [seat, guest?.email])).toEqual([
      [{ id: null }, 'ann@example.com'],
      [{ id: null }, 'bob@example.com'],
    ]);
  });

  it('never cancel a slot for want of a name', () => {
    const nameless = read(delivery('BOOKING_CANCELLED', seats({ attendees: [] })));
    expect(nameless).toMatchObject({
      kind: 'unreadable',
      reason: 'payload.attendees: expected the attendee whose seat this is about',
    });
    const [bySeat] = eventsOf(delivery('BOOKING_CANCELLED', seats({ attendees: [], attendeeSeatId: 'seat-1' })));
    expect([bySeat?.seat, bySeat?.guest]).toEqual([{ id: 'seat-1' }, null]);
  });

  it('let the same guest leave twice: leaving, joining again and leaving is no repeat', () => {
    const [left] = eventsOf(delivery('BOOKING_CANCELLED', seats({ attendees: [person('Ann')] })));
    expect(left?.meaning).toBeNull();
    const joined = (attendeeSeatId: string) => created(seats({ attendees: [person('Ann')], attendeeSeatId })).meaning;
    expect(joined('seat-1')).not.toBe(joined('seat-2'));
  });

  it('move together under the uid that they had: no predecessor, no guest, and no self-loop', () => {
    const moved = { rescheduleUid: 'shared', attendees: [person('Ann'), person('Bob')] };
    const events = eventsOf(
      delivery(
        'BOOKING_RESCHEDULED',
        seats({ ...moved, startTime: '2027-03-17T16:00:00Z', endTime: '2027-03-17T16:30:00Z' }),
      ),
    );
    expect(events).toHaveLength(1);
    const [event] = events;
    expect(event).toMatchObject({ type: 'rescheduled', uid: 'shared', predecessorUid: null, seat: null, guest: null });
    expect(event?.slot).toMatchObject({ startMs: Date.parse('2027-03-17T16:00:00Z'), zone: 'America/Denver' });
    expect([event?.details?.notes, event?.details?.answers, event?.meaning]).toEqual([null, {}, null]);
  });

  it("take the host's zone when those who move together are in different ones", () => {
    const attendees = [person('Ann'), { ...person('Bob'), timeZone: 'America/Chicago' }];
    const organizer = { email: 'h@example.com', timeZone: 'Europe/Vienna' };
    const moved = seats({ rescheduleUid: 'shared', attendees, organizer });
    expect(first(delivery('BOOKING_RESCHEDULED', moved)).slot?.zone).toBe('Europe/Vienna');
  });

  it('move alone to the uid of another slot, and name the one they left', () => {
    const moved = seats({
      uid: 'other',
      rescheduleUid: 'shared',
      attendeeSeatId: 'seat-bob',
      attendees: [person('Bob')],
    });
    expect(first(delivery('BOOKING_RESCHEDULED', moved))).toMatchObject({
      type: 'rescheduled',
      uid: 'other',
      predecessorUid: 'shared',
      seat: { id: 'seat-bob' },
      guest: { email: 'bob@example.com' },
    });
  });

  it('give the seat to the one who filled in the form, when others are listed too', () => {
    const attendees = [person('Ann'), person('Bob')];
    const joined = (email: string) =>
      eventsOf(
        delivery(
          'BOOKING_CREATED',
          seats({ attendees, attendeeSeatId: 'seat-bob', responses: { email: { value: email } } }),
        ),
      ).map(({ seat, guest }) => [guest?.name, seat?.id]);
    expect(joined('bob@example.com')).toEqual([
      ['Ann', null],
      ['Bob', 'seat-bob'],
    ]);
    expect(joined('carl@example.com')).toEqual([
      ['Ann', null],
      ['Bob', null],
    ]);
  });

  it('are seats even where an older build leaves out the seat of all but the first', () => {
    expect(created(seats({ attendees: [person('Bob')], attendeeSeatId: undefined })).seat).toEqual({ id: null });
  });

  it('have no calendar id of their own', () => {
    expect(created(seats({ attendees: [person('Ann')], attendeeSeatId: 'seat-1' })).iCalUid).toBeNull();
  });

  it('are not what a booking without seats has', () => {
    for (const seatsPerTimeSlot of [null, undefined, 0])
      expect(created({ seatsPerTimeSlot })).toMatchObject({ seat: null, guest: { name: 'Tess Example' } });
  });
});

describe('case 7: the end of a meeting', () => {
  const row = { uid: 'x', startTime: '2027-03-16T16:00:00Z', iCalUID: 'x@Cal.com', status: 'CANCELLED' };
  const ended = (body: unknown): SourceEvent => first(Buffer.from(JSON.stringify(body)));

  it('is the same event flat and wrapped, whenever either says that it was created', () => {
    const flat = ended({ triggerEvent: 'MEETING_ENDED', createdAt: '2027-01-01T00:00:00Z', ...row });
    const wrapped = ended({ triggerEvent: 'MEETING_ENDED', createdAt: '2027-03-16T16:30:01Z', payload: row });
    expect(wrapped).toEqual(flat);
    expect(JSON.stringify(flat)).not.toContain('2027-01-01');
  });

  it('brings nothing of the stale row along that could replace newer facts', () => {
    const stale = { ...row, title: 'Old', attendees: [person('Ann')], endTime: '2027-03-16T16:30:00Z' };
    expect(ended({ triggerEvent: 'MEETING_ENDED', ...stale })).toMatchObject({
      type: 'ended',
      slot: null,
      guest: null,
      host: null,
      details: null,
      sequence: null,
    });
  });
});

describe('case 9: one event for a whole series', () => {
  const recurringEvent = { freq: 2, count: 3, interval: 1 };
  const isSeries = (trigger: string, payload: Fields) => first(delivery(trigger, payload)).series;

  it.each([
    ['a cancellation', 'BOOKING_CANCELLED', { recurringEvent }, true],
    ['a rejection', 'BOOKING_REJECTED', { recurringEvent }, true],
    ['a confirmation', 'BOOKING_CREATED', { recurringEvent, requiresConfirmation: true }, true],
    [
      'a confirmation that does not say so',
      'BOOKING_CREATED',
      { recurringEvent, requiresConfirmation: undefined },
      true,
    ],
    ['a cancellation that names the series only', 'BOOKING_CANCELLED', { recurringEventId: 'series-1' }, true],
    ['a booking without confirmation', 'BOOKING_CREATED', { recurringEvent, requiresConfirmation: false }, false],
    ['a reschedule', 'BOOKING_RESCHEDULED', { recurringEvent }, false],
    ['a cancellation of a single booking', 'BOOKING_CANCELLED', { recurringEvent: null }, false],
  ])('%s may be one: %s', (_title, trigger, payload, expected) => {
    expect(isSeries(trigger, payload)).toBe(expected);
  });
});

describe('case 13: addresses', () => {
  const CLIENT = 'clxyyy21o0003sbk7yw5z6tzg';
  const guestBy = (email: string) => created({ attendees: [{ email }], responses: {} }).guest;
  const marked = (email: string) =>
    first(delivery('BOOKING_NO_SHOW_UPDATED', { attendees: [{ email, noShow: true }] })).about;

  it('that Cal.com invented for a phone are a phone, for guests and in marks', () => {
    for (const found of [guestBy('13035550142@sms.cal.com'), marked('13035550142@sms.cal.com')])
      expect([found?.email, found?.phone]).toEqual([null, '+13035550142']);
  });

  it('of managed users are the plain ones, for guests and in marks', () => {
    for (const found of [guestBy(`Tess+${CLIENT}@example.com`), marked(`tess+${CLIENT}@example.com`)])
      expect(found?.email).toBe('tess@example.com');
  });

  it('with a tag that people choose themselves stay as they are', () => {
    for (const email of ['tess+work@example.com', 'tess+calls2027@example.com', 'tess+cabcdefgh@example.com'])
      expect(guestBy(email)?.email).toBe(email);
  });

  it('that are missing in a mark leave it without anybody', () => {
    expect([marked(''), marked('not an address')]).toEqual([null, null]);
  });
});

describe('case 14: signature headers', () => {
  const body = Buffer.from('{"triggerEvent":"BOOKING_CREATED"}');
  const check = (value: string | undefined, secrets: readonly string[] = ['s3cret']) =>
    verifySignature(body, () => value, secrets).ok;
  const good = sign(body, 's3cret');

  it.each([
    ['no-secret-provided', 'no-secret-provided'],
    ['N/A', 'N/A'],
    ['nothing', undefined],
    ['a digest of half the length', good.slice(0, 32)],
    ['base64 of the digest', Buffer.from(good, 'hex').toString('base64')],
    ['a digest by another secret', sign(body, 'other')],
  ])('with %s are refused', (_title, value) => {
    expect(check(value)).toBe(false);
  });

  it('in upper case or with a prefix are accepted, and with an empty secret never', () => {
    expect([check(good.toUpperCase()), check(`sha256=${good}`)]).toEqual([true, true]);
    expect(check(sign(body, ''), [''])).toBe(false);
  });

  it('are checked over bytes, also those that are no text', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00]);
    expect(verifySignature(bytes, () => sign(bytes, 's3cret'), ['s3cret']).ok).toBe(true);
  });
});

describe('case 15: times', () => {
  const slots = ['2027-03-16T16:00:00Z', '2027-03-16T16:00:00+00:00', '2027-03-16T10:00:00-06:00'].map(
    (startTime) => created({ startTime }).slot,
  );

  it('are instants, however they are spelled', () => {
    expect(new Set(slots.map((slot) => slot?.startMs)).size).toBe(1);
  });

  it('that stay the same in a reschedule still bring the new zone and the new host', () => {
    const moved = first(
      delivery('BOOKING_RESCHEDULED', {
        startTime: '2027-03-16T16:00:00Z',
        endTime: '2027-03-16T16:30:00Z',
        attendees: [{ email: 'tess.example@example.com', timeZone: 'Asia/Tokyo' }],
        organizer: { email: 'nora@example.com', name: 'Nora Newhost' },
      }),
    );
    expect(moved.slot).toEqual({ startMs: slots[0]?.startMs, endMs: slots[0]?.endMs, zone: 'Asia/Tokyo' });
    expect([moved.type, moved.host?.email]).toEqual(['rescheduled', 'nora@example.com']);
  });
});
