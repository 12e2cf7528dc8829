/**
 * The pictures that the product has, against the pages of the notebook.
 * Invariant: after a loss only what Cal.com's API cannot show may differ; `Hidden` lists all of it.
 */
import type { BookingStatus, Picture } from '../../domain/booking';
import type { Slot } from '../../domain/facts';
import { lastLine, readPage, type Page, type Reading } from './notebook';

/**
 * Webhooks that were lost, or sent for others only, and whose content the API does not show.
 */
export interface Hidden {
  /** Uids whose "please reschedule" was lost. */
  readonly wishes: Set<string>;
  /** Uids whose head count was lost. */
  readonly headCounts: Set<string>;
  /** Guests who were confirmed by an event about another appointment of their series: a row that moved on does not show it. */
  readonly confirmations: Set<string>;
  /** Guests who gave up a seat or took another one, unheard: a row only lists who sits there now, and who is not listed has no fact. */
  readonly seats: Set<string>;
}

/** The product and the notebook disagree. */
export class DifferenceError extends Error {
  override readonly name = 'DifferenceError';
}

export interface Comparison {
  readonly nowMs: number;
  readonly trustHeadCount: boolean;
  readonly polled: boolean;
  readonly hidden: Hidden;
  readonly isHeard: (page: Page) => boolean;
  readonly picturesOf: (uid: string) => readonly Picture[];
  readonly all: () => readonly Picture[];
  readonly seen: (what: string) => void;
}

export function comparePages(pages: readonly Page[], with_: Comparison): void {
  const isHidden = (guest: string | null): boolean => with_.polled && guest !== null && with_.hidden.seats.has(guest);
  const expected = pages.filter((page) => with_.isHeard(page) && !isHidden(page.guest));
  for (const page of expected) comparePage(page, with_);
  // Of a shared appointment that nobody is left in, the API shows that it is canceled, and not whose it was.
  const isNobodys = (picture: Picture): boolean =>
    with_.polled && picture.personId === null && picture.status === 'canceled';
  const all = with_.all().filter((picture) => !isHidden(picture.personId) && !isNobodys(picture));
  if (all.length === expected.length) return;
  const chains = all.map(({ chain, status, personId }) => ({ chain, status, personId }));
  throw new DifferenceError(`found ${all.length} bookings, expected ${expected.length}: ${JSON.stringify(chains)}`);
}

function comparePage(page: Page, with_: Comparison): void {
  const { uid } = lastLine(page);
  const candidates = with_.picturesOf(uid);
  const pictures = candidates.filter(({ personId }) => personId === page.guest);
  if (pictures.length !== 1) {
    const whose = JSON.stringify(candidates.map(({ personId, chain }) => ({ personId, chain })));
    throw new DifferenceError(
      `${uid} of ${page.guest}: found ${pictures.length} bookings, expected one; there are ${whose}`,
    );
  }
  const expected = expectedOf(page, with_);
  with_.seen(`ends as ${expected.status}`);
  const wrong = differences(pictures[0]!, expected);
  if (wrong.length > 0) throw new DifferenceError(`${uid} of ${page.guest}: ${wrong.join('; ')}`);
}

/** What the picture has to show; undefined: cannot be known. */
interface Expected {
  readonly status: BookingStatus;
  readonly outcome: Reading['outcome'];
  readonly slot: Slot;
  readonly agreedSlot: Slot | null;
  readonly confirmedSlot: Slot | null | undefined;
  readonly chain: readonly string[];
  readonly host: string | undefined;
  readonly paid: boolean | undefined;
}

function expectedOf(page: Page, { nowMs, trustHeadCount, polled, hidden }: Comparison): Expected {
  const line = lastLine(page);
  const counts = trustHeadCount && !(polled && hidden.headCounts.has(line.uid));
  const reading = readPage(page, nowMs, counts);
  const isHidden = polled && line.decided === null && line.standing === 'asked_to_move' && hidden.wishes.has(line.uid);
  const ending = isHidden ? ('canceled' as const) : null;
  return {
    status: ending ?? reading.status,
    outcome: ending ?? reading.outcome,
    slot: reading.slot,
    agreedSlot: reading.agreedSlot,
    // Only webhooks tell these; only a poll tells of another host.
    confirmedSlot: polled || hidden.confirmations.has(page.guest) ? undefined : reading.confirmedSlot,
    paid: polled ? undefined : reading.paid,
    host: polled ? reading.host : undefined,
    chain: reading.chain,
  };
}

/** In words, one for each thing that differs. */
function differences(picture: Picture, expected: Expected): string[] {
  const wrong: string[] = [];
  const check = (what: string, found: unknown, wanted: unknown): void => {
    if (wanted !== undefined && found !== wanted)
      wrong.push(`${what} is ${String(found)} instead of ${String(wanted)}`);
  };
  check('status', picture.status, expected.status);
  check('outcome', picture.outcome?.value ?? null, expected.outcome);
  check('slot', wordOf(picture.slot), wordOf(expected.slot));
  check('agreed slot', wordOf(picture.agreedSlot), wordOf(expected.agreedSlot));
  check('hold', picture.holdSinceMs !== null, expected.status === 'reschedule_requested');
  if (expected.confirmedSlot !== undefined)
    check('confirmed slot', wordOf(picture.confirmedSlot), wordOf(expected.confirmedSlot));
  check('chain', picture.chain.join(' → '), expected.chain.join(' → '));
  check('host', picture.hostId, expected.host);
  check('paid', picture.paid, expected.paid);
  return wrong;
}

function wordOf(slot: Slot | null): string {
  return slot === null ? 'none' : `${slot.startMs}-${slot.endMs} ${slot.zone}`;
}
