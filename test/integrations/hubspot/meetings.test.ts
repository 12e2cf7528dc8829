import { referenceLine } from '../../../integrations/reference';
import { appointment, cannedCrm, links, record, type Routes } from './canned-transport';

const MEETINGS = '/crm/objects/2026-09/meetings';
const LINKS = '/crm/associations/2026-09/contacts';
const KEY = appointment().externalKey;
const GONE = { status: 404, json: { status: 'error', category: 'OBJECT_NOT_FOUND', message: 'resource not found' } };

describe('an appointment in HubSpot', () => {
  it('is created with its links in one request, its timestamp being the start', async () => {
    const { crm, call, sent } = cannedCrm({ [`POST ${MEETINGS}`]: { status: 201, json: { id: '501' } } });
    const fields = appointment({ opportunityId: '301', ownerId: '77001', joinUrl: 'https://meet.example.com/x' });
    expect(await crm.createAppointment(fields, call)).toEqual({ id: '501' });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.body).toEqual({
      properties: {
        hs_timestamp: '2026-11-24T17:00:00.000Z',
        hs_meeting_title: 'Roof inspection',
        hs_meeting_body: `<p>Sample appointment</p><p>${referenceLine(KEY)}</p>`,
        hs_meeting_start_time: '2026-11-24T17:00:00.000Z',
        hs_meeting_end_time: '2026-11-24T17:30:00.000Z',
        hs_meeting_outcome: 'SCHEDULED',
        hs_meeting_external_url: 'https://meet.example.com/x',
        hubspot_owner_id: '77001',
      },
      associations: [
        { to: { id: '101' }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 200 }] },
        { to: { id: '301' }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 212 }] },
      ],
    });
  });

  it.each([
    ['scheduled', 'SCHEDULED'],
    ['rescheduled', 'RESCHEDULED'],
    ['canceled', 'CANCELED'],
    ['showed', 'COMPLETED'],
    ['no_show', 'NO_SHOW'],
  ] as const)('speaks of %s as %s, in both directions', async (status, outcome) => {
    const { crm, call, sent } = cannedCrm({
      [`PATCH ${MEETINGS}/501`]: { json: record('501') },
      [`GET ${MEETINGS}/501`]: { json: record('501', { hs_meeting_outcome: outcome }) },
    });
    await crm.updateAppointment('501', appointment({ status }), call);
    expect(sent[0]?.body).toMatchObject({ properties: { hs_meeting_outcome: outcome } });
    expect(await crm.readAppointment('501', call)).toMatchObject({ status });
  });

  it('is linked to its deal on an update', async () => {
    const path = `${MEETINGS}/501/associations/default/deals/301`;
    const { crm, call, sent } = cannedCrm({
      [`PATCH ${MEETINGS}/501`]: { json: record('501') },
      [`PUT ${path}`]: { json: { status: 'COMPLETE', results: [] } },
    });
    await crm.updateAppointment('501', appointment({ opportunityId: '301' }), call);
    expect(sent.map(({ method }) => method)).toEqual(['PATCH', 'PUT']);
  });

  it('is marked as canceled with the reason under its text, once however often it is asked', async () => {
    const before = `<p>Kept</p><p>${referenceLine(KEY)}</p>`;
    const after = `${before}<p>Merged into another booking.</p>`;
    const { crm, call, sent } = cannedCrm({
      [`GET ${MEETINGS}/501`]: [
        { json: record('501', { hs_meeting_body: before }) },
        { json: record('501', { hs_meeting_body: after }) },
      ],
      [`PATCH ${MEETINGS}/501`]: { json: record('501') },
    });
    await crm.cancelAppointment('501', 'Merged into another booking.', call);
    await crm.cancelAppointment('501', 'Merged into another booking.', call);
    const properties = { hs_meeting_outcome: 'CANCELED', hs_meeting_body: after };
    expect(sent.filter(({ method }) => method === 'PATCH').map(({ body }) => body)).toEqual([
      { properties },
      { properties },
    ]);
  });

  it.each([
    ['ISO text', '2026-11-24T17:00:00Z', Date.UTC(2026, 10, 24, 17)],
    ['milliseconds', String(Date.UTC(2026, 10, 24, 17)), Date.UTC(2026, 10, 24, 17)],
    ['nothing', null, null],
    ['nonsense', 'soon', null],
  ])('is read back with its start given as %s', async (_what, value, startMs) => {
    const { crm, call } = cannedCrm({
      [`GET ${MEETINGS}/501`]: {
        json: record('501', { hs_meeting_start_time: value, hs_meeting_outcome: 'SOMETHING_NEW' }),
      },
    });
    expect(await crm.readAppointment('501', call)).toEqual({
      id: '501',
      startMs,
      endMs: null,
      status: null,
      archived: false,
      title: null,
      ownerId: null,
    });
  });

  it('reads as null when it is gone', async () => {
    const { crm, call } = cannedCrm({ [`GET ${MEETINGS}/501`]: GONE });
    expect(await crm.readAppointment('501', call)).toBeNull();
  });

  it.each(['', '..', ' '])('refuses the id "%s" before it could address something else', async (id) => {
    const { crm, call, sent } = cannedCrm({});
    await expect(crm.updateAppointment(id, appointment(), call)).rejects.toMatchObject({ errorClass: 'target_gone' });
    expect(sent).toHaveLength(0);
  });
});

describe('finding an appointment by its key', () => {
  const meeting = (id: string, key: string, createdAt = '2026-11-20T10:00:00.000Z') =>
    record(id, { hs_meeting_body: `<p>${referenceLine(key)}</p>` }, { createdAt });
  const find = (routes: Routes) => {
    const { crm, call, sent } = cannedCrm(routes);
    return { sent, result: crm.findAppointment(KEY, '101', call) };
  };

  it('looks through all pages of the contact’s meetings, a hundred at a time', async () => {
    const ids = Array.from({ length: 150 }, (_, n) => String(1_000 + n));
    const { sent, result } = find({
      [`POST ${LINKS}/meetings/batch/read`]: [{ json: links(ids.slice(0, 60), '60') }, { json: links(ids.slice(60)) }],
      [`POST ${MEETINGS}/batch/read`]: [
        { json: { results: ids.slice(0, 100).map((id) => meeting(id, `other-${id}`)) } },
        { json: { results: [meeting('1149', KEY)] } },
      ],
    });
    expect(await result).toEqual({ id: '1149' });
    expect(sent[1]?.body).toEqual({ inputs: [{ id: '101', after: '60' }] });
    expect((sent[2]?.body as { inputs: unknown[] }).inputs).toHaveLength(100);
    expect((sent[3]?.body as { inputs: unknown[] }).inputs).toHaveLength(50);
  });

  it('keeps the older one where two carry the key, and none that is archived', async () => {
    const { result } = find({
      [`POST ${LINKS}/meetings/batch/read`]: { json: links(['1', '2', '3']) },
      [`POST ${MEETINGS}/batch/read`]: {
        json: {
          results: [
            meeting('3', KEY, '2026-11-20T10:00:05.000Z'),
            meeting('2', KEY, '2026-11-20T10:00:01.000Z'),
            { ...meeting('1', KEY, '2026-11-20T10:00:00.000Z'), archived: true },
          ],
        },
      },
    });
    expect(await result).toEqual({ id: '2' });
  });

  it('finds nothing for a contact without meetings', async () => {
    const errors = [
      {
        status: 'error',
        category: 'OBJECT_NOT_FOUND',
        subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
        message: 'none',
      },
    ];
    const { result } = find({
      [`POST ${LINKS}/meetings/batch/read`]: { status: 207, json: { status: 'COMPLETE', results: [], errors } },
    });
    expect(await result).toBeNull();
  });

  it('never takes trouble inside a batch for absence', async () => {
    const errors = [{ status: 'error', category: 'INTERNAL_ERROR', message: 'try later' }];
    const broken = { status: 207, json: { status: 'COMPLETE', results: [], errors } };
    await expect(find({ [`POST ${LINKS}/meetings/batch/read`]: broken }).result).rejects.toMatchObject({
      errorClass: 'unavailable',
    });
    const later = find({
      [`POST ${LINKS}/meetings/batch/read`]: { json: links(['1']) },
      [`POST ${MEETINGS}/batch/read`]: broken,
    });
    await expect(later.result).rejects.toMatchObject({ errorClass: 'unavailable' });
  });
});
