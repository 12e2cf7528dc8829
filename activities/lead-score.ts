/**
 * The score of a booking: computed from its newest answers and kept with it.
 * Invariant: the answers are opened here and nowhere kept; what was scored stays when they can't be read any more.
 */
import type { BookingRow } from '../db/bookings';
import { saveLeadScore } from '../db/lead-scores';
import type { Db } from '../db/pool';
import { leadScore } from '../domain/lead-score';
import { leadsOf, type ActivityDeps } from './deps';
import { newestDetails } from './newest-details';

/** Null where the source has no rules, or nothing was answered yet. */
export async function keepLeadScore(
  tx: Db,
  deps: Pick<ActivityDeps, 'settings' | 'vault'>,
  booking: Pick<BookingRow, 'id' | 'connection'>,
): Promise<number | null> {
  const rules = leadsOf(deps.settings, booking.connection)?.score ?? [];
  if (rules.length === 0) return null;
  const details = await newestDetails({ pool: tx, vault: deps.vault }, booking.id);
  // News that brings no answers takes none back.
  const answers = details?.answers ?? {};
  const score = Object.keys(answers).length === 0 ? null : leadScore(rules, answers);
  return saveLeadScore(tx, booking.id, score);
}
