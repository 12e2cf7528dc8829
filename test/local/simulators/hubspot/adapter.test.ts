/** Our HubSpot adapter against the simulated portal: it must not break HubSpot's contract once. */
import { createHubspotCrm } from '../../../../integrations/hubspot/crm';
import type { AppointmentFields } from '../../../../integrations/ports';
import { startPortal } from './portal-client';

test('a whole life of a booking is written without a single violation', async () => {
  const portal = await startPortal();
  try {
    portal.hubspot.changeSettings({ searchLagMs: 0 });
    const crm = createHubspotCrm({ baseUrl: `${portal.simulators.url}/hubspot`, token: 't', requestsPerSecond: 1_000 });
    const call = { operationKey: 'k', signal: new AbortController().signal };
    await crm.probe(call);
    expect((await crm.ensureSetup(call)).missing).toEqual([]);
    expect((await crm.describe(call)).pipelines.map(({ id }) => id)).toEqual(['default']);
    const nobody = { linkedId: null, emails: ['sample.guest@example.com'], phones: ['+12025550101'] };
    expect(await crm.resolvePerson(nobody, call)).toEqual({ kind: 'none' });
    const fields = { email: 'sample.guest@example.com', phone: null, firstName: 'Sample', lastName: null };
    const person = await crm.createPerson(fields, call);
    expect(await crm.createPerson(fields, call)).toMatchObject({ id: person.id, created: false });
    await crm.writePerson(person.id, { phone: '+12025550101' }, call);
    expect(await crm.resolvePerson({ ...nobody, emails: [] }, call)).toMatchObject({
      kind: 'one',
      person: { id: person.id, current: { phone: '+12025550101' } },
      matchedOn: 'phone',
    });
    const owner = await crm.findOwner('host@example.com', call);
    expect(await crm.findOpportunity(person.id, 'default', call)).toBeNull();
    const opportunity = {
      externalKey: 'o:1',
      personId: person.id,
      pipelineId: 'default',
      stageId: 'appointmentscheduled',
    };
    const deal = await crm.createOpportunity({ ...opportunity, name: 'Call', ownerId: owner?.id ?? null }, call);
    expect(await crm.findOpportunity(person.id, 'default', call)).toMatchObject({ id: deal.id });
    await crm.moveOpportunity(deal.id, { pipelineId: 'default', stageId: 'qualifiedtobuy' }, call);

    const startMs = Date.UTC(2026, 10, 24, 17);
    const appointment: AppointmentFields = {
      externalKey: 'a:1',
      personId: person.id,
      opportunityId: deal.id,
      ownerId: owner?.id ?? null,
      slot: { startMs, endMs: startMs + 1_800_000, zone: 'Europe/Zurich' },
      status: 'scheduled',
      title: 'Call',
      body: 'Notes',
      joinUrl: 'https://video.example.com/1',
      location: null,
    };
    expect(await crm.findAppointment('a:1', person.id, call)).toBeNull();
    const meeting = await crm.createAppointment(appointment, call);
    expect(await crm.findAppointment('a:1', person.id, call)).toEqual({ id: meeting.id });
    for (const status of ['rescheduled', 'showed', 'no_show', 'canceled', 'scheduled'] as const) {
      await crm.updateAppointment(meeting.id, { ...appointment, status }, call);
      expect(await crm.readAppointment(meeting.id, call)).toMatchObject({ status, startMs });
    }
    await crm.cancelAppointment(meeting.id, 'A surplus appointment.', call);
    expect(portal.hubspot.state().violations).toBe(0);
  } finally {
    await portal.close();
  }
});
