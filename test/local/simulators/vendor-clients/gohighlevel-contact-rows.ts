/** What HighLevel's client writes to contacts and around them, and by which other operation it reads it back. */
import { GUEST, LOCATION } from '../gohighlevel/location-client';
import { newContact } from './gohighlevel-client';
import type { LocationWorld } from './gohighlevel-client';
import type { Row } from './journey';

export const contactRows: readonly Row<LocationWorld>[] = [
  {
    wrote: 'creates a contact',
    read: 'its id',
    async run({ client }) {
      const id = await newContact(client, { ...GUEST, tags: ['Lead'], companyName: 'Sample Roofs' });
      const { contact } = await client.contacts.getContact({ contactId: id });
      expect(contact).toMatchObject({ id, ...GUEST, ...LOCATION, tags: ['lead'], companyName: 'Sample Roofs' });
    },
  },
  {
    wrote: 'upserts a contact twice',
    read: 'the duplicate search',
    async run({ client, later }) {
      const upsert = (firstName: string) =>
        client.contacts.upsertContact({ ...LOCATION, email: GUEST.email, firstName });
      const [first, second] = [await upsert('Dana'), await upsert('Dani')];
      expect([first.new, second.new, second.contact?.id]).toEqual([true, false, first.contact?.id]);
      later(60_000);
      const { contact } = (await client.contacts.getDuplicateContact({ ...LOCATION, email: GUEST.email })) as {
        contact: unknown;
      };
      expect(contact).toMatchObject({ id: first.contact?.id, firstName: 'Dani' });
    },
  },
  {
    wrote: 'updates a contact and a custom field of it',
    read: 'the search, once the index has caught up',
    async run({ client, later }) {
      const id = await newContact(client);
      const customFields = [{ id: 'field-roof-age', field_value: 12 }];
      const { succeded } = await client.contacts.updateContact(
        { contactId: id },
        { lastName: 'Renamed', customFields },
      );
      expect(succeded).toBe(true);
      const filters = [{ field: 'email', operator: 'eq', value: GUEST.email }];
      const search = async () =>
        (await client.contacts.searchContactsAdvanced({ ...LOCATION, pageLimit: 10, page: 1, filters })) as {
          contacts: object[];
        };
      expect((await search()).contacts).not.toMatchObject([{ lastName: 'Renamed' }]);
      later(60_000);
      expect((await search()).contacts).toMatchObject([
        { id, lastName: 'Renamed', customFields: [{ id: 'field-roof-age', value: 12 }] },
      ]);
    },
  },
  {
    wrote: 'adds tags to a contact and takes one away',
    read: 'its id, and the tags of the location',
    async run({ client }) {
      const contactId = await newContact(client);
      expect((await client.contacts.addTags({ contactId }, { tags: ['Booked', 'No-show'] })).tags).toEqual([
        'booked',
        'no-show',
      ]);
      await client.contacts.removeTags({ contactId }, { tags: ['no-show'] });
      const { contact } = await client.contacts.getContact({ contactId });
      expect(contact?.tags).toEqual(['booked']);
      const { tags } = await client.locations.getLocationTags(LOCATION);
      expect(tags?.map(({ name }) => name)).toEqual(expect.arrayContaining(['booked', 'no-show']));
    },
  },
  {
    wrote: 'writes a note at a contact and changes it',
    read: 'the list of its notes',
    async run({ client }) {
      const contactId = await newContact(client);
      const { note } = await client.contacts.createNote({ contactId }, { body: 'Came late.' });
      await client.contacts.updateNote({ contactId, id: note?.id ?? '' }, { body: 'Came ten minutes late.' });
      const { notes } = await client.contacts.getAllNotes({ contactId });
      expect(notes).toMatchObject([{ id: note?.id, body: 'Came ten minutes late.', contactId }]);
    },
  },
  {
    wrote: 'opens a task at a contact and completes it',
    read: 'the list of its tasks',
    async run({ client }) {
      const contactId = await newContact(client);
      const task = { title: 'Call back', dueDate: '2026-11-25T17:00:00.000Z', completed: false };
      const made = await client.contacts.createTask({ contactId }, task);
      const taskId = made.task?.id ?? '';
      await client.contacts.updateTask({ contactId, taskId }, { title: 'Call back today' });
      await client.contacts.updateTaskCompleted({ contactId, taskId }, { completed: true });
      const { tasks } = await client.contacts.getAllTasks({ contactId });
      expect(tasks).toMatchObject([{ id: taskId, title: 'Call back today', completed: true }]);
    },
  },
  {
    wrote: 'deletes a contact',
    read: 'its id, which is refused',
    async run({ client }) {
      const contactId = await newContact(client);
      expect(await client.contacts.deleteContact({ contactId })).toEqual({ succeded: true });
      await expect(client.contacts.getContact({ contactId })).rejects.toMatchObject({
        statusCode: 400,
        code: 'VALIDATION',
      });
    },
  },
];
