/**
 * HubSpot notes: a text on the contact's timeline.
 * Invariant: a note is tied to what it is about by the reference in its text; what it says is never changed afterwards.
 */
import type { CrmCall, NoteFields } from '../ports';
import type { HubspotClient } from './client';
import {
  ASSOCIATION_TYPE,
  createRecord,
  findByReference,
  nullIfGone,
  patchRecord,
  readRecord,
  withoutEmpty,
} from './records';
import { htmlBody, withSentence } from './reference';

export async function addNote(
  client: HubspotClient,
  note: NoteFields,
  call: CrmCall,
): Promise<{ readonly id: string }> {
  const properties = withoutEmpty({
    // The note's place in the timeline; HubSpot demands it.
    hs_timestamp: new Date(note.atMs).toISOString(),
    hs_note_body: htmlBody(note.text, note.externalKey),
  });
  const associations = [{ toId: note.personId, typeId: ASSOCIATION_TYPE.noteToContact }];
  return createRecord(client, { operation: 'addNote', type: 'notes', properties, associations }, call);
}

/** Looks through all notes of the contact; associations are strong reads. */
export function findNote(
  client: HubspotClient,
  { externalKey, personId }: { readonly externalKey: string; readonly personId: string },
  call: CrmCall,
): Promise<{ readonly id: string } | null> {
  const wanted = { operation: 'findNote', type: 'notes', property: 'hs_note_body', externalKey, personId } as const;
  return findByReference(client, wanted, call);
}

/** A repeat adds nothing. False: the note is gone. */
export async function amendNote(
  client: HubspotClient,
  { id, sentence }: { readonly id: string; readonly sentence: string },
  call: CrmCall,
): Promise<boolean> {
  const which = { operation: 'amendNote', type: 'notes', id } as const;
  const record = await nullIfGone(readRecord(client, { ...which, properties: ['hs_note_body'] }, call));
  if (record === null || record.archived === true) return false;
  const before = record.properties['hs_note_body'] ?? '';
  const after = withSentence(before, sentence);
  if (after !== before) await patchRecord(client, { ...which, properties: { hs_note_body: after } }, call);
  return true;
}
