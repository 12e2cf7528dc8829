/**
 * HighLevel's notes of a contact.
 * Invariant: a note is tied to what it is about by the reference at the end of its text; it is never changed afterwards.
 */
import type { CrmCall, NoteFields } from '../ports';
import { createdNoteAnswer, notesAnswer } from './answers';
import type { GohighlevelClient } from './client';
import { carriesReference, descriptionOf } from './reference';

/** HighLevel dates a note by its arrival. */
export async function addNote(
  client: GohighlevelClient,
  note: NoteFields,
  call: CrmCall,
): Promise<{ readonly id: string }> {
  const path = ['contacts', note.personId, 'notes'] as const;
  const body = { body: descriptionOf([note.text], note.externalKey) };
  const answer = await client.request(
    { operation: 'addNote', method: 'POST', path, body, effect: 'create', schema: createdNoteAnswer },
    call,
  );
  return { id: answer.note.id };
}

/** All notes of the contact are listed, without a search; where two carry the key, the older one is the one to keep. */
export async function findNote(
  client: GohighlevelClient,
  { externalKey, personId }: { readonly externalKey: string; readonly personId: string },
  call: CrmCall,
): Promise<{ readonly id: string } | null> {
  const path = ['contacts', personId, 'notes'] as const;
  const { notes } = await client.request(
    { operation: 'findNote', method: 'GET', path, effect: 'safe', schema: notesAnswer },
    call,
  );
  const ours = notes.filter(({ body }) => carriesReference(body ?? '', externalKey));
  const [oldest] = [...ours].sort(
    (a, b) => (a.dateAdded ?? '').localeCompare(b.dateAdded ?? '') || a.id.localeCompare(b.id),
  );
  return oldest === undefined ? null : { id: oldest.id };
}
