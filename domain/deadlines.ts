/**
 * The instants at which a booking acts by itself.
 * Invariant: computed from the picture, the planned messages and the settings only, so a rebuilt workflow finds the same ones.
 */
import { isSettled, type Picture } from './booking';
import { askDueAtMs } from './messages';
import type { OutcomeSettings } from './settings';
import type { WallClock } from './wall-clock';
import { minuteOf } from './words';

export { minuteOf };

export interface Deadline {
  readonly atMs: number;
  readonly kind: 'message' | 'slot_end' | 'no_show_review' | 'stale_reschedule' | 'close';
  /** For `message`: the message's id. */
  readonly messageId?: string;
  /** What an operator reads on the timer: "Reminder 24 h before, 2026-11-24 17:00Z". */
  readonly summary: string;
}

/** The kind of a message that is in state `sending`: due when nobody can be sending it any longer. */
export const LEFT_SENDING = 'left_sending';

export interface PlannedMessage {
  readonly id: string;
  readonly kind: string;
  readonly dueAtMs: number;
}

/** Earliest first. What a person is asked about already is not due again. */
export function deadlinesOf(from: {
  picture: Picture;
  messages: readonly PlannedMessage[];
  settings: OutcomeSettings;
  wallClock: WallClock;
  reviewIsOpen: boolean;
  staleIsOpen: boolean;
  /** Absent: the host is asked before a person reviews. */
  hostIsUnknown?: boolean;
}): Deadline[] {
  const { picture, settings } = from;
  const deadlines: Deadline[] = from.messages.map((message) => ({
    atMs: message.dueAtMs,
    kind: 'message',
    messageId: message.id,
    summary: `${messageWord(message, picture.slot?.startMs ?? null)}, ${minuteOf(message.dueAtMs)}`,
  }));
  if (picture.status === 'scheduled' && picture.slot) {
    deadlines.push(at(picture.slot.endMs, 'slot_end', 'Slot ends, outcome awaited'));
  }
  const reviewAtMs = reviewDueAtMs(picture, settings, from);
  if (reviewAtMs !== null && !from.reviewIsOpen) {
    deadlines.push(at(reviewAtMs, 'no_show_review', 'No outcome heard, review by a person'));
  }
  const staleAtMs = staleDueAtMs(picture, settings, from.wallClock);
  if (staleAtMs !== null && !from.staleIsOpen) {
    deadlines.push(at(staleAtMs, 'stale_reschedule', 'No new time chosen, a person decides'));
  }
  if (isSettled(picture.status) && picture.settledAtMs !== null) {
    deadlines.push(at(picture.settledAtMs + settings.closeAfterMs, 'close', 'Close, unless a correction comes'));
  }
  return deadlines.sort((a, b) => a.atMs - b.atMs);
}

/**
 * When a person reviews a booking of which no outcome was heard; null when nothing needs a review. Without a slot: at once. Where nobody
 * knows how to ask the host: when the host would have been asked.
 */
export function reviewDueAtMs(
  { status, slot, noShowSuspectedAtMs }: Picture,
  settings: OutcomeSettings,
  { hostIsUnknown = false }: { readonly hostIsUnknown?: boolean } = {},
): number | null {
  if (status !== 'awaiting_outcome') return null;
  if (slot === null) return 0;
  return hostIsUnknown ? askDueAtMs(slot, noShowSuspectedAtMs, settings) : slot.endMs + settings.reviewAfterMs;
}

/**
 * When a person is asked about a wished-for new time that nobody chose: so many calendar days after the hold began, at the same
 * wall time in the zone of the slot. Null when no new time is waited for.
 */
export function staleDueAtMs(picture: Picture, settings: OutcomeSettings, wallClock: WallClock): number | null {
  if (picture.holdSinceMs === null) return null;
  return wallClock.plusDays(picture.holdSinceMs, picture.slot?.zone ?? 'UTC', settings.rescheduleHoldDays);
}

function at(atMs: number, kind: Deadline['kind'], words: string): Deadline {
  return { atMs, kind, summary: `${words}, ${minuteOf(atMs)}` };
}

function messageWord(message: PlannedMessage, slotStartMs: number | null): string {
  if (message.kind === 'reminder' && slotStartMs !== null)
    return `Reminder ${spanWord(slotStartMs - message.dueAtMs)} before`;
  if (message.kind === 'outcome_ask') return 'Ask the host how it went';
  if (message.kind === 'lead_note') return 'Tell the team about the lead';
  if (message.kind === LEFT_SENDING) return 'Settle a message that was left while it was sent';
  return 'Confirmation';
}

/** "72 h", "90 min", "23 h 30 min": the time that passes, also for a reminder of so many calendar days. */
function spanWord(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes % 60 === 0) return `${minutes / 60} h`;
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
