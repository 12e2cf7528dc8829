/**
 * Compares a read of the source with the booking that we know by its uid.
 * Invariant: reads nothing but the database; in doubt the read is news and goes through the inbox.
 */
import { readPerson } from '../db/persons';
import type { PersonData } from '../domain/person';
import { readPictureOf } from '../db/source-reads';
import type { Picture } from '../domain/booking';
import { isKnownRead, type ReadClaim } from '../domain/known-read';
import { READ_HEADERS, type SourceEvent, type SourcePerson, type SourceRead } from '../integrations/ports';
import type { ActivityDeps } from './deps';

type JudgeDeps = Pick<ActivityDeps, 'pool' | 'vault' | 'source'>;

/** True: the booking shows already everything that the read says. */
export async function isKnownToBooking(deps: JudgeDeps, connection: string, read: SourceRead): Promise<boolean> {
  const said = deps.source(connection).read(read.body, { ...READ_HEADERS });
  if (said.kind === 'ignored') return true;
  // An unreadable one becomes a dead letter, where a person sees it.
  if (said.kind === 'unreadable') return false;
  if (said.events.some((event) => event.seat !== null)) return false;
  const picture = await readPictureOf(deps.pool, connection, read.uid);
  if (picture === null) return false;
  const [guest, host] = await Promise.all([personOf(deps, picture.personId), personOf(deps, picture.hostId)]);
  return isKnownRead(
    picture,
    said.events.map((event) => claimOf(event, picture, { guest, host })),
  );
}

interface KnownPeople {
  readonly guest: PersonData | null;
  readonly host: PersonData | null;
}

function personOf(deps: JudgeDeps, id: string | null): Promise<PersonData | null> {
  return id === null ? Promise.resolve(null) : readPerson(deps.pool, deps.vault, id);
}

function claimOf(event: SourceEvent, picture: Picture, known: KnownPeople): ReadClaim {
  const { type, uid, predecessorUid, ancestry, slot } = event;
  return {
    type,
    uid,
    predecessorUid,
    ancestry,
    slot,
    sameGuest: isSame(event.guest, picture.personId, known.guest),
    sameHost: isSame(event.host, picture.hostId, known.host),
    aboutGuest: isSame(event.about, picture.personId, known.guest),
  };
}

/** Null: nobody is named, or the known one was erased, who must not come back by a read. */
function isSame(named: SourcePerson | null, knownId: string | null, known: PersonData | null): boolean | null {
  if (named === null || (named.email === null && named.phone === null)) return null;
  if (known === null) return knownId === null ? false : null;
  return named.email !== null && known.email !== null ? named.email === known.email : named.phone === known.phone;
}
