/** What HubSpot's client writes to contacts, and by which other operation it reads it back. */
import { GUEST, OTHER, filterBy, newContact, readBy } from './hubspot-client';
import type { HubspotWorld } from './hubspot-client';
import type { Row } from './journey';

export const contactRows: readonly Row<HubspotWorld>[] = [
  {
    wrote: 'creates a contact',
    read: 'its id',
    async run({ client, clock }) {
      const { id } = await newContact(client);
      const found = await client.crm.contacts.basicApi.getById(id, ['email', 'firstname', 'phone']);
      expect(found).toMatchObject({ id, archived: false, properties: { email: GUEST.email, firstname: 'Dana' } });
      expect(Object.keys(found.properties)).not.toContain('lastname');
      expect(found.createdAt.getTime()).toBe(clock.nowMs);
    },
  },
  {
    wrote: 'creates a contact',
    read: 'its e-mail address',
    async run({ client }) {
      const { id } = await newContact(client);
      const { basicApi } = client.crm.contacts;
      const found = await basicApi.getById(GUEST.email, ['firstname'], undefined, undefined, false, 'email');
      expect(found).toMatchObject({ id, properties: { firstname: 'Dana' } });
    },
  },
  {
    wrote: 'updates a contact by its e-mail address',
    read: 'a batch read',
    async run({ client }) {
      const { id } = await newContact(client);
      await client.crm.contacts.basicApi.update(GUEST.email, { properties: { firstname: 'Dani' } }, 'email');
      const { batchApi } = client.crm.contacts;
      const { results } = await batchApi.read(readBy('email', [GUEST.email], ['firstname', 'lastname']));
      expect(results).toMatchObject([{ id, properties: { firstname: 'Dani', lastname: 'Sample' } }]);
    },
  },
  {
    wrote: 'creates a contact',
    read: 'a search, once the index has caught up',
    async run({ client, clock }) {
      const { id } = await newContact(client);
      const search = () => client.crm.contacts.searchApi.doSearch(filterBy('email', GUEST.email));
      expect(await search()).toMatchObject({ total: 0, results: [] });
      clock.nowMs += 10_000;
      expect(await search()).toMatchObject({ total: 1, results: [{ id, properties: { email: GUEST.email } }] });
    },
  },
  {
    wrote: 'creates contacts in a batch',
    read: 'the list',
    async run({ client }) {
      const inputs = [GUEST, OTHER].map((properties) => ({ properties, associations: [] }));
      const made = await client.crm.contacts.batchApi.create({ inputs });
      expect(made).toMatchObject({ status: 'COMPLETE', results: [{ properties: GUEST }, { properties: OTHER }] });
      const first = await client.crm.contacts.basicApi.getPage(1);
      const second = await client.crm.contacts.basicApi.getPage(1, first.paging?.next?.after);
      expect([...first.results, ...second.results].map(({ id }) => id)).toEqual(made.results.map(({ id }) => id));
    },
  },
  {
    wrote: 'creates and updates contacts in one batch upsert',
    read: 'a batch read',
    async run({ client }) {
      const known = await newContact(client);
      const inputs = [GUEST.email, OTHER.email].map((id) => ({
        id,
        idProperty: 'email',
        properties: { email: id, lastname: 'Renamed' },
      }));
      const { results } = await client.crm.contacts.batchApi.upsert({ inputs });
      expect(results).toMatchObject([{ id: known.id, _new: false }, { _new: true }]);
      const ids = results.map(({ id }) => id);
      const read = await client.crm.contacts.batchApi.read(readBy('hs_object_id', ids, ['lastname', 'firstname']));
      expect(read.results.map(({ properties }) => properties['lastname'])).toEqual(['Renamed', 'Renamed']);
    },
  },
  {
    wrote: 'updates contacts in a batch',
    read: 'their ids',
    async run({ client }) {
      const { id } = await newContact(client);
      await client.crm.contacts.batchApi.update({ inputs: [{ id, properties: { phone: '+13035550143' } }] });
      const { properties } = await client.crm.contacts.basicApi.getById(id, ['phone']);
      expect(properties['phone']).toBe('+13035550143');
    },
  },
  {
    wrote: 'merges two contacts',
    read: 'the id that survived',
    async run({ client }) {
      const [kept, gone] = [await newContact(client), await newContact(client, OTHER)];
      const { basicApi } = client.crm.contacts;
      const survivor = await basicApi.merge({ primaryObjectId: kept.id, objectIdToMerge: gone.id });
      const { properties } = await basicApi.getById(survivor.id, ['email', 'hs_additional_emails', 'firstname']);
      expect(properties).toMatchObject({ email: GUEST.email, hs_additional_emails: OTHER.email, firstname: 'Dana' });
      await expect(basicApi.getById(gone.id)).rejects.toMatchObject({ code: 404 });
    },
  },
  {
    wrote: 'archives a contact',
    read: 'a read of what is archived',
    async run({ client }) {
      const { id } = await newContact(client);
      const { basicApi } = client.crm.contacts;
      await basicApi.archive(id);
      await expect(basicApi.getById(id)).rejects.toMatchObject({ code: 404 });
      expect(await basicApi.getById(id, ['email'], undefined, undefined, true)).toMatchObject({ id, archived: true });
    },
  },
];
