/** Owners, pipelines and properties as HubSpot's client sees them, and what it makes of them. */
import type { Client } from '@hubspot/api-client';
import {
  PropertyCreateFieldTypeEnum,
  PropertyCreateTypeEnum,
} from '@hubspot/api-client/lib/codegen/crm/properties/models/PropertyCreate';
import { aMeeting } from '../hubspot/portal-client';
import { newDeal, readBy } from './hubspot-client';
import type { HubspotWorld } from './hubspot-client';
import type { Row } from './journey';

const aUniqueKey = (groupName: string, name = 'booking_key') => ({
  name,
  label: 'Booking key',
  groupName,
  hasUniqueValue: true,
  type: PropertyCreateTypeEnum.String,
  fieldType: PropertyCreateFieldTypeEnum.Text,
});

/** Makes a group of properties and returns its name as it is read back. */
async function newGroup(client: Client, objectType: string): Promise<string> {
  const { groupsApi } = client.crm.properties;
  await groupsApi.create(objectType, { name: 'bookings', label: 'Bookings' });
  return (await groupsApi.getByName(objectType, 'bookings')).name;
}

export const setupRows: readonly Row<HubspotWorld>[] = [
  {
    wrote: 'gives a deal to the owner whom it found by e-mail address',
    read: 'its id',
    async run({ client }) {
      const { ownersApi } = client.crm.owners;
      const [owner] = (await ownersApi.getPage('host@example.com', undefined, 100, false)).results;
      expect(await ownersApi.getById(Number(owner?.id), 'id', false)).toEqual(owner);
      const { id } = await newDeal(client);
      await client.crm.deals.basicApi.update(id, { properties: { hubspot_owner_id: String(owner?.id) } });
      const { properties } = await client.crm.deals.basicApi.getById(id, ['hubspot_owner_id']);
      expect(properties['hubspot_owner_id']).toBe('77001');
    },
  },
  {
    wrote: 'moves a deal to the last stage of the pipeline that it read',
    read: 'its id',
    async run({ client }) {
      const { pipelinesApi, pipelineStagesApi } = client.crm.pipelines;
      const [pipeline] = (await pipelinesApi.getAll('deals')).results;
      expect(await pipelinesApi.getById('deals', 'default')).toEqual(pipeline);
      const stages = (await pipelineStagesApi.getAll('deals', 'default')).results;
      expect(stages).toEqual(pipeline?.stages);
      const last = stages.at(-1)?.id ?? '';
      const { id } = await newDeal(client);
      await client.crm.deals.basicApi.update(id, { properties: { dealstage: last } });
      const { properties } = await client.crm.deals.basicApi.getById(id, ['dealstage', 'hs_is_closed']);
      expect(properties).toMatchObject({ dealstage: 'closedlost', hs_is_closed: 'true' });
    },
  },
  {
    wrote: 'makes a property with unique values',
    read: 'its name, the list, and the value of a record',
    async run({ client }) {
      const { coreApi } = client.crm.properties;
      const made = await coreApi.create('meetings', aUniqueKey(await newGroup(client, 'meetings')));
      expect(made).toMatchObject({ name: 'booking_key', hasUniqueValue: true, type: 'string' });
      const read = await coreApi.getByName('meetings', 'booking_key', false);
      expect(read).toMatchObject({ name: 'booking_key', hasUniqueValue: true, groupName: 'bookings' });
      expect((await coreApi.getAll('meetings', false)).results.map(({ name }) => name)).toContain('booking_key');
      const meeting = await client.crm.objects.meetings.basicApi.create(aMeeting({ booking_key: 'a:1' }));
      const { batchApi } = client.crm.objects.meetings;
      const { results } = await batchApi.read(readBy('booking_key', ['a:1'], ['booking_key']));
      expect(results.map(({ id }) => id)).toEqual([meeting.id]);
    },
  },
  {
    wrote: 'makes two properties in a batch',
    read: 'the list, next to the groups',
    async run({ client }) {
      const { batchApi, coreApi, groupsApi } = client.crm.properties;
      const group = await newGroup(client, 'contacts');
      const inputs = ['first_key', 'second_key'].map((name) => aUniqueKey(group, name));
      expect((await batchApi.create('contacts', { inputs })).results).toMatchObject(inputs);
      const { results } = await coreApi.getAll('contacts', false);
      expect(results.map(({ name }) => name)).toEqual(expect.arrayContaining(['first_key', 'second_key']));
      expect((await groupsApi.getAll('contacts')).results.map(({ name }) => name)).toContain(group);
    },
  },
  {
    wrote: 'renames a property',
    read: 'a batch read of properties',
    async run({ client }) {
      const { coreApi, batchApi } = client.crm.properties;
      await coreApi.create('deals', aUniqueKey(await newGroup(client, 'deals')));
      await coreApi.update('deals', 'booking_key', { label: 'Key of the booking' });
      const inputs = [{ name: 'booking_key' }];
      const { results } = await batchApi.read('deals', { archived: false, inputs });
      expect(results).toMatchObject([{ name: 'booking_key', label: 'Key of the booking' }]);
    },
  },
];
