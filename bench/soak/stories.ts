/**
 * The bookings of a soak: what Cal.com sends about each, in which disorder, and what must have become of it.
 * Invariant: everything follows from the seed and the beginning; the oracle is written down before anything is sent.
 */
import { createChances } from '../../local/simulators/chances';
import {
  bookingCancelled,
  bookingCreated,
  bookingRescheduled,
  noShowUpdated,
  toBody,
} from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What must be true of one booking in the end. Plain JSON: it is kept beside the evidence. */
export interface OracleBooking {
  /** The newest uid; any of the chain finds it. */
  readonly uid: string;
  readonly email: string;
  readonly status: 'scheduled' | 'canceled' | 'no_show';
  readonly startMs: number;
  /** Whether the CRMs had a contact before. */
  readonly isKnown: boolean;
  /** Confirmations: none is planned for what was off, or in the past, when it was first heard of. */
  readonly mails: { readonly least: number; readonly most: number };
  /** Its ends may have been two bookings for a while: surplus appointments are canceled, not deleted. */
  readonly mayHaveSurplus: boolean;
}

export interface SoakStory {
  readonly oracle: OracleBooking;
  /** As Cal.com made them, oldest first. */
  readonly bodies: readonly string[];
  /** In the order in which they are sent; indexes of `bodies`, repeated where one is sent twice. */
  readonly sending: readonly number[];
}

export const DISORDER = { duplicated: 0.3, reordered: 0.3 } as const;

type Kind = 'booked' | 'moved' | 'moved twice' | 'canceled' | 'no-show';
/** Most have several deliveries, or there would be little to reorder. */
const KINDS: readonly Kind[] = ['booked', 'moved', 'moved twice', 'canceled', 'no-show'];

/** `beganAtMs`: epoch ms; slots lie in the days after it, those of no-shows just before. */
export function soakStories(count: number, given: { readonly seed: number; readonly beganAtMs: number }): SoakStory[] {
  const chances = createChances(given.seed);
  return Array.from({ length: count }, (_, n) => {
    const story = tell(KINDS[n % KINDS.length] ?? 'booked', n, given);
    return { ...story, sending: disorder(story.bodies.length, () => chances.next()) };
  });
}

function tell(
  kind: Kind,
  n: number,
  { seed, beganAtMs }: { readonly seed: number; readonly beganAtMs: number },
): Omit<SoakStory, 'sending'> {
  const key = `soak-${seed}-${n}`;
  const email = `${key}@example.com`;
  const minute = Math.ceil(beganAtMs / MINUTE_MS) * MINUTE_MS;
  const startMs = kind === 'no-show' ? minute - 45 * MINUTE_MS : minute + (8 + (n % 20)) * DAY_MS + n * MINUTE_MS;
  const first: BookingOptions = { uid: `${key}-a`, startMs, guest: { name: `Soak Guest${n}`, email } };
  const calendar = { iCalUid: `${key}-a@Cal.com` };
  const second = { ...first, ...calendar, uid: `${key}-b`, startMs: startMs + DAY_MS, sequence: 1, previous: first };
  const third = { ...second, uid: `${key}-c`, startMs: startMs + 2 * DAY_MS, sequence: 2, previous: second };
  const oracle = { uid: first.uid, email, startMs, isKnown: n % 2 === 0, mayHaveSurplus: false };
  const once = { least: 1, most: 1 };
  const told = (bodies: readonly Parameters<typeof toBody>[0][]) => bodies.map(toBody);
  switch (kind) {
    case 'booked':
      return { oracle: { ...oracle, status: 'scheduled', mails: once }, bodies: told([bookingCreated(first)]) };
    case 'moved': {
      const moved = { ...oracle, uid: second.uid, startMs: second.startMs, status: 'scheduled' as const };
      return { oracle: { ...moved, mails: once }, bodies: told([bookingCreated(first), bookingRescheduled(second)]) };
    }
    case 'moved twice': {
      const moved = { ...oracle, uid: third.uid, startMs: third.startMs, status: 'scheduled' as const };
      const bodies = told([bookingCreated(first), bookingRescheduled(second), bookingRescheduled(third)]);
      // Until the middle is heard of, its ends are two bookings with a confirmation each.
      return { oracle: { ...moved, mayHaveSurplus: true, mails: { least: 1, most: 2 } }, bodies };
    }
    case 'canceled': {
      const canceled = { ...oracle, status: 'canceled' as const, mails: { least: 0, most: 1 } };
      return { oracle: canceled, bodies: told([bookingCreated(first), bookingCancelled(first)]) };
    }
    case 'no-show': {
      const mark = noShowUpdated({ uid: first.uid, email, noShow: true, createdAtMs: startMs + 40 * MINUTE_MS });
      const absent = { ...oracle, status: 'no_show' as const, mails: { least: 0, most: 0 } };
      return { oracle: absent, bodies: told([bookingCreated(first), mark]) };
    }
  }
}

/** Each delivery is sent; some are out of order, some twice, the second time at any later moment. */
function disorder(length: number, next: () => number): number[] {
  const order = Array.from({ length }, (_, n) => n);
  if (length > 1 && next() < DISORDER.reordered) order.reverse();
  const twice = order.filter(() => next() < DISORDER.duplicated);
  return twice.reduce((sending, one) => {
    const after = sending.indexOf(one) + 1;
    const at = after + Math.floor(next() * (sending.length - after + 1));
    return [...sending.slice(0, at), one, ...sending.slice(at)];
  }, order);
}
