/**
 * The start-up probe: what it finds when the runtime's zone data says otherwise, whatever data this runtime has.
 */
import { warnOfZoneDifferences, zoneDataDifferences, type ZoneDifference } from '../../config/zone-probe';
import { offsetAt, zoneDataVersion } from '../../config/zones';

const FROM = Date.UTC(2027, 0, 1);
const TO = Date.UTC(2029, 0, 1);
const HOUR = 3_600_000;

afterEach(() => jest.restoreAllMocks());

/** A runtime that believes `zone` to follow the clocks of `other`; null: that does not know it. */
function runtimeThatMistakes(zone: string, other: string | null): void {
  const Real = Intl.DateTimeFormat;
  const mistaken = (locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Real(locale, { ...options, timeZone: options.timeZone === zone ? (other ?? 'No/Such') : options.timeZone });
  jest.spyOn(Intl, 'DateTimeFormat').mockImplementation(mistaken as typeof Intl.DateTimeFormat);
}

const about = (found: readonly ZoneDifference[], zone: string) =>
  found.filter((difference) => difference.zone === zone);

test('a rule that only the runtime has is found at the minute from which it holds', async () => {
  runtimeThatMistakes('America/Phoenix', 'America/Denver');
  expect(about(await zoneDataDifferences(FROM, TO), 'America/Phoenix')).toEqual([
    {
      zone: 'America/Phoenix',
      fromMs: Date.parse('2027-03-14T09:00:00Z'),
      offsetMs: -7 * HOUR,
      runtimeOffsetMs: -6 * HOUR,
    },
  ]);
});

test('a rule that only the application has is found as well', async () => {
  runtimeThatMistakes('America/Denver', 'America/Phoenix');
  expect(about(await zoneDataDifferences(FROM, TO), 'America/Denver')).toEqual([
    {
      zone: 'America/Denver',
      fromMs: Date.parse('2027-03-14T09:00:00Z'),
      offsetMs: -6 * HOUR,
      runtimeOffsetMs: -7 * HOUR,
    },
  ]);
});

test('a change of both on another day of the same autumn is found', async () => {
  // One turns its clocks back on a Saturday, the other on the Sunday after it.
  runtimeThatMistakes('Asia/Gaza', 'Asia/Jerusalem');
  const [difference] = about(await zoneDataDifferences(Date.UTC(2027, 4, 1), TO), 'Asia/Gaza');
  expect(new Date(difference?.fromMs ?? NaN)).toEqual(new Date('2027-10-29T23:00:00Z'));
});

test('a zone that the runtime does not know is one of them', async () => {
  runtimeThatMistakes('Asia/Tokyo', null);
  expect(about(await zoneDataDifferences(FROM, TO), 'Asia/Tokyo')).toEqual([
    { zone: 'Asia/Tokyo', fromMs: FROM, offsetMs: 9 * HOUR, runtimeOffsetMs: NaN },
  ]);
});

test('what differs on this very runtime is found at its first minute', async () => {
  const found = await zoneDataDifferences(Date.UTC(2026, 0, 1), TO);
  for (const { zone, fromMs, offsetMs, runtimeOffsetMs } of found) {
    expect(offsetAt(fromMs, zone)).toBe(offsetMs);
    expect(runtimeOffsetMs).not.toBe(offsetMs);
  }
  const text = found.map(({ zone, fromMs }) => `${zone} from ${new Date(fromMs).toISOString()}`).join(', ');
  process.stdout.write(`zone data ${zoneDataVersion} and the runtime's ${process.versions.tz}: ${text || 'equal'}\n`);
  const isOfNode20 = process.versions.tz === '2025c' && zoneDataVersion === '2026f';
  expect(about(found, 'America/Vancouver')).toEqual(
    isOfNode20
      ? [
          {
            zone: 'America/Vancouver',
            fromMs: Date.parse('2026-11-01T09:00:00Z'),
            offsetMs: -7 * HOUR,
            runtimeOffsetMs: -8 * HOUR,
          },
        ]
      : about(found, 'America/Vancouver'),
  );
});

test('one warning says how many differ, and names a few', async () => {
  runtimeThatMistakes('America/Phoenix', 'Asia/Tokyo');
  const lines: [Readonly<Record<string, unknown>>, string][] = [];
  await warnOfZoneDifferences({ warn: (fields, message) => void lines.push([fields, message]) });
  expect(lines).toEqual([
    [
      {
        zoneData: zoneDataVersion,
        runtimeZoneData: process.versions.tz,
        zones: expect.any(Number),
        examples: expect.arrayContaining([
          expect.objectContaining({ zone: 'America/Phoenix', offsetMinutes: -420, runtimeOffsetMinutes: 540 }),
        ]),
      },
      expect.stringMatching(/zone data differs/),
    ],
  ]);
});

test('it lets other work have its turn', async () => {
  let turns = 0;
  const turn = setInterval(() => (turns += 1), 1);
  await zoneDataDifferences(FROM, TO);
  clearInterval(turn);
  expect(turns).toBeGreaterThan(3);
});
