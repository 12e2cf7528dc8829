/** What a rep does in HubSpot itself, over the admin path. */
import {
  DEALS,
  MEETINGS,
  aDeal,
  aMeeting,
  admin,
  createContact,
  createRecord,
  linkTo,
  startPortal,
} from './portal-client';
import type { ApiBody, TestPortal } from './portal-client';

let portal: TestPortal;
let [contactId, dealId, meetingId] = ['', '', ''];
beforeEach(async () => {
  portal = await startPortal();
  contactId = await createContact(portal.api, { email: 'sample.guest@example.com', firstname: 'Sample' });
  dealId = await createRecord(portal.api, DEALS, aDeal());
  const associations = [linkTo(contactId, 200), linkTo(dealId, 212)];
  meetingId = await createRecord(portal.api, MEETINGS, { ...aMeeting(), associations });
});
afterEach(() => portal.close());

const act = (given: object): Promise<{ status: number; body: ApiBody & { records?: readonly ApiBody[] } }> =>
  admin(portal, 'act', given);
const startMs = Date.UTC(2026, 10, 25, 17);

test.each([
  [
    'sets an outcome',
    () => ({ action: 'setOutcome', meetingId, outcome: 'NO_SHOW' }),
    { hs_meeting_outcome: 'NO_SHOW' },
  ],
  [
    'moves a meeting and keeps its length',
    () => ({ action: 'moveMeeting', meetingId, startMs }),
    {
      hs_timestamp: '2026-11-25T17:00:00Z',
      hs_meeting_start_time: '2026-11-25T17:00:00Z',
      hs_meeting_end_time: '2026-11-25T17:30:00Z',
    },
  ],
  [
    'moves a meeting to another length',
    () => ({ action: 'moveMeeting', meetingId, startMs, endMs: startMs + 60_000 }),
    { hs_meeting_end_time: '2026-11-25T17:01:00Z' },
  ],
  ['moves a deal', () => ({ action: 'moveStage', dealId, stageId: 'closedwon' }), { hs_is_closed_won: 'true' }],
  [
    'edits a contact',
    () => ({ action: 'editContact', contactId, properties: { lastname: 'Guest' } }),
    { lastname: 'Guest' },
  ],
] as const)('a rep %s', async (_what, given, properties) => {
  const { status, body } = await act(given());
  expect(status).toBe(200);
  expect(body.records).toMatchObject([{ archived: false, properties }]);
});

test('a rep makes a meeting that belongs to a contact and a deal', async () => {
  const { body } = await act({ action: 'createMeeting', contactId, dealId, startMs, minutes: 45, ownerId: '77001' });
  const id = body.records?.[0]?.id;
  const read = await portal.api('GET', `${MEETINGS}/${id}?associations=contacts,deals&properties=hs_meeting_end_time`);
  expect(read.body.properties?.['hs_meeting_end_time']).toBe('2026-11-25T17:45:00Z');
  expect(read.body.associations).toMatchObject({ contacts: { results: [{ id: contactId }] }, deals: {} });
});

test.each([
  ['meeting', () => ({ action: 'deleteMeeting', meetingId }), () => `${MEETINGS}/${meetingId}`],
  ['deal', () => ({ action: 'deleteDeal', dealId }), () => `${DEALS}/${dealId}`],
] as const)('a %s that a rep deletes is gone for apps', async (_what, given, path) => {
  expect((await act(given())).body.records).toMatchObject([{ archived: true }]);
  expect((await portal.api('GET', path())).status).toBe(404);
  expect((await act(given())).status).toBe(404);
});

test('a rep merges two contacts and deletes what came of it', async () => {
  const otherId = await createContact(portal.api, { firstname: 'Other' });
  const { body } = await act({ action: 'mergeContacts', primaryId: contactId, otherId });
  const survivorId = body.records?.[0]?.id ?? '';
  expect((await act({ action: 'deleteContact', contactId: survivorId })).status).toBe(200);
  const live = portal.hubspot.state().objects.contacts.filter(({ archived }) => !archived);
  expect(live).toEqual([]);
});

test('a rep goes by the rules of the portal, and nothing that a rep does is counted against an app', async () => {
  portal.hubspot.changeSettings({ pipelineRules: [{ pipeline: 'default', noSkipping: true }] });
  expect((await act({ action: 'moveStage', dealId, stageId: 'contractsent' })).status).toBe(409);
  expect((await act({ action: 'setOutcome', meetingId, outcome: 'nope' })).status).toBe(409);
  expect((await act({ action: 'setOutcome', meetingId: '1', outcome: 'NO_SHOW' })).status).toBe(404);
  expect((await act({ action: 'setOutcome', meetingId })).status).toBe(400);
  expect((await act({ action: 'dance' })).status).toBe(400);
  expect(portal.hubspot.state()).toMatchObject({ violations: 0, automations: {} });
});
