/**
 * Which messages a booking needs, when, and why one is not sent.
 * Invariant: a message belongs to one slot of one booking; for a slot that is gone, or a booking that is off, it is never sent.
 */
import { isSettled, slotKey, type Picture } from './booking';
import type { Slot } from './facts';
import type { MessagePolicy, OutcomeSettings, ReminderSpan } from './settings';
import type { WallClock } from './wall-clock';

/** `lead_note` goes to the team; the others to guest or host. */
export type MessageKind = 'confirmation' | 'reminder' | 'outcome_ask' | 'lead_note';
export type MessageState = 'planned' | 'held' | 'skipped' | 'sending' | 'sent' | 'delivered' | 'failed' | 'unknown';

/** A message as it is stored. `key` is unique in its booking. */
export interface Message {
  readonly key: string;
  readonly kind: MessageKind;
  readonly recipient: 'guest' | 'host' | 'team';
  readonly slotKey: string;
  readonly dueAtMs: number;
  readonly state: MessageState;
  readonly reason: string | null;
}

/** What a plan depends on besides the picture. */
export interface PlanSettings {
  readonly policy: MessagePolicy;
  readonly outcome: OutcomeSettings;
  readonly wallClock: WallClock;
  /** The booking's score and from which one on the team gets a note; absent or null: no note. */
  readonly lead?: { readonly score: number; readonly noteAtLeast: number } | null;
}

/** People get e-mail, the team a note in Slack. */
export const channelOf = ({ recipient }: Pick<Message, 'recipient'>): 'email' | 'slack' =>
  recipient === 'team' ? 'slack' : 'email';

/** Every message that the booking's picture asks for, `planned` or `skipped` with the reason. */
export function planMessages(picture: Picture, settings: PlanSettings): Message[] {
  const { slot, slotKnownAtMs } = picture;
  if (slot === null || slotKnownAtMs === null) return [];
  const { policy, outcome } = settings;
  const key = slotKey(slot);
  const plan: Message[] = [];
  if (picture.status === 'scheduled' && policy.confirmation) {
    plan.push({
      key: 'confirmation',
      kind: 'confirmation',
      recipient: 'guest',
      slotKey: key,
      dueAtMs: slotKnownAtMs,
      ...plannedUnless(slotKnownAtMs >= slot.startMs && 'the slot had already begun when it was booked'),
    });
  }
  if (picture.status === 'scheduled') plan.push(...planReminders(slot, slotKnownAtMs, settings));
  if (picture.status === 'scheduled' && isWorthANote(settings)) {
    plan.push({
      key: 'lead_note',
      kind: 'lead_note',
      recipient: 'team',
      slotKey: key,
      dueAtMs: slotKnownAtMs,
      ...plannedUnless(false),
    });
  }
  if ((picture.status === 'scheduled' || picture.status === 'awaiting_outcome') && policy.outcomeAsk) {
    const dueAtMs = askDueAtMs(slot, picture.noShowSuspectedAtMs, outcome);
    plan.push({
      key: `outcome_ask/${key}`,
      kind: 'outcome_ask',
      recipient: 'host',
      slotKey: key,
      dueAtMs,
      ...plannedUnless(false),
    });
  }
  return plan;
}

const isWorthANote = ({ lead }: PlanSettings): boolean => !!lead && lead.score >= lead.noteAtLeast;

function planReminders(slot: Slot, slotKnownAtMs: number, { policy, wallClock }: PlanSettings): Message[] {
  const plan: Message[] = [];
  for (const span of policy.reminders) {
    const dueAtMs = reminderDueAtMs(slot, span, wallClock);
    const key = `reminder/${span.kind === 'hours' ? span.ms : `${span.days}d`}/${slotKey(slot)}`;
    plan.push({
      key,
      kind: 'reminder',
      recipient: 'guest',
      slotKey: slotKey(slot),
      dueAtMs,
      ...plannedUnless(
        (dueAtMs <= slotKnownAtMs && "booked inside this reminder's window") ||
          // Where a zone jumps over a whole day, "the day before" is moved to the slot itself.
          (dueAtMs >= slot.startMs && 'the day of this reminder does not exist where the guest is') ||
          // 25 h and one day are the same when clocks are turned back in between.
          (plan.some((other) => other.dueAtMs === dueAtMs) && 'another reminder is due at the same time'),
      ),
    });
  }
  return plan;
}

/** When a reminder of the slot is due: an exact span before its start, or the same wall time on an earlier day. */
function reminderDueAtMs(slot: Slot, span: ReminderSpan, wallClock: WallClock): number {
  return span.kind === 'hours' ? slot.startMs - span.ms : wallClock.plusDays(slot.startMs, slot.zone, -span.days);
}

/** When the host is asked: at once when a head count saw no guest, though not while the slot lasts, for a guest may still come. */
export function askDueAtMs(slot: Slot, noShowSuspectedAtMs: number | null, outcome: OutcomeSettings): number {
  const usualMs = slot.endMs + outcome.askAfterMs;
  return noShowSuspectedAtMs === null ? usualMs : Math.min(usualMs, Math.max(slot.endMs, noShowSuspectedAtMs));
}

function plannedUnless(reason: string | false): { state: 'planned' | 'skipped'; reason: string | null } {
  return reason === false ? { state: 'planned', reason: null } : { state: 'skipped', reason };
}

/**
 * What has to change in the stored messages so that they agree with the picture: rows to insert and rows to update, by key.
 * What was handed to a messenger stays as it is; a skipped message comes back when its slot does.
 */
export function reconcileMessages(
  stored: readonly Message[],
  picture: Picture,
  settings: PlanSettings & { readonly nowMs: number },
): { insert: Message[]; update: Message[] } {
  const plan = new Map(
    withoutOvertaken(planMessages(picture, settings), stored, settings.nowMs).map((m) => [m.key, m]),
  );
  const storedKeys = new Set(stored.map((message) => message.key));
  const insert = [...plan.values()].filter((message) => !storedKeys.has(message.key));
  const update: Message[] = [];
  for (const message of stored) {
    if (message.state !== 'planned' && message.state !== 'skipped') continue;
    const wanted = plan.get(message.key) ?? {
      ...message,
      state: 'skipped' as const,
      reason: whyNotWanted(message, picture),
    };
    // A skipped message keeps the reason that it was first skipped for.
    if (message.state === 'skipped' && wanted.state === 'skipped') continue;
    if (wanted.state !== message.state || wanted.slotKey !== message.slotKey || wanted.dueAtMs !== message.dueAtMs) {
      update.push(wanted);
    }
  }
  return { insert, update };
}

/**
 * After an outage several reminders of one slot may be overdue: only the newest of them is still worth sending. None is, when
 * another of its time or later was handed over, as after a change of the spans in the settings.
 */
function withoutOvertaken(plan: readonly Message[], stored: readonly Message[], nowMs: number): Message[] {
  const overdue = plan.filter((m) => m.kind === 'reminder' && m.state === 'planned' && m.dueAtMs <= nowMs);
  const handedOver = stored.filter((m) => m.slotKey === overdue[0]?.slotKey && wasHandedOver(m));
  const whyOvertaken = (message: Message): string | false =>
    (overdue.some((m) => m.dueAtMs > message.dueAtMs) && 'a later reminder was due as well') ||
    (handedOver.some((m) => m.dueAtMs >= message.dueAtMs) && 'another reminder was sent instead');
  return plan.map((m) => (overdue.includes(m) ? { ...m, ...plannedUnless(whyOvertaken(m)) } : m));
}

function wasHandedOver({ kind, state }: Message): boolean {
  return kind === 'reminder' && state !== 'planned' && state !== 'held' && state !== 'skipped';
}

function whyNotWanted(message: Message, picture: Picture): string {
  if (picture.status === 'canceled' || picture.status === 'rejected') return `the booking was ${picture.status}`;
  if (picture.status === 'reschedule_requested') return 'the host asked for another time';
  if (picture.status === 'requested') return 'the booking is not confirmed';
  if (isSettled(picture.status)) return `the outcome is known: ${picture.status}`;
  if (picture.slot !== null && slotKey(picture.slot) !== message.slotKey) return 'the booking moved to another time';
  if (message.kind === 'lead_note' && picture.status === 'scheduled') return 'its score asks for no note any more';
  return 'the slot is over';
}

/**
 * The last check, inside the sending transaction. Returns the reason for not sending, or null.
 * `booking` is the row as it is now, which may be newer than what the caller knew.
 */
export function whyNotSend(
  message: Pick<Message, 'kind' | 'slotKey'>,
  booking: { readonly status: Picture['status'] | null; readonly slot: Picture['slot'] },
  nowMs: number,
): string | null {
  if (booking.slot === null || booking.status === null) return 'the booking has no slot';
  if (slotKey(booking.slot) !== message.slotKey) return 'the booking moved to another time';
  if (message.kind === 'outcome_ask') {
    const open = booking.status === 'scheduled' || booking.status === 'awaiting_outcome';
    return open ? null : `the outcome is known: ${booking.status}`;
  }
  if (booking.status !== 'scheduled') return `the booking is ${booking.status}`;
  return nowMs >= booking.slot.startMs ? 'the slot had begun before it could be sent' : null;
}
