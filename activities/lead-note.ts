/**
 * The words of the note about a promising lead.
 * Invariant: a link, a status and a score; the guest's name only where the settings allow it.
 */
import { readLeadScore } from '../db/lead-scores';
import { readPerson } from '../db/persons';
import type { Picture } from '../domain/booking';
import type { LeadNotePolicy } from '../domain/settings';
import type { TeamNote } from '../integrations/ports';
import { leadsOf, type ActivityDeps } from './deps';

/** Null when the source's settings ask for no note. */
export async function leadNote(
  deps: Pick<ActivityDeps, 'pool' | 'vault' | 'settings'>,
  of: { readonly bookingId: string; readonly source: string; readonly picture: Picture },
): Promise<TeamNote | null> {
  const policy = leadsOf(deps.settings, of.source)?.note ?? null;
  if (policy === null) return null;
  const { personId, status } = of.picture;
  const [score, guest] = await Promise.all([
    readLeadScore(deps.pool, of.bookingId),
    policy.name && personId !== null ? readPerson(deps.pool, deps.vault, personId) : null,
  ]);
  return composeNote({ policy, bookingId: of.bookingId, status, score, guestName: guest?.name ?? null });
}

export function composeNote(from: {
  readonly policy: LeadNotePolicy;
  readonly bookingId: string;
  readonly status: Picture['status'];
  readonly score: number | null;
  readonly guestName: string | null;
}): TeamNote {
  const { policy, bookingId, status, score, guestName } = from;
  const who = policy.name && guestName !== null ? `New lead: ${guestName}` : 'New lead';
  const url = policy.link?.replaceAll('{booking}', encodeURIComponent(bookingId)) ?? null;
  return {
    text: `${who}, ${score ?? 0} points, booking ${status.replaceAll('_', ' ')}.`,
    link: url === null ? null : { url, words: 'Open the booking' },
  };
}
