import { readDelivery } from '../../../integrations/calcom/events';
import type { ReadDelivery } from '../../../integrations/ports';
import { referenceFiles } from './fixtures';

const read = (body: unknown): ReadDelivery => readDelivery(Buffer.from(JSON.stringify(body)), {});
const summary = (result: ReadDelivery): string =>
  result.kind === 'events' ? result.events.map((event) => event.type).join(' ') : result.kind;

/** What every documented sample must be read as, by file name. */
const DOCUMENTED: Readonly<Record<string, string>> = {
  'AFTER_GUESTS_CAL_VIDEO_NO_SHOW.json': 'no_show_suspected',
  'AFTER_GUESTS_CAL_VIDEO_NO_SHOW.older.json': 'no_show_suspected',
  'AFTER_HOSTS_CAL_VIDEO_NO_SHOW.json': 'host_no_show',
  'AFTER_HOSTS_CAL_VIDEO_NO_SHOW.older.json': 'host_no_show',
  'BOOKING_CANCELLED.json': 'canceled',
  'BOOKING_CREATED.json': 'scheduled',
  'BOOKING_NO_SHOW_UPDATED.marked.json': 'no_show',
  'BOOKING_NO_SHOW_UPDATED.unmarked.json': 'no_show_reverted',
  'BOOKING_PAID.json': 'paid',
  'BOOKING_PAYMENT_INITIATED.json': 'payment_pending',
  'BOOKING_REJECTED.json': 'rejected',
  'BOOKING_REQUESTED.json': 'requested',
  'BOOKING_RESCHEDULED.json': 'rescheduled',
  'DELEGATION_CREDENTIAL_ERROR.json': 'ignored',
  'FORM_SUBMITTED.json': 'ignored',
  'FORM_SUBMITTED_NO_EVENT.json': 'ignored',
  'INSTANT_MEETING.json': 'ignored',
  'MEETING_ENDED.flat.json': 'ended',
  'MEETING_STARTED.flat.json': 'ignored',
  'OOO_CREATED.json': 'ignored',
  'RECORDING_READY.json': 'ignored',
  'RECORDING_TRANSCRIPTION_GENERATED.json': 'ignored',
  'WRONG_ASSIGNMENT_REPORT.json': 'ignored',
};

/** The same for derived files; a file with several deliveries is read as several words. */
const DERIVED: Readonly<Record<string, readonly string[]>> = {
  'BOOKING_CANCELLED.request-reschedule.json': ['reschedule_requested'],
  'BOOKING_CREATED.phone-only.json': ['scheduled'],
  'MEETING_ENDED.wrapped.json': ['ended'],
  'duplicate-via-two-subscriptions.json': ['scheduled', 'scheduled'],
  'recurring.json': ['scheduled', 'scheduled', 'scheduled', 'canceled'],
  'request-reschedule-then-rebook.json': ['scheduled', 'reschedule_requested', 'rescheduled'],
  // The mark at the end is about the first uid, long after it was replaced.
  'reschedule-chain.json': ['scheduled', 'rescheduled', 'rescheduled', 'no_show'],
  'reschedule-of-opt-in-event.newer.json': ['requested', 'scheduled'],
  'reschedule-of-opt-in-event.older.json': ['requested', 'scheduled'],
  'seats.json': ['scheduled', 'scheduled', 'canceled', 'rescheduled', 'rescheduled'],
};

const deliveriesOf = (file: unknown): readonly unknown[] => (file as { deliveries?: unknown[] }).deliveries ?? [file];

describe('the vendor reference samples', () => {
  it('are all read as what they are documented to be', () => {
    const files = referenceFiles('webhooks');
    if (files === null) return;
    expect(Object.fromEntries([...files].map(([name, body]) => [name, summary(read(body))]))).toEqual(DOCUMENTED);
  });

  it('are all read as what they were derived to be', () => {
    const files = referenceFiles('derived');
    if (files === null) return;
    const bodies = [...files].filter(([name]) => name !== 'signature-vectors.json');
    expect(
      Object.fromEntries(bodies.map(([name, file]) => [name, deliveriesOf(file).map((body) => summary(read(body)))])),
    ).toEqual(DERIVED);
  });

  const derivedEvents = (file: string) =>
    deliveriesOf(referenceFiles('derived')?.get(file) ?? { deliveries: [] }).flatMap((body) => {
      const result = read(body);
      return result.kind === 'events' ? result.events : [];
    });

  it('give two subscriptions the same meaning', () => {
    const twice = derivedEvents('duplicate-via-two-subscriptions.json').map((event) => event.meaning);
    expect(new Set(twice).size).toBe(Math.min(twice.length, 1));
  });

  it('say of every seat whose it is, and of a whole slot that it is everybody', () => {
    if (referenceFiles('derived') === null) return;
    const seats = derivedEvents('seats.json').map(({ type, uid, predecessorUid, seat, guest, iCalUid }) => ({
      type,
      uid,
      predecessorUid,
      seat: seat && seat.id,
      guest: guest?.email ?? null,
      iCalUid,
    }));
    const [shared, other] = ['bookS4444444444444444', 'bookT5555555555555555'];
    const [one, two] = ['seat.one@example.com', 'seat.two@example.com'];
    const second = '22222222-bbbb-4bbb-8bbb-222222222222';
    const plain = { predecessorUid: null, iCalUid: null, uid: shared };
    expect(seats).toEqual([
      { ...plain, type: 'scheduled', seat: '11111111-aaaa-4aaa-8aaa-111111111111', guest: one },
      { ...plain, type: 'scheduled', seat: second, guest: two },
      { ...plain, type: 'canceled', seat: null, guest: one },
      { ...plain, type: 'rescheduled', uid: other, predecessorUid: shared, seat: second, guest: two },
      { ...plain, type: 'rescheduled', seat: null, guest: null },
    ]);
  });

  it('say of a series that its cancellation may mean all of it, and that its bookings mean one each', () => {
    if (referenceFiles('derived') === null) return;
    const series = derivedEvents('recurring.json').map((event) => [event.type, event.series]);
    expect(series).toEqual([
      ['scheduled', false],
      ['scheduled', false],
      ['scheduled', false],
      ['canceled', true],
    ]);
  });

  it('link both generations of an opt-in reschedule, the newer one by its calendar id only', () => {
    if (referenceFiles('derived') === null) return;
    const links = (file: string) => derivedEvents(file).map((event) => [event.predecessorUid, event.iCalUid]);
    const [first, calendar] = ['bookA1111111111111111', 'bookA1111111111111111@Cal.com'];
    expect(links('reschedule-of-opt-in-event.older.json')[0]).toEqual([first, calendar]);
    expect(links('reschedule-of-opt-in-event.newer.json')).toEqual([
      [null, calendar],
      [null, calendar],
    ]);
  });

  it('name each hop of a chain, and no hop names itself', () => {
    const hops = derivedEvents('reschedule-chain.json').filter((event) => event.slot !== null);
    const links = hops.map((event) => [event.uid, event.predecessorUid]);
    links.forEach(([, predecessor], hop) => expect(predecessor).toBe(links[hop - 1]?.[0] ?? null));
    for (const event of derivedEvents('seats.json')) expect(event.predecessorUid).not.toBe(event.uid);
  });

  it('read the flat and the wrapped end of one meeting as the same event', () => {
    const flat = referenceFiles('webhooks')?.get('MEETING_ENDED.flat.json');
    const wrapped = referenceFiles('derived')?.get('MEETING_ENDED.wrapped.json');
    if (flat === undefined || wrapped === undefined) return;
    expect(read(wrapped)).toEqual(read(flat));
  });
});
