/**
 * Zone arithmetic for the whole application, with zone data of its own: the IANA database as moment-timezone packs it.
 * Invariant: no offset comes from the runtime, whose data may be years old; an unknown zone counts as UTC, and nothing throws.
 */
import packed from 'moment-timezone/data/packed/latest.json';
import type { LocalClock, LocalTime, WallClock, WallTimes } from '../domain/wall-clock';

/** Release of the IANA database, such as "2026f". Its changes are packed up to the year 2499; from the last on, its offset holds. */
export const zoneDataVersion: string = packed.version;

/** Names of all zones of their own. Their aliases (`US/Pacific`, `Asia/Calcutta`) are known as well and follow them. */
export const zoneNames: readonly string[] = packed.zones.map((text) => text.slice(0, text.indexOf('|')));

/** The periods of a zone, earliest first, each with its end, an instant that belongs to the next. The last has none. */
interface ZoneData {
  readonly untilsMs: readonly number[];
  /** One digit a period: which of the offsets, and which of the abbreviations. */
  readonly kinds: string;
  readonly offsetsMs: readonly number[];
  readonly abbreviations: readonly string[];
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** By lower-case name; aliases have the text of their zone. */
const packedByName = new Map<string, string>();
for (const [index, text] of packed.zones.entries()) packedByName.set((zoneNames[index] ?? '').toLowerCase(), text);
for (const link of packed.links) {
  const [target = '', alias = ''] = link.toLowerCase().split('|');
  const text = packedByName.get(target);
  if (text !== undefined) packedByName.set(alias, text);
}

/** Unpacked at first use; keys are packed texts, so it cannot outgrow the data. */
const unpacked = new Map<string, ZoneData>();
const UTC: ZoneData = { untilsMs: [Infinity], kinds: '0', offsetsMs: [0], abbreviations: ['UTC'] };

/** Is it the name of a zone or an alias of one? Letters' case does not matter, as with the runtime's own zones. */
export function isZone(name: string): boolean {
  return packedByName.has(name.toLowerCase());
}

/** Wall time minus UTC at an instant, ms: negative west of Greenwich. 0 for an unknown zone. */
export function offsetAt(atMs: number, zone: string): number {
  const data = zoneData(zone);
  return offsetOf(data, periodAt(data, atMs));
}

/** The instants after `fromMs` and before `toMs` from which the zone has another offset. */
export function offsetChangesBetween(fromMs: number, toMs: number, zone: string): number[] {
  const data = zoneData(zone);
  return data.untilsMs.filter(
    (atMs, period) => atMs > fromMs && atMs < toMs && offsetOf(data, period) !== offsetOf(data, period + 1),
  );
}

/** What calendar and clock show there. An unknown zone counts as UTC. */
export function localTime(atMs: number, zone: string): LocalTime {
  const data = zoneData(zone);
  const period = periodAt(data, atMs);
  const offsetMs = offsetOf(data, period);
  const wall = new Date(atMs + offsetMs);
  return {
    zone: data === UTC ? 'UTC' : zone,
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    hour: wall.getUTCHours(),
    minute: wall.getUTCMinutes(),
    second: wall.getUTCSeconds(),
    offsetMs,
    abbreviation: nameOf(data.abbreviations[kindOf(data, period)] ?? 'UTC', offsetMs),
  };
}

export const wallClock: WallClock & LocalClock & WallTimes = {
  plusDays: (atMs, zone, days) => {
    const data = zoneData(zone);
    return firstAtWall(data, atMs + offsetOf(data, periodAt(data, atMs)) + days * DAY_MS);
  },
  localTime,
  instantAtWall,
};

/**
 * The instant at which clocks there show this wall time, given as if it were UTC. A time that the zone skips is moved later by the
 * length of the gap; one that comes twice means the first. An unknown zone counts as UTC.
 */
export function instantAtWall(wallMs: number, zone: string): number {
  return firstAtWall(zoneData(zone), wallMs);
}

/** The first instant at which clocks show `wallMs` (as if it were UTC); in a gap, that much later as the gap is long. */
function firstAtWall(data: ZoneData, wallMs: number): number {
  const { untilsMs } = data;
  // No zone was ever a day away from UTC, so earlier periods cannot show it.
  let period = periodAt(data, wallMs - DAY_MS);
  while (period < untilsMs.length - 1 && wallMs - offsetOf(data, period) >= (untilsMs[period] ?? Infinity)) period += 1;
  const atMs = wallMs - offsetOf(data, period);
  const isInGap = atMs < (untilsMs[period - 1] ?? -Infinity);
  return isInGap ? wallMs - offsetOf(data, period - 1) : atMs;
}

/** Index of the period that holds the instant, by halving. */
function periodAt({ untilsMs }: ZoneData, atMs: number): number {
  let low = 0;
  let high = untilsMs.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (atMs < (untilsMs[middle] ?? Infinity)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function offsetOf(data: ZoneData, period: number): number {
  return data.offsetsMs[kindOf(data, period)] ?? 0;
}

function kindOf({ kinds }: ZoneData, period: number): number {
  return digitOf(kinds.charCodeAt(period));
}

/** "MST" as it is; the database's own "+0545" is no word for people. */
function nameOf(abbreviation: string, offsetMs: number): string {
  if (!/^[+-]/.test(abbreviation)) return abbreviation;
  if (offsetMs === 0) return 'GMT';
  const minutes = Math.abs(offsetMs) / MINUTE_MS;
  const clock = `${Math.floor(minutes / 60)}${minutes % 60 === 0 ? '' : `:${String(minutes % 60).padStart(2, '0')}`}`;
  return `GMT${offsetMs < 0 ? '-' : '+'}${clock}`;
}

// ---------------------------------------------------------------- the packed format

function zoneData(name: string): ZoneData {
  const text = packedByName.get(name.toLowerCase());
  if (text === undefined) return UTC;
  let data = unpacked.get(text);
  if (data === undefined) {
    data = unpack(text);
    unpacked.set(text, data);
  }
  return data;
}

/**
 * `name|abbreviations|offsets|periods|ends|population`: the first two lists are referred to by the digits of `periods`, offsets are
 * minutes west, and each end is minutes after the one before (https://momentjs.com/timezone/docs/, "Packed Format").
 */
function unpack(text: string): ZoneData {
  const [, names = '', west = '', kinds = '', ends = ''] = text.split('|');
  let endMs = 0;
  const untilsMs = ends === '' ? [] : ends.split(' ').map((minutes) => (endMs += minutesToMs(minutes)));
  return {
    untilsMs: [...untilsMs.slice(0, kinds.length - 1), Infinity],
    kinds,
    offsetsMs: west.split(' ').map((minutes) => 0 - minutesToMs(minutes)),
    abbreviations: names.split(' '),
  };
}

/** Whole seconds, as the database has them. */
function minutesToMs(base60: string): number {
  return Math.round(fromBase60(base60) * 60) * SECOND_MS;
}

const CODE_0 = '0'.charCodeAt(0);
const CODE_a = 'a'.charCodeAt(0);
const CODE_A = 'A'.charCodeAt(0);

/** 0-9, a-z, A-X: a digit of 60. */
function digitOf(code: number): number {
  return code >= CODE_a ? code - CODE_a + 10 : code >= CODE_A ? code - CODE_A + 36 : code - CODE_0;
}

/** "-3tofL.w": digits of 60, with a sign and a fraction. By character codes, because there are 120,000 of them. */
function fromBase60(text: string): number {
  const isNegative = text.startsWith('-');
  let value = 0;
  let place = 0;
  for (let index = isNegative ? 1 : 0; index < text.length; index += 1) {
    if (text[index] === '.') place = 1;
    else if (place === 0) value = value * 60 + digitOf(text.charCodeAt(index));
    else value += digitOf(text.charCodeAt(index)) / (place *= 60);
  }
  return isNegative ? -value : value;
}
