/**
 * What a HighLevel location has that a mapping may name, and whether it has what we need.
 * Invariant: nothing is made or changed here: keys are kept in texts of appointments, and settings are the customer's.
 */
import { CrmError, type CrmCall, type CrmCatalog, type SetupReport } from '../ports';
import { calendarAnswer, customFieldsAnswer, locationAnswer, pipelinesAnswer } from './answers';
import type { GohighlevelClient } from './client';
import type { Owners } from './owners';

/** Types of custom fields that hold any text; the others want numbers, dates or one of their options. */
const TEXT_TYPES: ReadonlySet<string> = new Set(['TEXT', 'LARGE_TEXT']);

/** Pipelines with their stages in order, and custom fields of contacts that hold text. */
export async function describe(client: GohighlevelClient, call: CrmCall): Promise<CrmCatalog> {
  const [pipelines, personFields] = await Promise.all([
    readPipelines(client, 'describe', call),
    readPersonFields(client, call),
  ]);
  return { pipelines, personFields };
}

/** Cheap, and with a scope that every connection needs. */
export async function probe(client: GohighlevelClient, call: CrmCall): Promise<void> {
  await readPipelines(client, 'probe', call);
}

async function readPipelines(
  client: GohighlevelClient,
  operation: 'describe' | 'probe',
  call: CrmCall,
): Promise<CrmCatalog['pipelines']> {
  const path = ['opportunities', 'pipelines'] as const;
  const query = { locationId: client.locationId };
  const { pipelines } = await client.request(
    { operation, method: 'GET', path, query, effect: 'safe', probe: operation === 'probe', schema: pipelinesAnswer },
    call,
  );
  return pipelines.map(({ id, name, stages }) => ({
    id,
    label: name,
    stages: stages
      .map((stage, index) => ({ id: stage.id, label: stage.name, order: stage.position ?? index }))
      .sort((a, b) => a.order - b.order),
  }));
}

async function readPersonFields(client: GohighlevelClient, call: CrmCall): Promise<CrmCatalog['personFields']> {
  const path = ['locations', client.locationId, 'customFields'] as const;
  const { customFields } = await client.request(
    {
      operation: 'describe',
      method: 'GET',
      path,
      query: { model: 'contact' },
      effect: 'safe',
      schema: customFieldsAnswer,
    },
    call,
  );
  return customFields
    .filter(({ dataType }) => TEXT_TYPES.has(dataType ?? ''))
    .map(({ id, name }) => ({ id, label: name }));
}

/** Looks at the calendar, the settings about duplicates and the users. A refusal is reported; an outage is thrown. */
export async function ensureSetup(client: GohighlevelClient, owners: Owners, call: CrmCall): Promise<SetupReport> {
  const done: string[] = [];
  const missing: string[] = [];
  const look = async (
    at: { readonly good: string; readonly bad: string },
    problems: () => Promise<readonly string[]>,
  ) => {
    const found = await problems().catch((error: unknown) => [`${at.bad} (${refusalOf(error)}).`]);
    if (found.length === 0) done.push(at.good);
    missing.push(...found);
  };
  await look(
    {
      good: 'The calendar of the connection is there, in the location and active.',
      bad: 'The calendar of the connection could not be read: appointments may be refused',
    },
    () => calendarProblems(client, call),
  );
  await look(
    {
      good: 'The location allows neither duplicate contacts nor duplicate opportunities.',
      bad: 'The settings of the location could not be read: whether it allows duplicates is not known',
    },
    () => duplicateProblems(client, call),
  );
  await look(
    {
      good: 'Users of the location can be read, so hosts are found by their e-mail.',
      bad: "Users of the location could not be read: appointments go to the calendar's own user instead of the host",
    },
    async () => {
      await owners.check(call);
      return [];
    },
  );
  return { done, missing };
}

async function calendarProblems(client: GohighlevelClient, call: CrmCall): Promise<readonly string[]> {
  const path = ['calendars', client.calendarId] as const;
  const { calendar } = await client.request(
    { operation: 'ensureSetup', method: 'GET', path, effect: 'safe', schema: calendarAnswer },
    call,
  );
  if ((calendar.locationId ?? client.locationId) !== client.locationId) {
    return [
      'The calendar of the connection belongs to another location: no appointment can be written. Choose another one.',
    ];
  }
  return calendar.isActive === false
    ? ['The calendar of the connection is not active: its appointments may not be shown. Activate it.']
    : [];
}

async function duplicateProblems(client: GohighlevelClient, call: CrmCall): Promise<readonly string[]> {
  const path = ['locations', client.locationId] as const;
  const { location } = await client.request(
    { operation: 'ensureSetup', method: 'GET', path, effect: 'safe', schema: locationAnswer },
    call,
  );
  return [
    ...(location.settings?.allowDuplicateContact === true
      ? [
          'The location allows duplicate contacts: of several with one e-mail or phone, only the one that HighLevel names is found.',
        ]
      : []),
    ...(location.settings?.allowDuplicateOpportunity === true
      ? [
          "The location allows duplicate opportunities: one that HighLevel's search does not show yet can get a second one beside it.",
        ]
      : []),
  ];
}

/** The class of a refusal; anything that passes by itself, or that ends the connection, is thrown on. */
function refusalOf(error: unknown): string {
  if (!(error instanceof CrmError)) throw error;
  switch (error.errorClass) {
    case 'target_gone':
    case 'mapping_invalid':
    case 'scope_missing':
    case 'contract_violation':
      return error.errorClass;
    default:
      throw error;
  }
}
