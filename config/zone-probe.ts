/**
 * Compares the application's zone data with the runtime's, once at start-up, and says where they differ.
 * Invariant: only tells. The application's data is used in any case; what else runs on this machine may disagree with it.
 */
import { setImmediate } from 'node:timers/promises';
import { offsetAt, offsetChangesBetween, zoneDataVersion, zoneNames } from './zones';

export interface ZoneDifference {
  readonly zone: string;
  /** The first instant of the span at which the two disagree, to the minute. */
  readonly fromMs: number;
  readonly offsetMs: number;
  readonly runtimeOffsetMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Between the changes that the application knows: finds those that only the runtime knows, if they hold for four weeks. */
const STRIDE_MS = 28 * DAY_MS;
/** A formatter costs a quarter of a millisecond: other work gets its turn after so many. */
const ZONES_AT_ONCE = 16;

/** Every zone whose offset differs somewhere between two instants. Aliases follow their zones and are not listed. */
export async function zoneDataDifferences(fromMs: number, toMs: number): Promise<ZoneDifference[]> {
  const found: ZoneDifference[] = [];
  for (const [index, zone] of zoneNames.entries()) {
    if (index % ZONES_AT_ONCE === ZONES_AT_ONCE - 1) await setImmediate();
    const difference = firstDifference({ zone, fromMs, toMs });
    if (difference !== null) found.push(difference);
  }
  return found;
}

function firstDifference(of: { zone: string; fromMs: number; toMs: number }): ZoneDifference | null {
  const { zone } = of;
  const differsAt = comparison(zone);
  let equalAtMs: number | null = null;
  for (const sampleMs of samples(of)) {
    if (differsAt(sampleMs)) {
      const fromMs = equalAtMs === null ? sampleMs : firstMinuteWhere(differsAt, equalAtMs, sampleMs);
      return { zone, fromMs, offsetMs: offsetAt(fromMs, zone), runtimeOffsetMs: runtimeOffsetAt(fromMs, zone) };
    }
    equalAtMs = sampleMs;
  }
  return null;
}

/** Compares what the two clocks show: building the shortest text is several times faster than asking the runtime for an offset. */
function comparison(zone: string): (atMs: number) => boolean {
  const format = formatter(zone, { hourCycle: 'h23', day: '2-digit', hour: '2-digit', minute: '2-digit' });
  return (atMs) => {
    const wall = new Date(atMs + offsetAt(atMs, zone)).toISOString();
    return format?.format(atMs) !== `${wall.slice(8, 10)}, ${wall.slice(11, 16)}`;
  };
}

/** In steps, and on both sides of every change that the application knows. */
function samples(of: { zone: string; fromMs: number; toMs: number }): number[] {
  const { zone, fromMs, toMs } = of;
  const steps = Array.from({ length: Math.ceil((toMs - fromMs) / STRIDE_MS) }, (_, nth) => fromMs + nth * STRIDE_MS);
  const sides = offsetChangesBetween(fromMs, toMs, zone).flatMap((atMs) => [atMs - MINUTE_MS, atMs]);
  return [...steps, ...sides, toMs].sort((a, b) => a - b);
}

/** It is so at `yesMs` and not at `noMs`, which is earlier, and became so once in between. */
function firstMinuteWhere(isSo: (atMs: number) => boolean, noMs: number, yesMs: number): number {
  let [low, high] = [Math.floor(noMs / MINUTE_MS), Math.ceil(yesMs / MINUTE_MS)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isSo(middle * MINUTE_MS)) high = middle;
    else low = middle;
  }
  return high * MINUTE_MS;
}

/** The runtime's wall time minus UTC, ms; NaN where it does not know the zone at all. */
function runtimeOffsetAt(atMs: number, zone: string): number {
  const text = formatter(zone, { timeZoneName: 'longOffset' })?.format(atMs) ?? '';
  const [found, sign, hours = 0, minutes = 0] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(text) ?? [];
  const ms = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  return found === undefined ? NaN : sign === '-' ? -ms : ms;
}

function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: zone });
  } catch {
    return null;
  }
}

const EXAMPLES = 5;
const LOOK_AHEAD_MS = 731 * DAY_MS;
/** The comparison takes a processor half a second, which a process that is starting has better uses for. */
const AFTER_START_MS = 15_000;

interface ZoneLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** `warnOfZoneDifferences` once the process has started; one that ends earlier is not kept from it. */
export function warnOfZoneDifferencesSoon(log: ZoneLog): void {
  setTimeout(() => void warnOfZoneDifferences(log), AFTER_START_MS).unref();
}

/** Writes one warning when the runtime disagrees about the next two years: how many zones, since when, and a few of them. */
export async function warnOfZoneDifferences(log: ZoneLog): Promise<void> {
  const nowMs = Date.now();
  const differences = await zoneDataDifferences(nowMs, nowMs + LOOK_AHEAD_MS);
  if (differences.length === 0) return;
  const soonest = [...differences].sort((a, b) => a.fromMs - b.fromMs).slice(0, EXAMPLES);
  log.warn(
    {
      zoneData: zoneDataVersion,
      runtimeZoneData: process.versions.tz ?? 'unknown',
      zones: differences.length,
      examples: soonest.map(({ zone, fromMs, offsetMs, runtimeOffsetMs }) => ({
        zone,
        from: new Date(fromMs).toISOString(),
        offsetMinutes: offsetMs / MINUTE_MS,
        runtimeOffsetMinutes: runtimeOffsetMs / MINUTE_MS,
      })),
    },
    "the runtime's zone data differs from the application's, which is used; other programs on this machine may show other times",
  );
}
