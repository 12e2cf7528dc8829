/** Names for lines of a page. Invariant: while the vault is closed nobody has a name, and pages are shown without. */
import type { BookingLine } from '../../db/booking-lines';
import { readPeople } from '../../db/people';
import type { PersonData } from '../../domain/person';
import type { TaskDetail } from '../../db/task-view';
import { guestsOfBookings } from '../../db/booking-lines';
import type { ConsoleDeps } from './console';
import type { NamedLine } from './views/booking-lines-view';
import type { NamedTask } from './views/task-lines-view';

type Deps = Pick<ConsoleDeps, 'db' | 'vault'>;

export async function peopleOf(deps: Deps, ids: readonly (string | null)[]): Promise<ReadonlyMap<string, PersonData>> {
  const vault = deps.vault();
  const known = ids.filter((id) => id !== null);
  return vault === null || known.length === 0 ? new Map() : readPeople(deps.db, vault, known);
}

export async function named(deps: Deps, lines: readonly BookingLine[]): Promise<NamedLine[]> {
  const people = await peopleOf(
    deps,
    lines.map((line) => line.personId),
  );
  return lines.map((line) => ({ ...line, guest: nameOf(people.get(line.personId ?? '')) }));
}

export async function namedTasks(deps: Deps, tasks: readonly TaskDetail[]): Promise<NamedTask[]> {
  const guests = await guestsOfBookings(
    deps.db,
    tasks.map((task) => task.bookingId).filter((id) => id !== null),
  );
  const people = await peopleOf(deps, [...guests.values()]);
  return tasks.map((task) => ({ ...task, guest: nameOf(people.get(guests.get(task.bookingId ?? '') ?? '')) }));
}

/** The name as the guest gave it, else an address. */
export function nameOf(person: PersonData | undefined): string | null {
  if (person === undefined) return null;
  const parts = [person.firstName, person.lastName].filter((part) => part !== null).join(' ');
  return person.name ?? (parts === '' ? (person.email ?? person.phone) : parts);
}
