/**
 * A note on the guest's contact when the booking's outcome is settled, and another one when it is corrected.
 * Invariant: the same is not noted twice in a row, also where the answer to a create was lost; a note is never changed or taken away.
 */
import { listNotes, noteKey } from '../db/crm-notes';
import type { Picture } from '../domain/booking';
import { outcomeNoteOf } from '../domain/outcome-note';
import type { SyncContext } from './crm-context';
import { createOnce } from './crm-create';

/** Does nothing in a CRM without notes: `booksync doctor` says so. */
export async function noteStep(ctx: SyncContext, from: { picture: Picture; crmPersonId: string }): Promise<void> {
  const { crm, connection, bookingId } = ctx;
  const note = outcomeNoteOf(from.picture, ctx.deps.wallClock);
  if (note === null || !crm.capabilities.notes) return;
  const links = await listNotes(ctx.deps.pool, connection, bookingId);
  const written = links.filter(({ state }) => state === 'done');
  if (written.at(-1)?.lastWritten?.says === note.says) return;
  // Also one that a booking had begun which was merged into this one.
  const former = links.find(({ state, externalKey }) => state !== 'done' && externalKey.endsWith(`:${note.says}`));
  const externalKey = former?.externalKey ?? noteKey(bookingId, written.length + 1, note.says);
  const { crmPersonId: personId } = from;
  await createOnce(ctx, {
    key: { connection, type: 'note', externalKey, bookingId },
    former: former ?? null,
    find: () => crm.findNote(externalKey, personId, ctx.call('find-note')),
    create: () => crm.addNote({ externalKey, personId, text: note.text, atMs: note.atMs }, ctx.call('add-note')),
    findAfterMs: 0,
    written: { says: note.says },
    hash: null,
  });
}
