/**
 * A source of bookings in memory: its API, and how its reads are read. It behaves as Cal.com does where that matters: a move makes
 * a new appointment, what was called off can not be moved or canceled again, attendance is known only from the start.
 * Invariant: it keeps a journal of every write that was asked of it; what goes wrong is said beforehand, one call at a time.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  READ_HEADERS,
  SourceError,
  type BookingSource,
  type SourceApi,
  type SourceErrorClass,
  type SourceEvent,
  type SourcePerson,
  type SourceRead,
} from '../../integrations/ports';
import { sourceOf } from '../../integrations/registry';

export interface FakeAppointment {
  readonly uid: string;
  startMs: number;
  state: 'accepted' | 'canceled' | 'moved';
  predecessorUid: string | null;
  /** Lower-case e-mail or phone → whether they are marked. */
  readonly absent: Map<string, boolean>;
  readonly guests: readonly { readonly email: string | null; readonly phone: string | null; seatId: string | null }[];
}

/** The next call of a method fails. `applied`: only the answer is lost. */
export interface FakeFailure {
  readonly on: 'readBooking' | 'listChanged' | 'markAbsent' | 'cancel' | 'reschedule';
  readonly errorClass: SourceErrorClass;
  readonly applied?: boolean;
  readonly retryAfterMs?: number;
}

export interface FakeSource {
  readonly api: SourceApi;
  readonly source: BookingSource;
  readonly appointments: Map<string, FakeAppointment>;
  /** Every write that was asked for, as `cancel A`; failed ones too. */
  readonly writes: string[];
  /** How often the API was read. */
  reads: number;
  book(uid: string, at: { startMs: number; email?: string; phone?: string; seats?: FakeAppointment['guests'] }): void;
  fail(...failures: FakeFailure[]): void;
  /** Every read fails until it is `false`. */
  isAway: boolean;
  /** Called before a write is applied: for what happens between a read and the write that follows. */
  beforeWrite: (() => Promise<void> | void) | null;
  /** Called when a write was applied, before its answer is on the way. */
  afterWrite: ((call: string) => Promise<void> | void) | null;
}

const LENGTH_MS = 30 * 60_000;

/** `now`: the source's clock, epoch ms. */
export function fakeSource(now: () => Promise<number> | number): FakeSource {
  const appointments = new Map<string, FakeAppointment>();
  const failures: FakeFailure[] = [];

  const failing = async <T>(on: FakeFailure['on'], work: () => Promise<T> | T): Promise<T> => {
    if (fake.isAway) throw new SourceError('unavailable', `${on}: the source is away`);
    const index = failures.findIndex((failure) => failure.on === on);
    const failure = index < 0 ? null : failures.splice(index, 1)[0]!;
    if (failure === null) return work();
    if (failure.applied) await work();
    const { errorClass, retryAfterMs } = failure;
    throw new SourceError(errorClass, `${on} failed as planned`, retryAfterMs === undefined ? {} : { retryAfterMs });
  };
  const write = <T>(on: 'markAbsent' | 'cancel' | 'reschedule', uid: string, apply: (it: FakeAppointment) => T) =>
    failing(on, async () => {
      const call = `${on} ${uid}`;
      fake.writes.push(call);
      await fake.beforeWrite?.();
      const found = appointments.get(uid);
      if (!found || found.state !== 'accepted') throw new SourceError('refused', `${on}: it is ${found?.state}`);
      const result = apply(found);
      await fake.afterWrite?.(call);
      return result;
    });
  const all = async (): Promise<SourceRead[]> => {
    const readAtMs = await now();
    return [...appointments.values()].map((one) => readOf(one, readAtMs));
  };

  const api: SourceApi = {
    readBooking: (uid) => {
      fake.reads += 1;
      return failing('readBooking', async () => (await all()).find((read) => read.uid === uid) ?? null);
    },
    listChanged: () => failing('listChanged', all),
    listEnded: () => Promise.resolve([]),
    listSeries: () => Promise.resolve([]),
    markAbsent: async (uid, { email, absent }) => {
      if ((appointments.get(uid)?.startMs ?? 0) > (await now())) throw new SourceError('refused', 'not begun');
      await write('markAbsent', uid, (it) => void it.absent.set(email, absent));
    },
    cancel: (uid) => write('cancel', uid, (it) => void (it.state = 'canceled')),
    reschedule: (uid, { startMs }) =>
      write('reschedule', uid, (it) => {
        it.state = 'moved';
        const next = `${uid}-moved-${randomUUID().slice(0, 8)}`;
        appointments.set(next, {
          ...it,
          uid: next,
          startMs,
          state: 'accepted',
          predecessorUid: uid,
          absent: new Map(),
        });
        return { uid: next };
      }),
    checkSubscription: () => Promise.resolve([]),
    mendSubscription: () => Promise.resolve([]),
  };

  const fake: FakeSource = {
    api,
    appointments,
    writes: [],
    reads: 0,
    isAway: false,
    beforeWrite: null,
    afterWrite: null,
    source: sourceWithReads,
    book: (uid, { startMs, email, phone, seats }) => {
      const own = { email: email ?? null, phone: phone ?? null, seatId: null };
      const guests = seats ?? [own];
      appointments.set(uid, { uid, startMs, guests, state: 'accepted', predecessorUid: null, absent: new Map() });
    },
    fail: (...more) => void failures.push(...more),
  };
  return fake;
}

/** Webhooks as Cal.com sends them; reads as this source makes them. */
const sourceWithReads: BookingSource = {
  ...sourceOf('calcom'),
  read: (rawBody, headers) => {
    if (!Object.keys(READ_HEADERS).every((name) => headers[name] === READ_HEADERS[name])) {
      return sourceOf('calcom').read(rawBody, headers);
    }
    const events = JSON.parse(rawBody.toString('utf8')) as SourceEvent[];
    return events.length > 0
      ? { kind: 'events', trigger: 'READ', events }
      : { kind: 'unreadable', trigger: 'READ', reason: 'nothing in it' };
  },
};

function readOf(it: FakeAppointment, readAtMs: number): SourceRead {
  const { uid, predecessorUid } = it;
  const events = eventsOf(it, readAtMs);
  const content = JSON.stringify([it.state, it.startMs, [...it.absent]]);
  return {
    uid,
    predecessorUid,
    changedAtMs: readAtMs,
    readAtMs,
    contentHash: createHash('sha256').update(content).digest('hex'),
    body: Buffer.from(JSON.stringify(events)),
  };
}

function eventsOf(it: FakeAppointment, readAtMs: number): SourceEvent[] {
  const isShared = it.guests.some((guest) => guest.seatId !== null);
  return it.guests.flatMap((guest): SourceEvent[] => {
    const person = personOf(guest);
    const about = { ...bare(it, readAtMs), seat: isShared ? { id: guest.seatId } : null };
    const slot = { startMs: it.startMs, endMs: it.startMs + LENGTH_MS, zone: 'America/Denver' };
    const life: SourceEvent = { ...about, type: lifeOf(it), slot, guest: person, predecessorUid: it.predecessorUid };
    if (it.state !== 'accepted' || it.startMs > readAtMs) return [life];
    const absent = it.absent.get(guest.email ?? guest.phone ?? '') ?? false;
    return [life, { ...about, type: absent ? 'no_show' : 'no_show_reverted', about: person }];
  });
}

function lifeOf({ state, predecessorUid }: FakeAppointment): SourceEvent['type'] {
  if (state === 'accepted') return predecessorUid === null ? 'scheduled' : 'rescheduled';
  return state === 'moved' ? 'reschedule_requested' : 'canceled';
}

function bare({ uid }: FakeAppointment, readAtMs: number): Omit<SourceEvent, 'type'> {
  return {
    uid,
    predecessorUid: null,
    ancestry: [],
    iCalUid: null,
    slot: null,
    sequence: null,
    guest: null,
    host: null,
    eventType: null,
    details: null,
    seat: null,
    about: null,
    series: false,
    readAtMs,
    meaning: null,
  };
}

function personOf({ email, phone }: { readonly email: string | null; readonly phone: string | null }): SourcePerson {
  return { name: null, firstName: null, lastName: null, email, phone, zone: 'America/Denver', locale: null };
}
