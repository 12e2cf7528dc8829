import { cannedCrm, salesPipelines } from './canned-transport';

const property = (name: string, more: object = {}) => ({
  name,
  label: `Label of ${name}`,
  type: 'string',
  fieldType: 'text',
  description: '',
  groupName: 'x',
  options: [],
  ...more,
});
const catalog = (...properties: object[]) => {
  const { crm, call } = cannedCrm({
    'GET /crm/pipelines/2026-09/deals': salesPipelines,
    'GET /crm/properties/2026-09/contacts': { json: { results: properties } },
  });
  return crm.describe(call);
};

describe('what a mapping may name in HubSpot', () => {
  it('are the pipelines and stages in use, in their order', async () => {
    const { pipelines } = await catalog();
    expect(pipelines.map(({ id }) => id)).toEqual(['early', 'sales']);
    expect(pipelines[1]?.stages.map(({ id }) => id)).toEqual(['first', 'second', 'won', 'lost']);
  });

  it('are the text properties that the account made for its contacts', async () => {
    const { personFields } = await catalog(
      property('lead_source', { hubspotDefined: false }),
      property('notes_of_theirs', { fieldType: 'textarea' }),
    );
    expect(personFields).toEqual([
      { id: 'lead_source', label: 'Label of lead_source' },
      { id: 'notes_of_theirs', label: 'Label of notes_of_theirs' },
    ]);
  });

  it.each([
    ['HubSpot’s own', { hubspotDefined: true }],
    ['a key', { hasUniqueValue: true }],
    ['archived', { archived: true }],
    ['calculated', { calculated: true }],
    ['read-only', { modificationMetadata: { readOnlyValue: true } }],
    ['a number', { type: 'number', fieldType: 'number' }],
    ['a file', { fieldType: 'file' }],
  ])('is no property that is %s', async (_what, more) => {
    expect((await catalog(property('x', more))).personFields).toEqual([]);
  });
});
