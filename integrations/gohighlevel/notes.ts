/**
 * HighLevel's notes of a contact.
 * Invariant: a note is tied to what it is about by the reference at the end of its text; what it says is never changed afterwards.
 */
import { CrmError, type CrmCall, type NoteFields } from '../ports';
import { anyAnswer, createdNoteAnswer, notesAnswer } from './answers';
import type { GohighlevelClient } from './client';
import { carriesReference, descriptionOf, withSentence } from './reference';

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
  const notes = await listNotes(client, { operation: 'findNote', personId }, call);
  const ours = notes.filter(({ body }) => carriesReference(body ?? '', externalKey));
  const [oldest] = [...ours].sort(
    (a, b) => (a.dateAdded ?? '').localeCompare(b.dateAdded ?? '') || a.id.localeCompare(b.id),
  );
  return oldest === undefined ? null : { id: oldest.id };
}

/** A repeat adds nothing. False: the note, or its contact, is gone. The contract has no read of one note and no deletion. */
export async function amendNote(
  client: GohighlevelClient,
  { id, personId, sentence }: { readonly id: string; readonly personId: string; readonly sentence: string },
  call: CrmCall,
): Promise<boolean> {
  const operation = 'amendNote';
  try {
    const note = (await listNotes(client, { operation, personId }, call)).find((one) => one.id === id);
    if (note === undefined) return false;
    const before = note.body ?? '';
    const body = withSentence(before, sentence);
    const path = ['contacts', personId, 'notes', id] as const;
    const request = { operation, method: 'PUT', path, body: { body }, effect: 'safe', schema: anyAnswer } as const;
    if (body !== before) await client.request(request, call);
    return true;
  } catch (error) {
    if (error instanceof CrmError && error.errorClass === 'target_gone') return false;
    throw error;
  }
}

async function listNotes(
  client: GohighlevelClient,
  { operation, personId }: { readonly operation: string; readonly personId: string },
  call: CrmCall,
) {
  const path = ['contacts', personId, 'notes'] as const;
  const request = { operation, method: 'GET', path, effect: 'safe', schema: notesAnswer } as const;
  return (await client.request(request, call)).notes;
}
