import fc from 'fast-check';
import { CAL_TRIGGERS, readDelivery } from '../../../integrations/calcom/events';
import { READ_HEADERS, type ReadDelivery } from '../../../integrations/ports';
import { fixtureBytes, fixtureNames } from './fixtures';
import { attendee, readBody, row, seated } from './rows';

const SEED = 20270316;
const RUNS = 2000;

/** Holds for whatever was read: plain JSON with well-formed text, usable ids, and reasons of one short line. */
function expectSound(result: ReadDelivery): void {
  const text = JSON.stringify(result);
  expect(JSON.parse(text)).toEqual(result);
  expect(text).not.toMatch(/\\u0000|\\ud[89a-f]/i);
  if (result.kind !== 'events') {
    expect(result.reason).toMatch(/^[ -~]{1,200}$/);
    return;
  }
  for (const event of result.events) {
    expect(Buffer.byteLength(event.uid)).toBeLessThanOrEqual(255);
    expect(() => encodeURIComponent(event.uid)).not.toThrow();
    expect(event.predecessorUid).not.toBe(event.uid);
    if (event.slot) expect(event.slot.endMs).toBeGreaterThan(event.slot.startMs);
  }
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '\u0000',
    '\ud800',
    'x\udc00',
    '__proto__',
    'integrations:x',
    '+13035550120',
    '2027-03-16T16:00:00Z',
    'a@b.c',
  ),
);
const anyJson = fc.oneof(fc.jsonValue({ stringUnit: 'binary' }), anyText, fc.constantFrom(null, -0, 1e308, [], {}));

/** A fixture in which some values, at any depth, became something else. */
const mutatedFixture = fc
  .record({
    name: fc.constantFrom(...fixtureNames()),
    changes: fc.array(fc.record({ at: fc.nat(), value: anyJson }), { minLength: 1, maxLength: 4 }),
  })
  .map(({ name, changes }) => changes.reduce(mutated, JSON.parse(fixtureBytes(name).toString()) as unknown));

/** Rows of the API in which some values, at any depth, became something else. */
const READS = [
  row(),
  row({ attendees: [seated('Ann'), seated('Bob', { absent: true })] }),
  row({ attendees: [attendee({ absent: true })] }),
];
const mutatedRead = fc
  .record({
    payload: fc.constantFrom(...READS),
    changes: fc.array(fc.record({ at: fc.nat(), value: anyJson }), { minLength: 1, maxLength: 3 }),
  })
  .map(({ payload, changes }) =>
    changes.reduce(mutated, JSON.parse(readBody(payload, '2027-03-16T18:00:00Z').toString()) as unknown),
  );

function mutated(body: unknown, change: { readonly at: number; readonly value: unknown }): unknown {
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const collect = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push({ holder: node as Record<string, unknown>, key });
      collect((node as Record<string, unknown>)[key]);
    }
  };
  collect(body);
  const place = places[change.at % places.length];
  if (place !== undefined && place.key !== 'triggerEvent') place.holder[place.key] = change.value;
  return body;
}

const seen = { events: 0, ignored: 0, unreadable: 0 };
const check = (bytes: Buffer, headers: Record<string, string> = {}): void => {
  const result = readDelivery(bytes, headers);
  seen[result.kind] += 1;
  expectSound(result);
};

describe(`reading anything at all (seed ${SEED}, ${RUNS} runs each)`, () => {
  it('never throws for arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => check(Buffer.from(bytes))),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('never throws for arbitrary JSON under a known trigger', () => {
    const body = fc.record({ triggerEvent: fc.constantFrom(...CAL_TRIGGERS), payload: anyJson, createdAt: anyJson });
    fc.assert(
      fc.property(body, fc.dictionary(anyText, anyText), (value, headers) =>
        check(Buffer.from(JSON.stringify(value)), headers),
      ),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('never throws for real bodies with some values replaced', () => {
    fc.assert(
      fc.property(mutatedFixture, (value) => check(Buffer.from(JSON.stringify(value)))),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('never throws for reads of the API with some values replaced', () => {
    fc.assert(
      fc.property(mutatedRead, (value) => check(Buffer.from(JSON.stringify(value)), { ...READ_HEADERS })),
      { seed: SEED, numRuns: RUNS / 4 },
    );
  });

  it('met all three kinds of answer often enough to mean something', () => {
    process.stdout.write(`Generated deliveries were read as ${JSON.stringify(seen)}.\n`);
    for (const kind of ['events', 'ignored', 'unreadable'] as const) expect(seen[kind]).toBeGreaterThan(100);
  });
});
