/** The page: what it shows, that it escapes, and that its forms do what their buttons say. */
import { DEALS, MEETINGS, aDeal, aMeeting, createContact, createRecord, startPortal } from './portal-client';
import type { TestPortal } from './portal-client';

let portal: TestPortal;
beforeEach(async () => {
  portal = await startPortal();
});
afterEach(() => portal.close());

const at = (path: string): string => `${portal.simulators.url}/hubspot${path}`;
const page = async (query = ''): Promise<string> => (await fetch(at(`/${query}`))).text();

async function send(path: string, fields: Record<string, string>): Promise<URL> {
  const answer = await fetch(at(path), { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  expect(answer.status).toBe(303);
  return new URL(answer.headers.get('location') ?? '', at('/'));
}

test('an empty portal says so', async () => {
  const html = await page();
  for (const text of ['No contacts.', 'No deals.', 'No meetings.', 'Nobody is told']) expect(html).toContain(text);
});

test('records, requests and violations are shown, and nothing out of them is markup', async () => {
  const script = '<script>alert(1)</script>';
  const contactId = await createContact(portal.api, { firstname: script, email: 'sample.guest@example.com' });
  await createRecord(portal.api, DEALS, aDeal({ dealname: script }));
  const meetingId = await createRecord(portal.api, MEETINGS, aMeeting({ hs_meeting_title: script }));
  await portal.api('GET', `/crm/nowhere?${script}`);
  const html = await page(`?done=${encodeURIComponent(script)}`);
  expect(html).not.toContain('<script');
  for (const text of [contactId, meetingId, 'Appointment Scheduled', 'SCHEDULED', '24 Nov 2026, 12:00']) {
    expect(html).toContain(text);
  }
  expect(html).toContain('4 requests, 1 against the contract.');
  expect(portal.hubspot.requests()).toHaveLength(4);
});

test('every form on the page does its act', async () => {
  const contactId = await createContact(portal.api, { firstname: 'Sample', phone: '+1 202 555 0101' });
  const dealId = await createRecord(portal.api, DEALS, aDeal());
  const meetingId = await createRecord(portal.api, MEETINGS, aMeeting());
  const done = await send('/act', { action: 'setOutcome', meetingId, outcome: 'NO_SHOW' });
  expect(done.searchParams.get('done')).toBe('Done.');
  expect(done.hash).toBe(`#${meetingId}`);
  const slot = { start: '2026-11-26T10:00', startZone: 'America/New_York' };
  await send('/act', { action: 'moveMeeting', meetingId, ...slot });
  await send('/act', { action: 'moveStage', dealId, stageId: 'closedwon' });
  await send('/act', { action: 'createMeeting', contactId, title: 'Visit', ...slot });
  await send('/act', { action: 'editContact', contactId, firstname: 'Dana', phone: '' });
  const { contacts, deals, meetings } = portal.hubspot.state().objects;
  expect(meetings).toMatchObject([
    { properties: { hs_meeting_outcome: 'NO_SHOW', hs_meeting_start_time: '2026-11-26T15:00:00Z' } },
    { properties: { hs_meeting_title: 'Visit', hs_meeting_start_time: '2026-11-26T15:00:00Z' } },
  ]);
  expect(deals).toMatchObject([{ properties: { dealstage: 'closedwon' } }]);
  expect(contacts).toMatchObject([{ properties: { firstname: 'Dana', phone: null } }]);
  await send('/act', { action: 'deleteMeeting', meetingId });
  expect(portal.hubspot.state().objects.meetings[0]?.archived).toBe(true);
  await send('/act', { action: 'disconnectApp' });
  await send('/flush', {});
});

test('an act that the portal refuses, or that is none, is answered with why', async () => {
  const dealId = await createRecord(portal.api, DEALS, aDeal());
  const refused = await send('/act', { action: 'moveStage', dealId, stageId: 'nope' });
  expect(refused.searchParams.get('refused')).toContain('dealstage');
  expect(await page(refused.search)).toContain('class="said bad"');
  const noDate = { action: 'moveMeeting', meetingId: '1', start: 'soon' };
  expect((await send('/act', noDate)).searchParams.get('refused')).toContain('startMs');
});
