/**
 * The links with which a host says how a slot went, one for each answer.
 * Invariant: they hold ids and words only, fit one slot of one booking, and end by themselves.
 */
import { linkToken } from '../db/signed-links';
import type { Slot } from '../domain/facts';
import { slotKey } from '../domain/booking';
import { TASK_DECISIONS } from '../domain/tasks';
import type { ActivityDeps } from './deps';

/** After the slot's end. */
const LINK_MS = 14 * 24 * 3_600_000;

export type HostAnswer = (typeof TASK_DECISIONS)['no_show_review'][number];
export type HostLinks = Readonly<Record<HostAnswer, string>>;

/** Null: nobody has said where browsers reach this service. */
export function hostLinks(
  deps: Pick<ActivityDeps, 'settings' | 'vault'>,
  of: { readonly bookingId: string; readonly slot: Slot },
): HostLinks | null {
  const { publicUrl } = deps.settings;
  if (publicUrl == null) return null;
  const subject = [of.bookingId, slotKey(of.slot)];
  const untilMs = of.slot.endMs + LINK_MS;
  const linkFor = (decision: HostAnswer): string => {
    const token = linkToken(deps.vault, { purpose: 'host_answer', subject, decision, untilMs });
    return `${publicUrl.replace(/\/+$/, '')}/answer/${token}`;
  };
  const answers = TASK_DECISIONS.no_show_review.map((decision) => [decision, linkFor(decision)] as const);
  return Object.fromEntries(answers) as Record<HostAnswer, string>;
}
