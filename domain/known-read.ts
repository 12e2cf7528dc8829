/**
 * Does a read of the source say anything that the booking does not show already?
 * Invariant: only what can't change the picture counts as known; in doubt a read is news, and the fold judges it.
 */
import { assertNever } from './assert-never';
import type { Picture } from './booking';
import type { Slot, SourceFactType } from './facts';

/** What one event of a read says, without the people in it. */
export interface ReadClaim {
  readonly type: SourceFactType;
  readonly uid: string;
  readonly predecessorUid: string | null;
  /** Uids before the predecessor, nearest first. */
  readonly ancestry: readonly string[];
  readonly slot: Slot | null;
  /** Whether the guest, the host, and whom a mark is about are the ones the booking has; null: nobody is named. */
  readonly sameGuest: boolean | null;
  readonly sameHost: boolean | null;
  readonly aboutGuest: boolean | null;
}

/** True: nothing of it could change the picture. */
export function isKnownRead(picture: Picture, claims: readonly ReadClaim[]): boolean {
  return claims.every((claim) => isKnownClaim(picture, claim));
}

function isKnownClaim(picture: Picture, claim: ReadClaim): boolean {
  if (!areLinksKnown(picture.chain, claim)) return false;
  if (claim.sameGuest === false || claim.sameHost === false) return false;
  // What an older appointment of the chain was, the newer one has replaced.
  return claim.uid !== picture.chain.at(-1) || isShown(picture, claim);
}

/** The claim's uids are in the chain already, in the order in which it names them. */
function areLinksKnown(chain: readonly string[], claim: ReadClaim): boolean {
  const named = [claim.uid, claim.predecessorUid, ...claim.ancestry].filter((uid) => uid !== null);
  const places = [...new Set(named)].map((uid) => chain.indexOf(uid));
  return places.every((place, nth) => place >= 0 && (nth === 0 || place < places[nth - 1]!));
}

/** Is that what the booking's newest appointment is? */
function isShown(picture: Picture, claim: ReadClaim): boolean {
  // Whatever it says besides: the newest appointment's time may be one that no webhook told.
  if (!isSlot(claim.slot, picture.slot)) return false;
  const { status, outcome } = picture;
  switch (claim.type) {
    case 'scheduled':
    case 'rescheduled':
      // A person here or in the CRM knows better than the source, which still has to be told.
      return (
        (isConfirmed(picture) || (outcome !== null && outcome.by !== 'source')) &&
        isSlot(claim.slot, picture.confirmedSlot)
      );
    case 'requested':
    case 'payment_pending':
      return status === 'requested';
    case 'paid':
      return picture.paid;
    case 'canceled':
      // The wish for a new time is told by webhook only: the API shows a canceled appointment.
      return status === 'canceled' || status === 'reschedule_requested';
    case 'rejected':
      return status === 'rejected';
    case 'reschedule_requested':
      return status === 'reschedule_requested';
    case 'showed':
      return status === 'showed' || claim.aboutGuest === false;
    case 'no_show':
      // A mark is surer than a head count.
      return (status === 'no_show' && outcome?.sureness !== 'counted') || claim.aboutGuest === false;
    case 'no_show_reverted':
      return status !== 'no_show' || claim.aboutGuest === false;
    case 'no_show_suspected':
      return picture.noShowSuspectedAtMs !== null;
    // The picture does not say whether these were heard.
    case 'ended':
    case 'host_no_show':
      return false;
    default:
      return assertNever(claim.type);
  }
}

function isConfirmed({ status }: Picture): boolean {
  return status === 'scheduled' || status === 'awaiting_outcome' || status === 'showed' || status === 'no_show';
}

/** A read without a time says nothing about it. */
function isSlot(said: Slot | null, shown: Slot | null): boolean {
  if (said === null) return true;
  return said.startMs === shown?.startMs && said.endMs === shown.endMs && said.zone === shown.zone;
}
