import { cannedCrm, failure, refusal, type Canned, type Routes } from './canned-transport';

const stage = (id: string, position?: number) => ({
  id,
  name: `Stage ${id}`,
  ...(position === undefined ? {} : { position }),
});

describe('what a HighLevel location has', () => {
  const routes: Routes = {
    'GET /opportunities/pipelines': {
      json: {
        pipelines: [
          { id: 'pipe-1', name: 'Sales', stages: [stage('b', 1), stage('a', 0)] },
          { id: 'pipe-2', name: 'Repairs', stages: [stage('x'), stage('y')] },
        ],
      },
    },
    'GET /locations/loc-1/customFields': {
      json: {
        customFields: [
          { id: 'field-1', name: 'Roof type', dataType: 'TEXT' },
          { id: 'field-2', name: 'Roof age', dataType: 'NUMERICAL' },
          { id: 'field-3', name: 'Remarks', dataType: 'LARGE_TEXT' },
          { id: 'field-4', name: 'Unknown' },
        ],
      },
    },
  };

  it('is its pipelines with their stages in order, and the custom fields that hold text', async () => {
    const { crm, call, sent } = cannedCrm(routes);
    expect(await crm.describe(call)).toEqual({
      pipelines: [
        {
          id: 'pipe-1',
          label: 'Sales',
          stages: [
            { id: 'a', label: 'Stage a', order: 0 },
            { id: 'b', label: 'Stage b', order: 1 },
          ],
        },
        {
          id: 'pipe-2',
          label: 'Repairs',
          stages: [
            { id: 'x', label: 'Stage x', order: 0 },
            { id: 'y', label: 'Stage y', order: 1 },
          ],
        },
      ],
      personFields: [
        { id: 'field-1', label: 'Roof type' },
        { id: 'field-3', label: 'Remarks' },
      ],
    });
    expect(sent.map(({ path }) => path)).toEqual([
      '/opportunities/pipelines?locationId=loc-1',
      '/locations/loc-1/customFields?model=contact',
    ]);
  });

  it('is probed with one call', async () => {
    const { crm, call, sent } = cannedCrm(routes);
    await crm.probe(call);
    expect(sent).toHaveLength(1);
  });
});

describe('setting HighLevel up', () => {
  const good: Record<string, Canned> = {
    'GET /calendars/cal-1': { json: { calendar: { id: 'cal-1', locationId: 'loc-1', isActive: true } } },
    'GET /locations/loc-1': { json: { location: { companyId: 'company-1', settings: {} } } },
    'GET /users/search': { json: { users: [] } },
  };
  const setUp = async (more: Record<string, Canned> = {}) => {
    const { crm, call, sent } = cannedCrm({ ...good, ...more });
    return { report: await crm.ensureSetup(call), sent };
  };

  it('finds everything there, and writes nothing', async () => {
    const { report, sent } = await setUp();
    expect(report.missing).toEqual([]);
    expect(report.done).toHaveLength(3);
    expect(sent.every(({ method }) => method === 'GET')).toBe(true);
  });

  const scope = refusal(401, 'The token is not authorized for this scope.');
  const settings = (what: object) => ({ json: { location: { companyId: 'company-1', settings: what } } });
  it.each<[string, Record<string, Canned>, RegExp]>([
    [
      'a calendar that is not there',
      { 'GET /calendars/cal-1': refusal(400, 'Calendar not found') },
      /calendar.*mapping_invalid/,
    ],
    ['a calendar that may not be read', { 'GET /calendars/cal-1': scope }, /calendar.*scope_missing/],
    [
      'a calendar of another location',
      { 'GET /calendars/cal-1': { json: { calendar: { locationId: 'loc-2' } } } },
      /another location/,
    ],
    ['a calendar that is off', { 'GET /calendars/cal-1': { json: { calendar: { isActive: false } } } }, /not active/],
    ['duplicate contacts', { 'GET /locations/loc-1': settings({ allowDuplicateContact: true }) }, /duplicate contacts/],
    [
      'duplicate opportunities',
      { 'GET /locations/loc-1': settings({ allowDuplicateOpportunity: true }) },
      /duplicate opportunities/,
    ],
    ['users that may not be read', { 'GET /users/search': scope }, /host.*scope_missing/],
  ])('reports %s and goes on', async (_what, more, sentence) => {
    const { report } = await setUp(more);
    expect(report.missing).toEqual([expect.stringMatching(sentence)]);
    expect(report.done).toHaveLength(2);
  });

  it.each([
    ['an outage', { status: 503 }, 'unavailable'],
    ['a dead token', refusal(401, 'Invalid Private Integration token'), 'reauth_required'],
  ])('is not finished by %s', async (_what, answer, errorClass) => {
    const { crm, call } = cannedCrm({ ...good, 'GET /calendars/cal-1': answer });
    expect((await failure(crm.ensureSetup(call))).errorClass).toBe(errorClass);
  });
});
