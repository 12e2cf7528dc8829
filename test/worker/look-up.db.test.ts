/**
 * What a delivery leaves out is asked of the source: missing predecessors, what a mark amounts to, the rest of a series.
 */
import { SourceError, type SourceApi, type SourceEvent, type SourceRead } from '../../integrations/ports';
import { createLookUps } from '../../worker/look-up';
import { slotAt, START } from '../support/facts';
import { aPlacingWorld, anEvent, plainSource, SOURCE, type PlacingWorld } from './placing-world';

let world: PlacingWorld;
let asked: string[];
let warned: unknown[];
beforeAll(async () => {
  world = await aPlacingWorld();
});
beforeEach(() => {
  asked = [];
  warned = [];
});

interface Shown {
  readonly predecessorUid?: string;
  readonly events?: readonly SourceEvent[];
}

/** A source that shows these appointments, and no others. */
function showing(shown: Readonly<Record<string, Shown | Error>>, series: readonly string[] = []): SourceApi {
  const read = (uid: string): SourceRead | null => {
    const found = shown[uid];
    if (found instanceof Error) throw found;
    if (!found) return null;
    const body = Buffer.from(JSON.stringify({ events: found.events ?? [] }));
    const { predecessorUid = null } = found;
    return { uid, predecessorUid, changedAtMs: null, readAtMs: START, contentHash: body.toString('base64'), body };
  };
  const none = (): Promise<never> => Promise.reject(new Error('not part of this test'));
  return {
    readBooking: async (uid) => {
      asked.push(uid);
      return Promise.resolve().then(() => read(uid));
    },
    listSeries: async (uid) => {
      asked.push(`series of ${uid}`);
      return Promise.resolve().then(() => series.flatMap((each) => read(each) ?? []));
    },
    listChanged: none,
    listEnded: none,
    markAbsent: none,
    cancel: none,
    reschedule: none,
    checkSubscription: none,
    mendSubscription: none,
  };
}

/** All events are placed in one batch, one delivery each. */
async function hear(api: SourceApi | null, ...events: SourceEvent[]) {
  const log = { info: () => undefined, error: () => undefined, warn: (fields: unknown) => void warned.push(fields) };
  const lookUp = createLookUps({ pool: world.database.pool, sourceApi: () => api, log }, plainSource, SOURCE);
  await world.store(events.map((event) => ({ events: [event] })));
  return world.placeAll({ lookUp });
}

async function onlyBookingOf(...uids: string[]): Promise<string> {
  const ids = new Set((await Promise.all(uids.map((uid) => world.bookingsOf(uid)))).flat());
  expect({ uids, bookings: [...ids] }).toEqual({ uids, bookings: [expect.any(String)] });
  return [...ids][0]!;
}

describe('a predecessor that nobody here knows', () => {
  it('is followed back to a uid that is known', async () => {
    await world.hear(anEvent('scheduled', 'a1'));
    const api = showing({ a4: {}, a3: { predecessorUid: 'a2' }, a2: { predecessorUid: 'a1' } });
    await hear(api, anEvent('rescheduled', 'a4', { predecessorUid: 'a3' }));
    const id = await onlyBookingOf('a1', 'a2', 'a3', 'a4');
    expect(asked).toEqual(['a3', 'a2']);
    expect((await world.pictureOf(id)).chain).toEqual(['a1', 'a2', 'a3', 'a4']);
  });

  it('is followed to the beginning where nothing is known, and joins what is heard later', async () => {
    const api = showing({ b3: { predecessorUid: 'b2' }, b2: { predecessorUid: 'b1' }, b1: {} });
    await hear(api, anEvent('rescheduled', 'b4', { predecessorUid: 'b3' }));
    await world.hear(anEvent('scheduled', 'b1'));
    await onlyBookingOf('b1', 'b2', 'b3', 'b4');
  });

  it('is followed ten steps and no further, and never in a circle', async () => {
    const long = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [`c${n}`, { predecessorUid: `c${n - 1}` }] as const),
    );
    await hear(showing(long), anEvent('rescheduled', 'c29', { predecessorUid: 'c28' }));
    expect(asked).toHaveLength(10);
    asked = [];
    const circle = { d1: { predecessorUid: 'd2' }, d2: { predecessorUid: 'd1' } };
    await hear(showing(circle), anEvent('rescheduled', 'd3', { predecessorUid: 'd2' }));
    expect(asked).toEqual(['d2', 'd1']);
    await onlyBookingOf('d1', 'd2', 'd3');
  });

  it('has its uid in the chain even where the source does not answer, or is not configured', async () => {
    await hear(showing({}), anEvent('rescheduled', 'e2', { predecessorUid: 'e1' }));
    expect((await world.pictureOf(await onlyBookingOf('e1', 'e2'))).chain).toEqual(['e1', 'e2']);
    await hear(null, anEvent('rescheduled', 'e4', { predecessorUid: 'e3' }));
    await onlyBookingOf('e3', 'e4');
  });

  it('is not asked for when it is known, and neither is an ordinary first booking', async () => {
    await hear(
      showing({}),
      anEvent('scheduled', 'f1', { sequence: 0 }),
      anEvent('rescheduled', 'f2', { predecessorUid: 'f1' }),
    );
    expect(asked).toEqual([]);
  });
});

describe('an event that names no predecessor although it may have one', () => {
  it.each([
    ['a request', anEvent('requested', 'g2', { sequence: 0 })],
    ['a later version', anEvent('scheduled', 'h2', { sequence: 1 })],
    ['the end of its slot', anEvent('ended', 'end2')],
  ])('is looked up: %s', async (_what, event) => {
    const [first, second] = [event.uid.replace('2', '1'), event.uid];
    await world.hear(anEvent('scheduled', first));
    await hear(showing({ [second]: { predecessorUid: first } }), event);
    await onlyBookingOf(first, second);
    expect(asked).toEqual([second]);
  });

  it('is not looked up when its calendar id tells', async () => {
    await world.hear(anEvent('scheduled', 'i1', { iCalUid: 'K', sequence: 0 }));
    await hear(showing({}), anEvent('requested', 'i2', { iCalUid: 'K', sequence: 1 }));
    await onlyBookingOf('i1', 'i2');
    expect(asked).toEqual([]);
  });
});

describe('a mark that was pushed', () => {
  const about = 'guest@example.com';
  const shown = (type: 'no_show' | 'no_show_reverted', uid: string): Shown => ({
    events: [
      anEvent('no_show', uid, { about: 'friend@example.com', readAtMs: START, meaning: `${uid} friend` }),
      anEvent(type, uid, { about, readAtMs: START, meaning: `${uid} ${type} as read` }),
    ],
  });
  const marksOf = async (uid: string) =>
    (await world.factsOf(await onlyBookingOf(uid))).map(({ type, readAtMs, aboutPersonId }) => ({
      type,
      readAtMs,
      aboutPersonId,
    }));

  it('is what the source shows of that attendee, at the instant of the read', async () => {
    await hear(showing({ j1: shown('no_show_reverted', 'j1') }), anEvent('no_show', 'j1', { about }));
    expect(await marksOf('j1')).toEqual([
      { type: 'no_show_reverted', readAtMs: START, aboutPersonId: expect.any(String) },
    ]);
  });

  it('shares one read with the other marks of its uid that had arrived by then', async () => {
    const marks = [anEvent('no_show', 'k1', { about }), anEvent('no_show_reverted', 'k1', { about })];
    await hear(showing({ k1: shown('no_show', 'k1') }), ...marks, anEvent('no_show', 'k1', { about }));
    expect(asked).toEqual(['k1']);
    expect(await marksOf('k1')).toMatchObject([{ type: 'no_show', readAtMs: START }]);
    await hear(showing({ k1: shown('no_show_reverted', 'k1') }), anEvent('no_show_reverted', 'k1', { about }));
    expect(asked).toEqual(['k1', 'k1']);
  });

  it('stays as it was pushed where the source shows nothing of that attendee, or fails', async () => {
    const stranger = anEvent('no_show', 'l1', { about: 'stranger@example.com' });
    await hear(showing({ l1: shown('no_show', 'l1') }), stranger);
    expect(await marksOf('l1')).toMatchObject([{ type: 'no_show', readAtMs: null }]);
    const failing = showing({ m1: new SourceError('unavailable', 'readBooking: no answer') });
    await hear(failing, anEvent('no_show', 'm1', { about }));
    expect(await marksOf('m1')).toMatchObject([{ type: 'no_show', readAtMs: null }]);
    expect(warned).toEqual([{ connection: SOURCE, error: 'unavailable' }]);
  });
});

describe('trouble of the source', () => {
  it('is met once: the rest of the backlog is placed without asking again', async () => {
    const failing = showing({ n0: new SourceError('unavailable', 'no'), p0: new Error('Unexpected') });
    const events = ['n', 'o', 'p'].map((name) => anEvent('rescheduled', `${name}1`, { predecessorUid: `${name}0` }));
    const placed = await hear(failing, ...events);
    expect(placed).toHaveLength(3);
    expect(asked).toEqual(['n0']);
  });
});

describe('an event that may mean a whole series', () => {
  const occurrence = (uid: string): Shown => ({
    events: [anEvent('canceled', uid, { readAtMs: START, meaning: `${uid} read` })],
  });
  const series = (name: string) => Object.fromEntries([1, 2, 3].map((n) => [`${name}${n}`, occurrence(`${name}${n}`)]));

  it('has every occurrence read and placed like a delivery of its own, labelled as a look-up', async () => {
    for (const uid of ['q1', 'q2', 'q3']) await world.hear(anEvent('scheduled', uid, { slot: slotAt(START) }));
    const api = showing(series('q'), ['q1', 'q2', 'q3']);
    await hear(api, anEvent('canceled', 'q1', { series: true }));
    expect(asked).toEqual(['series of q1']);
    for (const uid of ['q1', 'q2', 'q3']) {
      expect((await world.pictureOf(await onlyBookingOf(uid))).status).toBe('canceled');
    }
    const { rows } = await world.database.pool.query(`SELECT count(*)::int AS n FROM delivery WHERE origin = 'lookup'`);
    expect(rows).toEqual([{ n: 3 }]);
  });

  it('is read again for a confirmation only where it had been requested', async () => {
    const api = showing(series('s'), ['s1']);
    await hear(api, anEvent('scheduled', 's1', { series: true, sequence: 0 }));
    expect(asked).toEqual([]);
    await world.hear(anEvent('requested', 't1', { sequence: 0 }));
    await hear(showing(series('t'), ['t1']), anEvent('scheduled', 't1', { series: true, sequence: 0 }));
    expect(asked).toEqual(['series of t1']);
  });
});
