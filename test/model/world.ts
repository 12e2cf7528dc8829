/**
 * The world of one case: its clock, Cal.com's rows, the notebook's pages; and which of them a command can be applied to.
 * Invariant: Cal.com and the notebook learn of the same happening, and neither looks at the other's state.
 */
import type { DecidedOutcome, Slot } from '../../domain/facts';
import type { Hook, Row } from './calcom';
import { lastLine, type Page } from './notebook';
import type { Step } from './script';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const START_OF_WORLD = Date.UTC(2026, 10, 2, 15, 0);

/** A decision made here, about the appointment that the books showed. */
export interface DecidedHere {
  readonly uid: string;
  readonly guest: string;
  readonly decision: { readonly outcome: DecidedOutcome; readonly slot: Slot | null } | 'keep_waiting';
}

export interface World {
  nowMs: number;
  /** Steps since the beginning. */
  tick: number;
  readonly rows: Map<string, Row>;
  readonly pages: Page[];
  /** Webhooks of the present step, and a decision made in it. */
  sent: Hook[];
  decided: DecidedHere | null;
  pollAsked: boolean;
  /** The newest appointment on the page of which anything arrived here; null: none. */
  newestHeard(page: Page): string | null;
  /** Whether the source's API can be read: without it, what only the API links is not generated. */
  readonly api: boolean;
  readonly prefix: string;
  names: number;
  /** The first of the slots that can be booked now. */
  anchorMs: number;
}

export function newWorld(given: {
  readonly newestHeard: World['newestHeard'];
  readonly api: boolean;
  readonly startMs?: number;
  /** Part of every name, so that several worlds can share a database. */
  readonly prefix?: string;
}): World {
  const nowMs = given.startMs ?? START_OF_WORLD;
  return {
    nowMs,
    tick: 0,
    rows: new Map(),
    pages: [],
    sent: [],
    decided: null,
    pollAsked: false,
    newestHeard: given.newestHeard,
    api: given.api,
    prefix: given.prefix ?? '',
    names: 0,
    anchorMs: nowMs + 48 * HOUR,
  };
}

export type Play = (world: World, step: Step) => boolean;

/** What is on the page's last line, as Cal.com has it. */
export interface Target {
  readonly page: Page;
  readonly row: Row;
}

export function rowOf(world: World, page: Page): Row {
  return world.rows.get(lastLine(page).uid)!;
}

export function begun(world: World, row: Row): boolean {
  return row.slot.startMs <= world.nowMs;
}

/** A command on one of the pages where `fits`. */
export function on(
  fits: (target: Target, world: World) => boolean,
  act: (world: World, target: Target, choice: number) => void,
): Play {
  return (world, { which, choice }) => {
    const targets = targetsOf(world).filter((one) => fits(one, world));
    if (targets.length === 0) return false;
    act(world, targets[which % targets.length]!, choice);
    return true;
  };
}

export const single = ({ row }: Target): boolean => row.kind !== 'seats';
const hasSeat = ({ row, page }: Target): boolean => row.attendees.some(({ email }) => email === page.guest);
export const shared = (target: Target): boolean =>
  target.row.kind === 'seats' && target.row.status === 'accepted' && hasSeat(target);
export const live = ({ row }: Target): boolean => row.status === 'accepted';
export const pending = ({ row }: Target): boolean => row.status === 'pending' && !row.unpaid;
export const markable = (target: Target, world: World): boolean =>
  begun(world, target.row) && (single(target) ? live(target) : shared(target));
export const attendeeOf = ({ row, page }: Target) => row.attendees.find(({ email }) => email === page.guest)!;

export function send(world: World, hook: Hook): void {
  world.sent.push(hook);
}

/** Few different slots, so that a move may come back to where it was. Always in the future. */
export function slotFor(world: World, choice: number): Slot {
  while (world.anchorMs < world.nowMs + 24 * HOUR) world.anchorMs += 25 * HOUR;
  const startMs = world.anchorMs + (choice % 3) * 25 * HOUR;
  return { startMs, endMs: startMs + 30 * MINUTE, zone: 'America/Denver' };
}

export function otherSlot(world: World, now: Slot, choice: number): Slot {
  const slot = slotFor(world, choice);
  return slot.startMs === now.startMs ? slotFor(world, choice + 1) : slot;
}

export const nextName = (world: World, kind: string): string => `${world.prefix}${kind}-${(world.names += 1)}`;

export const targetsOf = (world: World): Target[] => world.pages.map((page) => ({ page, row: rowOf(world, page) }));

/** Everybody who has a seat of the row; its one guest where it is not shared. */
export function guestsOf(world: World, row: Row): Target[] {
  return targetsOf(world).filter((one) => one.row === row && (single(one) || hasSeat(one)));
}
