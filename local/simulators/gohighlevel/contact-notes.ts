/**
 * `/contacts/{contactId}/notes` and `/tasks`: strong, nothing is deduplicated.
 */
import type { SimAnswer } from '../exchange';
import { existing, notFound, operation, param } from './account';
import type { Call, Operation } from './account';
import { readJsonBody } from './bodies';
import { noteBody, noteUpdateBody, taskBody, taskCompletedBody, taskUpdateBody } from './contact-bodies';
import { contactOf } from './contact-operations';
import type { Note, Task } from './records';
import { contactNoteRow, taskRow } from './rows';

const READ = 'contacts.readonly';
const WRITE = 'contacts.write';
const NOTES = '/contacts/{contactId}/notes';
const TASKS = '/contacts/{contactId}/tasks';

export const contactNoteOperations: readonly Operation[] = [
  operation({ method: 'GET', template: NOTES, scope: READ, run: listNotes }),
  operation({ method: 'POST', template: NOTES, scope: WRITE, run: createNote }),
  operation({ method: 'PUT', template: `${NOTES}/{id}`, scope: WRITE, run: updateNote }),
  operation({ method: 'GET', template: TASKS, scope: READ, run: listTasks }),
  operation({ method: 'POST', template: TASKS, scope: WRITE, run: createTask }),
  operation({ method: 'PUT', template: `${TASKS}/{taskId}`, scope: WRITE, run: updateTask }),
  operation({ method: 'PUT', template: `${TASKS}/{taskId}/completed`, scope: WRITE, run: completeTask }),
];

function listNotes(call: Call): SimAnswer {
  const { id } = contactOf(call);
  const notes = call.account.notes.live().filter(({ ownerId }) => ownerId === id);
  return { status: 200, body: { notes: notes.map(contactNoteRow) } };
}

function createNote(call: Call): SimAnswer {
  const given = readJsonBody(call, noteBody);
  const { id } = contactOf(call);
  const note = call.account.notes.add({
    ownerId: id,
    contactId: id,
    body: given.body,
    pinned: given.pinned ?? false,
    userId: given.userId ?? null,
    title: given.title ?? null,
    color: given.color ?? null,
  });
  call.account.emit({ type: 'NoteCreate', note });
  return { status: 201, body: { note: contactNoteRow(note) } };
}

function updateNote(call: Call): SimAnswer {
  const given = readJsonBody(call, noteUpdateBody);
  const note = ownNote(call);
  return { status: 200, body: { note: contactNoteRow(call.account.notes.change(note.id, defined(given))) } };
}

function ownNote(call: Call): Note {
  const contact = contactOf(call);
  const note = existing(call.account, call.account.notes, param(call, 'id'), 'Note');
  if (note.ownerId !== contact.id) throw notFound(call.account, 'Note');
  return note;
}

function listTasks(call: Call): SimAnswer {
  const contact = contactOf(call);
  const tasks = call.account.tasks.live().filter(({ contactId }) => contactId === contact.id);
  return { status: 200, body: { tasks: tasks.map(taskRow) } };
}

function createTask(call: Call): SimAnswer {
  const given = readJsonBody(call, taskBody);
  const { id } = contactOf(call);
  const optional = { body: given.body ?? null, assignedTo: given.assignedTo ?? null };
  const { title, dueDate, completed } = given;
  const task = call.account.tasks.add({ contactId: id, title, dueDate, completed, ...optional });
  return { status: 201, body: { task: taskRow(task) } };
}

function updateTask(call: Call): SimAnswer {
  const given = readJsonBody(call, taskUpdateBody);
  const task = ownTask(call);
  return { status: 200, body: { task: taskRow(call.account.tasks.change(task.id, defined(given))) } };
}

function completeTask(call: Call): SimAnswer {
  const { completed } = readJsonBody(call, taskCompletedBody);
  const task = ownTask(call);
  return { status: 200, body: { task: taskRow(call.account.tasks.change(task.id, { completed })) } };
}

function ownTask(call: Call): Task {
  const contact = contactOf(call);
  const task = existing(call.account, call.account.tasks, param(call, 'taskId'), 'Task');
  if (task.contactId !== contact.id) throw notFound(call.account, 'Task');
  return task;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
