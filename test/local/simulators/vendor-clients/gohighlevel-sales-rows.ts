/** What HighLevel's client writes to opportunities, users, fields and tags, and by which other operation it reads it back. */
import { GUEST, LOCATION } from '../gohighlevel/location-client';
import { newContact, newOpportunity } from './gohighlevel-client';
import type { LocationWorld } from './gohighlevel-client';
import type { Row } from './journey';

export const salesRows: readonly Row<LocationWorld>[] = [
  {
    wrote: 'creates an opportunity and moves it',
    read: 'its id',
    async run({ client }) {
      const id = await newOpportunity(client, await newContact(client));
      const [pipeline] = (await client.opportunities.getPipelines(LOCATION)).pipelines ?? [];
      expect(pipeline?.stages?.map((stage) => (stage as unknown as { id: string }).id)).toContain('stage-showed');
      await client.opportunities.updateOpportunity(
        { id },
        { pipelineId: 'pipe-main', pipelineStageId: 'stage-showed', monetaryValue: 1_200 },
      );
      const { opportunity } = await client.opportunities.getOpportunity({ id });
      expect(opportunity).toMatchObject({ id, pipelineStageId: 'stage-showed', monetaryValue: 1_200, status: 'open' });
    },
  },
  {
    wrote: 'creates an opportunity',
    read: 'both searches, once the index has caught up',
    async run({ client, later }) {
      const contactId = await newContact(client);
      const id = await newOpportunity(client, contactId);
      const search = () =>
        client.opportunities.searchOpportunity({ locationId: 'loc-main', contactId, pipelineId: 'pipe-main' });
      expect((await search()).opportunities).toEqual([]);
      later(60_000);
      expect((await search()).opportunities).toMatchObject([{ id, contactId, contact: { email: GUEST.email } }]);
      const additionalDetails = { notes: false, tasks: false, calendarEvents: false, unReadConversations: false };
      const body = { ...LOCATION, query: 'kitchen', limit: 20, page: 1, searchAfter: [], additionalDetails };
      const found = await client.opportunities.searchOpportunitiesAdvanced(body);
      expect([found.total, found.opportunities?.[0]?.id]).toEqual([1, id]);
    },
  },
  {
    wrote: 'sets an opportunity to lost',
    read: 'its id',
    async run({ client }) {
      const id = await newOpportunity(client, await newContact(client));
      const { lostReasons } = await client.opportunities.getLostReason(LOCATION);
      const lostReasonId = lostReasons?.[0]?.id ?? '';
      await client.opportunities.updateOpportunityStatus({ id }, { status: 'lost', lostReasonId });
      const { opportunity } = await client.opportunities.getOpportunity({ id });
      expect(opportunity).toMatchObject({ status: 'lost', lostReasonId });
    },
  },
  {
    wrote: 'upserts an opportunity, and deletes it',
    read: 'its id, which is refused in the end',
    async run({ client }) {
      const id = await newOpportunity(client, await newContact(client));
      const upserted = await client.opportunities.upsertOpportunity({
        ...LOCATION,
        id,
        pipelineId: 'pipe-main',
        pipelineStageId: 'stage-proposal',
        monetaryValue: 900,
        followers: [],
        isRemoveAllFollowers: false,
        followersActionType: 'add',
      });
      expect(upserted.new).toBe(false);
      const { opportunity } = await client.opportunities.getOpportunity({ id });
      expect(opportunity).toMatchObject({ pipelineStageId: 'stage-proposal', monetaryValue: 900 });
      await client.opportunities.deleteOpportunity({ id });
      await expect(client.opportunities.getOpportunity({ id })).rejects.toMatchObject({ statusCode: 400 });
    },
  },
];

export const setupRows: readonly Row<LocationWorld>[] = [
  {
    wrote: 'gives a contact to the user whom it found',
    read: 'its id',
    async run({ client }) {
      const [host] =
        (await client.users.searchUsers({ companyId: 'company-main', query: 'host@example.com' })).users ?? [];
      const { users } = await client.users.getUserByLocation(LOCATION);
      expect(users).toContainEqual(host);
      expect(await client.users.getUser({ userId: host?.id ?? '' })).toEqual(host);
      const contactId = await newContact(client);
      await client.contacts.updateContact({ contactId }, { assignedTo: host?.id ?? '' });
      expect((await client.contacts.getContact({ contactId })).contact?.assignedTo).toBe('user-host');
    },
  },
  {
    wrote: 'makes a custom field',
    read: 'the list, and a contact that has it',
    async run({ client }) {
      const { customField } = await client.locations.createCustomField(LOCATION, {
        name: 'Booking key',
        dataType: 'TEXT',
        model: 'contact',
      });
      const { customFields } = await client.locations.getCustomFields({ ...LOCATION, model: 'contact' });
      expect(customFields).toContainEqual(customField);
      const contactId = await newContact(client, {
        ...GUEST,
        customFields: [{ id: customField?.id, field_value: 'a:1' }],
      });
      expect((await client.contacts.getContact({ contactId })).contact?.customFields).toEqual([
        { id: customField?.id, value: 'a:1' },
      ]);
    },
  },
  {
    wrote: 'makes a tag',
    read: 'the list of tags, next to the location itself',
    async run({ client }) {
      const { tag } = await client.locations.createTag(LOCATION, { name: 'Estimate given' });
      expect((await client.locations.getLocationTags(LOCATION)).tags).toContainEqual(tag);
      expect((await client.locations.getLocation(LOCATION)).location).toMatchObject({
        id: 'loc-main',
        timezone: 'America/Denver',
      });
      expect(await client.locations.getTimezones(LOCATION)).toMatchObject({
        timeZones: expect.arrayContaining(['America/Denver']),
      });
    },
  },
];
