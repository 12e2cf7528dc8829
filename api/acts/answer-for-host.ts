/**
 * The host says by a link in an e-mail how a slot went: what the link is worth now, and what follows from using it.
 * Invariant: looking decides nothing; a question takes one answer, and only while the booking still asks it about the same slot.
 */
import { findBookingById, type BookingDetail } from '../../db/booking-view';
import { giveLinkBack, readLink, usedFor, useLink, type SignedLink } from '../../db/signed-links';
import { slotKey, type BookingStatus } from '../../domain/booking';
import type { BookingDecision } from '../../domain/booking-decisions';
import type { ApiDeps } from '../deps';
import { HttpError } from '../errors';
import { decideBooking } from './decide-booking';
import { decideTask } from './decide-task';

type Deps = Pick<ApiDeps, 'db' | 'engine' | 'vault' | 'nowMs'>;
export type HostDecision = Exclude<BookingDecision['decision'], 'keep_waiting'>;

export type HostQuestion =
  | {
      readonly kind: 'open';
      readonly decision: HostDecision;
      readonly booking: BookingDetail;
      readonly link: SignedLink;
    }
  /** The link was used just now. */
  | { readonly kind: 'taken'; readonly decision: string }
  /** A link of this question was used before; it said so. */
  | { readonly kind: 'used'; readonly decision: string }
  /** Somebody else said how it went. */
  | { readonly kind: 'known'; readonly status: BookingStatus }
  | { readonly kind: 'moved' | 'expired' | 'forged' };

/** What became of the question that the link is about. Throws 503 while the keys are not there. */
export async function hostQuestionOf(deps: Deps, token: string): Promise<HostQuestion> {
  const vault = deps.vault();
  if (vault === null) throw new HttpError({ status: 503, code: 'not_ready', message: NOT_READY });
  const nowMs = deps.nowMs();
  const read = readLink(vault, token, { purpose: 'host_answer', nowMs });
  if (read.kind !== 'valid') return read;
  const { link } = read;
  const [bookingId = '', askedAbout] = link.subject;
  const booking = await findBookingById(deps.db, { id: bookingId, nowMs });
  if (booking === null) return { kind: 'forged' };
  const used = await usedFor(deps.db, link);
  if (used !== null) return { kind: 'used', decision: used };
  if (booking.slot === null || slotKey(booking.slot) !== askedAbout) return { kind: 'moved' };
  if (booking.status !== 'awaiting_outcome') return { kind: 'known', status: booking.status };
  return { kind: 'open', decision: link.decision as HostDecision, booking, link };
}

const NOT_READY = 'This service is just starting. Open the link again in a minute; it stays good.';

/** Uses the link. What could not be done leaves it good. Throws as `decideTask` and `decideBooking` do. */
export async function answerForHost(deps: Deps, token: string): Promise<HostQuestion> {
  const question = await hostQuestionOf(deps, token);
  if (question.kind !== 'open') return question;
  const { decision, booking, link } = question;
  // Of two browsers at once one decides; the other is told what was decided.
  if (!(await useLink(deps.db, link, deps.nowMs()))) return hostQuestionOf(deps, token);
  try {
    await decide(deps, booking, decision);
  } catch (error) {
    await giveLinkBack(deps.db, link);
    throw error;
  }
  return { kind: 'taken', decision };
}

/** By the review that asks a person already, else by the booking itself. */
async function decide(deps: Deps, booking: BookingDetail, decision: HostDecision): Promise<void> {
  const review = booking.tasks.find(({ kind, state }) => kind === 'no_show_review' && state === 'open');
  if (review !== undefined) await decideTask(deps, { id: review.id, decision: { decision }, by: 'host' });
  else await decideBooking(deps, booking, { decision, startMs: null, by: 'host' });
}
