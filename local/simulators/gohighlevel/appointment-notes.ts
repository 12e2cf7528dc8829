/**
 * `/calendars/appointments/{appointmentId}/notes`: strong, newest first, one page at a time.
 */
import type { SimAnswer } from '../exchange';
import { existing, notFound, operation, param } from './account';
import type { Call, Operation } from './account';
import { appointmentOf } from './appointments';
import { queryNumber, readJsonBody } from './bodies';
import { appointmentNoteBody } from './calendar-bodies';
import type { Note } from './records';
import { appointmentNoteRow } from './rows';

const NOTES = '/calendars/appointments/{appointmentId}/notes';
const READ = { scope: 'calendars/events.readonly', malformed: 400 } as const;
const WRITE = { scope: 'calendars/events.write', malformed: 400 } as const;
const BOTH = { versions: ['v3', '2021-04-15'] } as const;

export const appointmentNoteOperations: readonly Operation[] = [
  operation({ method: 'GET', template: NOTES, ...READ, ...BOTH, run: list, query: { required: ['limit', 'offset'] } }),
  operation({ method: 'POST', template: NOTES, ...WRITE, ...BOTH, run: create }),
  operation({ method: 'PUT', template: `${NOTES}/{noteId}`, ...WRITE, ...BOTH, run: update }),
  operation({ method: 'DELETE', template: `${NOTES}/{noteId}`, ...WRITE, ...BOTH, run: remove }),
];

function list(call: Call): SimAnswer {
  const { id } = appointmentOf(call.account, param(call, 'appointmentId'));
  const limit = queryNumber(call, 'limit', { fallback: 10, min: 1, max: 20 }, 400);
  const offset = queryNumber(call, 'offset', { fallback: 0, min: 0, max: 1_000_000 }, 400);
  const own = call.account.notes
    .live()
    .filter(({ ownerId }) => ownerId === id)
    .reverse();
  const notes = own.slice(offset, offset + limit).map(appointmentNoteRow);
  return { status: 200, body: { notes, hasMore: offset + limit < own.length } };
}

function create(call: Call): SimAnswer {
  const { body, userId } = readJsonBody(call, appointmentNoteBody, 400);
  const event = appointmentOf(call.account, param(call, 'appointmentId'));
  const note = call.account.notes.add({
    ownerId: event.id,
    contactId: event.contactId,
    body,
    userId: userId ?? null,
    title: null,
    color: null,
    pinned: false,
  });
  return { status: 201, body: { note: appointmentNoteRow(note) } };
}

function update(call: Call): SimAnswer {
  const { body } = readJsonBody(call, appointmentNoteBody, 400);
  const note = call.account.notes.change(ownNote(call).id, { body });
  return { status: 200, body: { note: appointmentNoteRow(note) } };
}

function remove(call: Call): SimAnswer {
  call.account.notes.remove(ownNote(call).id);
  return { status: 200, body: { success: true } };
}

function ownNote(call: Call): Note {
  const event = appointmentOf(call.account, param(call, 'appointmentId'));
  const note = existing(call.account, call.account.notes, param(call, 'noteId'), 'Note');
  if (note.ownerId !== event.id) throw notFound(call.account, 'Note');
  return note;
}
