import { readDelivery } from '../../../integrations/calcom/events';
import {
  AFTER_START,
  attendee,
  BEFORE_START,
  deliverRead,
  readBody,
  readEventsOf,
  row,
  ROW_START,
  seated,
} from './rows';

const START_MS = Date.parse(ROW_START);
const types = (payload: unknown, readAt?: string): readonly string[] =>
  readEventsOf(payload, readAt).map((event) => event.type);

describe('a read of the API', () => {
  it.each([
    ['tess.example@example.com', 'guest'],
    ['hanna.host@example.com', 'host'],
    ['office@example.com', undefined],
    [null, undefined],
  ])('says whose wish a cancellation was: canceled by %s', (cancelledByEmail, side) => {
    expect(readEventsOf(row({ status: 'cancelled', cancelledByEmail }))[0]?.calledOffBy).toBe(side);
    expect(readEventsOf(row({ status: 'accepted', cancelledByEmail }))[0]).not.toHaveProperty('calledOffBy');
  });

  it('says the whole state of a booking in one event', () => {
    expect(readEventsOf(row())).toEqual([
      {
        type: 'scheduled',
        uid: 'rowFirst',
        eventType: '12',
        predecessorUid: null,
        ancestry: [],
        iCalUid: 'rowFirst@Cal.com',
        slot: { startMs: START_MS, endMs: START_MS + 1_800_000, zone: 'America/Denver' },
        sequence: null,
        guest: {
          name: 'Tess Example',
          firstName: 'Tess',
          lastName: 'Example',
          email: 'tess.example@example.com',
          phone: null,
          zone: 'America/Denver',
          locale: 'en',
        },
        host: {
          name: 'Hanna Host',
          firstName: 'Hanna',
          lastName: 'Host',
          email: 'hanna.host@example.com',
          phone: null,
          zone: 'Europe/Vienna',
          locale: null,
        },
        details: {
          title: 'Roof inspection between Hanna Host and Tess Example',
          notes: 'Ring twice.',
          location: 'https://meet.example.com/rowFirst',
          joinUrl: 'https://meet.example.com/rowFirst',
          cancellationReason: null,
          answers: { roof: 'slate' },
        },
        seat: null,
        about: null,
        series: false,
        readAtMs: Date.parse(BEFORE_START),
        meaning: `BOOKING_READ|rowFirst|scheduled|guest:10f94bbe454663c4|${START_MS}|${Date.parse(BEFORE_START)}`,
      },
    ]);
  });

  it.each([
    ['accepted', {}, 'scheduled', null],
    ['accepted, moved here from another uid', { rescheduledFromUid: 'rowZero' }, 'rescheduled', 'rowZero'],
    ['accepted, said to come from itself', { rescheduledFromUid: 'rowFirst' }, 'scheduled', null],
    ['pending', { status: 'pending' }, 'requested', null],
    ['pending, moved here', { status: 'pending', rescheduledFromUid: 'rowZero' }, 'requested', 'rowZero'],
    ['an instant meeting without host', { status: 'awaiting_host' }, 'requested', null],
    ['rejected', { status: 'rejected' }, 'rejected', null],
    ['cancelled', { status: 'cancelled', cancellationReason: 'No time.' }, 'canceled', null],
    ['cancelled, with an empty successor', { status: 'cancelled', rescheduledToUid: '' }, 'canceled', null],
  ])('reads %s', (_title, fields, type, predecessor) => {
    const events = readEventsOf(row(fields));
    expect(events.map((event) => [event.type, event.predecessorUid])).toEqual([[type, predecessor]]);
  });

  it('does not take a row that was moved away for a cancellation: a new time is on its way', () => {
    const moved = row({ status: 'cancelled', rescheduledToUid: 'rowSecond' });
    expect(types(moved)).toEqual(['reschedule_requested']);
    expect(readEventsOf(moved)[0]?.slot?.startMs).toBe(START_MS);
  });

  it('tells why it was canceled', () => {
    const [event] = readEventsOf(row({ status: 'cancelled', cancellationReason: 'No time.' }));
    expect(event?.details?.cancellationReason).toBe('No time.');
  });

  it('knows the guest by the form, wherever they are in the list', () => {
    const attendees = [attendee({ email: 'bert@example.com', name: 'Bert Brought' }), attendee()];
    expect(readEventsOf(row({ attendees }))[0]?.guest?.name).toBe('Tess Example');
    const [withoutForm] = readEventsOf(row({ attendees, bookingFieldsResponses: {} }));
    expect(withoutForm?.guest?.name).toBe('Bert Brought');
  });

  it('has no guest when nobody is listed, and no host when Cal.com calls them unknown', () => {
    const unknown = { id: 'unknown', name: 'unknown', email: 'unknown', username: 'unknown' };
    const [event] = readEventsOf(row({ attendees: [], hosts: [unknown] }));
    expect([event?.guest, event?.host, event?.slot?.zone]).toEqual([null, null, 'UTC']);
  });

  it('names the newest host, which no webhook ever tells', () => {
    const hosts = [{ id: 8, name: 'Nora Newhost', email: 'nora@example.com', timeZone: 'UTC' }];
    expect(readEventsOf(row({ hosts }))[0]?.host?.email).toBe('nora@example.com');
  });

  it('gives every read a meaning of its own, so that what comes back is news', () => {
    const meaning = (readAt: string) => readEventsOf(row(), readAt)[0]?.meaning;
    expect(meaning(BEFORE_START)).not.toBe(meaning('2027-03-10T09:00:01.000Z'));
    expect(meaning(BEFORE_START)).toBe(meaning(BEFORE_START));
  });
});

describe('marks in a read', () => {
  const marks = (payload: unknown, readAt: string) =>
    readEventsOf(payload, readAt)
      .slice(1)
      .map((event) => [event.type, event.about?.email ?? null, event.guest, event.readAtMs]);
  const readAtMs = Date.parse(AFTER_START);

  it('are about the attendees whom they name, and make nobody the guest', () => {
    const attendees = [attendee({ absent: true }), attendee({ email: 'bert@example.com' })];
    expect(marks(row({ attendees }), AFTER_START)).toEqual([
      ['no_show_reverted', 'bert@example.com', null, readAtMs],
      ['no_show', 'tess.example@example.com', null, readAtMs],
    ]);
  });

  it('are not read before the slot began: nobody can have decided then', () => {
    expect(marks(row(), BEFORE_START)).toEqual([]);
    expect(marks(row(), ROW_START)).toHaveLength(1);
  });

  it('are read only where the row says so: what it leaves out is not "not absent"', () => {
    expect(marks(row({ attendees: [attendee({ absent: undefined })] }), AFTER_START)).toEqual([]);
  });

  it('are read of an older appointment of a chain, too, but nothing is taken back there', () => {
    const moved = { status: 'cancelled', rescheduledToUid: 'rowSecond' };
    expect(types(row({ ...moved, attendees: [attendee({ absent: true })] }), AFTER_START)).toEqual([
      'reschedule_requested',
      'no_show',
    ]);
    expect(types(row(moved), AFTER_START)).toEqual(['reschedule_requested']);
  });

  it('tell an absent host apart from an absent guest', () => {
    expect(types(row({ absentHost: true, attendees: [] }), AFTER_START)).toEqual(['scheduled', 'host_no_show']);
  });

  it('say nothing about the end of a slot: that is the clock', () => {
    expect(types(row({ attendees: [] }), AFTER_START)).toEqual(['scheduled']);
  });
});

describe('a read of a shared slot', () => {
  const shared = row({
    attendees: [seated('Ann'), seated('Bob', { absent: true })],
    bookingFieldsResponses: undefined,
    icsUid: 'shared@Cal.com',
  });

  it('says the state of each participation, with its own answers and without the calendar id that they share', () => {
    const lives = readEventsOf(shared).filter((event) => event.type === 'scheduled');
    expect(
      lives.map(({ seat, guest, details, iCalUid }) => [seat?.id, guest?.email, details?.answers, iCalUid]),
    ).toEqual([
      ['seat-ann', 'ann@example.com', { roof: "Ann's" }, null],
      ['seat-bob', 'bob@example.com', { roof: "Bob's" }, null],
    ]);
    expect(new Set(lives.map((event) => event.meaning)).size).toBe(2);
  });

  it('gives each mark the seat that it is about', () => {
    const marks = readEventsOf(shared, AFTER_START).filter((event) => event.about !== null);
    expect(marks.map(({ type, seat, guest }) => [type, seat?.id, guest?.email])).toEqual([
      ['no_show_reverted', 'seat-ann', 'ann@example.com'],
      ['no_show', 'seat-bob', 'bob@example.com'],
    ]);
  });

  it('is a cancellation of every seat when the row is canceled', () => {
    const attendees = [seated('Ann'), seated('Bob')];
    const events = readEventsOf(row({ attendees, status: 'cancelled' }));
    expect(events.map(({ type, seat }) => [type, seat?.id])).toEqual([
      ['canceled', 'seat-ann'],
      ['canceled', 'seat-bob'],
    ]);
  });
});

describe('a read that nobody can act on', () => {
  it.each([
    ['no uid', { uid: undefined }, 'payload.uid'],
    ['another status', { status: 'teleported' }, 'payload.status: expected one of accepted'],
    ['a start without offset', { start: '2027-03-16T16:00:00' }, 'payload.start'],
    ['an end before the start', { end: '2027-03-16T15:00:00Z' }, 'payload.end'],
    ['no attendees', { attendees: undefined }, 'payload.attendees'],
    ['a mark that is a word', { attendees: [attendee({ absent: 'yes' })] }, 'payload.attendees[0].absent'],
    ['a predecessor that is a number', { rescheduledFromUid: 7 }, 'payload.rescheduledFromUid'],
    ['a successor that is a number', { rescheduledToUid: 7 }, 'payload.rescheduledToUid'],
  ])('is unreadable with %s, and the reason quotes nothing', (_title, fields, reason) => {
    const result = deliverRead(row(fields));
    if (result.kind !== 'unreadable') throw new Error(`expected an unreadable delivery, got ${result.kind}`);
    expect(result.reason).toContain(reason);
    expect(result.reason).not.toMatch(/teleported|yes/);
  });

  it('is an unknown trigger when it comes as a webhook: only this service makes reads', () => {
    expect(readDelivery(readBody(row()), {})).toMatchObject({ kind: 'ignored', reason: 'unknown trigger' });
    expect(readDelivery(readBody(row()), { 'x-booksync-origin': 'webhook' }).kind).toBe('ignored');
  });

  it('is unreadable when a webhook is dressed up as a read', () => {
    const result = readDelivery(Buffer.from('{"triggerEvent":"BOOKING_CANCELLED","payload":{}}'), {
      'x-booksync-origin': 'read',
    });
    expect(result).toMatchObject({ kind: 'unreadable', trigger: 'BOOKING_CANCELLED' });
  });
});
