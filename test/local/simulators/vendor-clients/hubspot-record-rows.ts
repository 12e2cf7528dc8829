/** What HubSpot's client writes to deals, meetings, notes and their links, and by which other operation it reads it back. */
import { aDeal, aMeeting } from '../hubspot/portal-client';
import { filterBy, linkTo, newContact, newDeal, readBy, typeOf } from './hubspot-client';
import type { HubspotWorld } from './hubspot-client';
import type { Row } from './journey';

export const recordRows: readonly Row<HubspotWorld>[] = [
  {
    wrote: 'links a deal to a contact the default way',
    read: 'a batch read of associations',
    async run({ client }) {
      const [contact, deal] = [await newContact(client), await newDeal(client)];
      await client.crm.associations.v4.basicApi.createDefault('contacts', contact.id, 'deals', deal.id);
      const { batchApi } = client.crm.associations.v4;
      const { results } = await batchApi.getPage('contacts', 'deals', { inputs: [{ id: contact.id }] });
      expect(results).toMatchObject([
        {
          _from: { id: contact.id },
          to: [{ toObjectId: deal.id, associationTypes: [{ typeId: typeOf('contactToDeal') }] }],
        },
      ]);
    },
  },
  {
    wrote: 'links by a type and takes the link away',
    read: "the contact's associations",
    async run({ client }) {
      const [contact, deal] = [await newContact(client), await newDeal(client)];
      const { basicApi } = client.crm.associations.v4;
      const { types } = linkTo(contact.id, 'dealToContact');
      await basicApi.create('deals', deal.id, 'contacts', contact.id, types);
      const dealsOf = async () => {
        const found = await client.crm.contacts.basicApi.getById(contact.id, undefined, undefined, ['deals']);
        return found.associations?.['deals']?.results.map(({ id, type }) => ({ id, type })) ?? [];
      };
      expect(await dealsOf()).toContainEqual({ id: deal.id, type: 'contact_to_deal' });
      await basicApi.archive('deals', deal.id, 'contacts', contact.id);
      expect(await dealsOf()).toEqual([]);
      const { batchApi } = client.crm.associations.v4;
      const batch = await batchApi.getPage('deals', 'contacts', { inputs: [{ id: deal.id }] });
      expect(batch).toMatchObject({ results: [], numErrors: 1, errors: [{ category: 'OBJECT_NOT_FOUND' }] });
    },
  },
  {
    wrote: 'creates a deal with its contact and moves it',
    read: 'a batch read and a search',
    async run({ client, clock }) {
      const contact = await newContact(client);
      const { basicApi, batchApi, searchApi } = client.crm.deals;
      const { id } = await basicApi.create({ ...aDeal(), associations: [linkTo(contact.id, 'dealToContact')] });
      await basicApi.update(id, { properties: { dealstage: 'qualifiedtobuy', amount: '1200' } });
      const { results } = await batchApi.read(readBy('hs_object_id', [id], ['dealname', 'dealstage', 'amount']));
      expect(results).toMatchObject([
        { id, properties: { dealname: 'Kitchen', dealstage: 'qualifiedtobuy', amount: '1200' } },
      ]);
      clock.nowMs += 10_000;
      const found = await searchApi.doSearch(filterBy('dealstage', 'qualifiedtobuy'));
      expect(found).toMatchObject({ total: 1, results: [{ id, properties: { dealstage: 'qualifiedtobuy' } }] });
    },
  },
  {
    wrote: 'creates a meeting and sets its outcome',
    read: 'its id, with its contact',
    async run({ client }) {
      const contact = await newContact(client);
      const { basicApi } = client.crm.objects.meetings;
      const { id } = await basicApi.create({ ...aMeeting(), associations: [linkTo(contact.id, 'meetingToContact')] });
      await basicApi.update(id, { properties: { hs_meeting_outcome: 'NO_SHOW' } });
      const wanted = ['hs_meeting_outcome', 'hs_meeting_start_time'];
      const found = await basicApi.getById(id, wanted, undefined, ['contacts']);
      expect(found.properties).toMatchObject({ hs_meeting_outcome: 'NO_SHOW' });
      expect(Date.parse(found.properties['hs_meeting_start_time'] ?? '')).toBe(Date.UTC(2026, 10, 24, 17));
      expect(found.associations?.['contacts']?.results.map((link) => link.id)).toEqual([contact.id]);
    },
  },
  {
    wrote: 'creates a note at a contact',
    read: 'the association and a batch read',
    async run({ client }) {
      const contact = await newContact(client);
      const properties = { hs_timestamp: '2026-11-24T17:00:00.000Z', hs_note_body: 'Came ten minutes late.' };
      const { id } = await client.crm.objects.notes.basicApi.create({
        properties,
        associations: [linkTo(contact.id, 'noteToContact')],
      });
      const { batchApi } = client.crm.associations.v4;
      const { results } = await batchApi.getPage('contacts', 'notes', { inputs: [{ id: contact.id }] });
      expect(results.flatMap(({ to }) => to.map(({ toObjectId }) => toObjectId))).toEqual([id]);
      const notes = await client.crm.objects.notes.batchApi.read(readBy('hs_object_id', [id], ['hs_note_body']));
      expect(notes.results).toMatchObject([{ properties: { hs_note_body: properties.hs_note_body } }]);
    },
  },
];
