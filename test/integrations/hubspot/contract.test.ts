/**
 * Every request of the adapter, compared with HubSpot's own contract (OpenAPI) where it is at hand.
 */
import Ajv, { type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Crm, CrmCall } from '../../../integrations/ports';
import {
  appointment,
  cannedCrm,
  keyProperty,
  links,
  memoryStore,
  record,
  type Routes,
  type SentRequest,
} from './canned-transport';

const folder = join(__dirname, '../../../../shared/contracts/hubspot');
const NAMES = [
  ...['crm-objects', 'crm-associations', 'crm-owners', 'crm-pipelines', 'crm-properties'].map(
    (name) => `${name}.2026-09`,
  ),
  'oauth.2026-03',
];
const JSON_BODY = 'application/json';
const FORM_BODY = 'application/x-www-form-urlencoded';

interface SchemaNode {
  readonly type?: string;
  readonly properties?: object;
  additionalProperties?: unknown;
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: SchemaNode }>> };
}
interface Definition {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, SchemaNode>> };
}
interface KnownOperation {
  readonly method: string;
  readonly path: RegExp;
  readonly query: readonly string[];
  /** Null where the operation takes no body. */
  readonly body: { readonly type: string; readonly check: ValidateFunction } | null;
}

function operationsOf(ajv: Ajv, name: string): readonly KnownOperation[] {
  const definition = JSON.parse(readFileSync(join(folder, `${name}.openapi.json`), 'utf8')) as Definition;
  // The contract lets unknown fields through; closed, a misspelt one of ours is found.
  const inline = Object.values(definition.paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ requestBody }) => Object.values(requestBody?.content ?? {}).map(({ schema }) => schema));
  for (const schema of [...Object.values(definition.components.schemas), ...inline]) {
    if (schema.type === 'object' && schema.properties !== undefined) schema.additionalProperties ??= false;
  }
  ajv.addSchema(definition, name);
  return Object.entries(definition.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const type = operation.requestBody?.content[FORM_BODY] === undefined ? JSON_BODY : FORM_BODY;
      const pointer = ['paths', path, method, 'requestBody', 'content', type, 'schema']
        .map((part) => encodeURIComponent(part.replace(/~/g, '~0').replace(/\//g, '~1')))
        .join('/');
      return {
        method: method.toUpperCase(),
        path: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
        query: (operation.parameters ?? []).filter((one) => one.in === 'query').map((one) => one.name),
        body:
          operation.requestBody === undefined ? null : { type, check: ajv.compile({ $ref: `${name}#/${pointer}` }) },
      };
    }),
  );
}

/** Returns a check that lists what is wrong with a request. */
function loadContract(): (sent: SentRequest) => readonly string[] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  const operations = NAMES.flatMap((name) => operationsOf(ajv, name));
  return ({ method, path, headers, body }) => {
    const url = new URL(path, 'https://hubspot.invalid');
    // Templates overlap (`…/{objectType}/search` and `…/{objectType}/{objectId}`): the one without a hole in that place wins.
    const operation = operations
      .filter((one) => one.method === method && one.path.test(url.pathname))
      .sort((a, b) => a.path.source.split('[^/]+').length - b.path.source.split('[^/]+').length)[0];
    if (operation === undefined) return [`no such operation: ${method} ${url.pathname}`];
    const problems = [...url.searchParams.keys()]
      .filter((name) => !operation.query.includes(name))
      .map((name) => `no such query parameter: ${name}`);
    if (operation.body === null) return body === undefined ? problems : [...problems, 'takes no body'];
    const { type, check } = operation.body;
    if (headers['content-type'] !== type) problems.push(`the body is not announced as ${type}`);
    if (!check(body)) problems.push(...(check.errors ?? []).map((error) => `${error.instancePath} ${error.message}`));
    return problems;
  };
}

const OBJECTS = '/crm/objects/2026-09';
const routes: Routes = {
  [`GET ${OBJECTS}/contacts/`]: { status: 404, json: { category: 'OBJECT_NOT_FOUND', message: 'resource not found' } },
  [`GET ${OBJECTS}/contacts/101`]: { json: record('101') },
  [`PATCH ${OBJECTS}/contacts/101`]: { json: record('101') },
  [`POST ${OBJECTS}/contacts/search`]: [
    { json: { total: 1, results: [], paging: { next: { after: '1' } } } },
    { json: { total: 1, results: [] } },
  ],
  [`POST ${OBJECTS}/contacts`]: { status: 201, json: record('101') },
  [`POST ${OBJECTS}/meetings`]: { status: 201, json: record('501') },
  [`GET ${OBJECTS}/meetings/501`]: { json: record('501') },
  [`PATCH ${OBJECTS}/meetings/501`]: { json: record('501') },
  [`PUT ${OBJECTS}/meetings/501/associations/default/deals/301`]: { json: { results: [] } },
  [`POST ${OBJECTS}/meetings/batch/read`]: { json: { results: [] } },
  [`POST ${OBJECTS}/deals`]: { status: 201, json: record('301') },
  [`GET ${OBJECTS}/deals/301`]: { json: record('301') },
  [`PATCH ${OBJECTS}/deals/301`]: { json: record('301') },
  [`POST ${OBJECTS}/deals/batch/read`]: {
    json: { results: [record('301', { pipeline: 'sales', dealstage: 'first' })] },
  },
  'POST /crm/associations/2026-09/contacts/': [{ json: links(['501'], '501') }, { json: links(['502']) }],
  'GET /crm/pipelines/2026-09/deals': {
    json: { results: [{ id: 'sales', label: 'Sales', displayOrder: 0, stages: [] }] },
  },
  'GET /crm/owners/2026-09': { json: { results: [] } },
  'GET /crm/properties/2026-09/contacts': { json: { results: [] } },
  'POST /oauth/2026-03/token': { json: { access_token: 'access-1', expires_in: 1800, token_type: 'bearer' } },
};
const absent = { status: 404, json: { category: 'OBJECT_NOT_FOUND', message: 'resource not found' } };
const conflict = {
  status: 400,
  json: { message: 'x', errors: [{ message: 'x', code: 'CONFLICTING_UNIQUE_VALUE', context: {} }] },
};
/** An account that gets our key property by the set-up; a create then meets a record with its key. */
const keyedRoutes: Routes = {
  ...Object.fromEntries(
    ['meetings', 'deals'].flatMap((type) => [
      [`GET /crm/properties/2026-09/${type}/booksync_key`, [absent, { json: keyProperty() }]],
      [`POST /crm/properties/2026-09/${type}/groups`, { status: 201, json: {} }],
      [`POST /crm/properties/2026-09/${type}`, { status: 201, json: keyProperty() }],
    ]),
  ),
  [`POST ${OBJECTS}/meetings`]: [{ status: 201, json: record('501') }, conflict],
  [`GET ${OBJECTS}/meetings/a%3Acalcom-sales%3Auid-1?idProperty=booksync_key`]: { json: record('501') },
};

/** Calls every method of the adapter, with everything that it can send, first without our key property and then with it. */
async function everyRequest(): Promise<readonly SentRequest[]> {
  return [
    ...(await requestsWith(routes, () => Promise.resolve())),
    ...(await requestsWith({ ...routes, ...keyedRoutes }, (crm, call) => crm.ensureSetup(call))),
  ];
}

async function requestsWith(
  given: Routes,
  prepare: (crm: Crm, call: CrmCall) => Promise<unknown>,
): Promise<readonly SentRequest[]> {
  const oauth = { clientId: 'client', clientSecret: 's3cret', refreshToken: 'refresh-0' };
  const { crm, call, sent } = cannedCrm(given, { oauth, tokens: memoryStore() });
  await prepare(crm, call);
  const person = { email: 'a+b@example.com', phone: '+12025550143', firstName: 'Ada', lastName: 'Sample' };
  const full = appointment({
    opportunityId: '301',
    ownerId: '77001',
    joinUrl: 'https://meet.example.com/x',
    location: 'Lobby',
  });
  await crm.probe(call);
  await crm.describe(call);
  await crm.findOwner('host@example.com', call);
  await crm.resolvePerson({ linkedId: '99', emails: [person.email], phones: [person.phone] }, call);
  await crm.createPerson(person, call);
  await crm.findPeopleByName({ first: 'Ada', last: 'Sample' }, call);
  await crm.listPeopleSince({ sinceMs: 0, cursor: null }, call);
  await crm.writePerson('101', person, call);
  await crm.writePersonFields('101', { lead_source: 'Booking page', last_outcome: null }, call);
  await crm.createAppointment(full, call);
  await crm.createAppointment(appointment(), call);
  await crm.updateAppointment('501', full, call);
  await crm.cancelAppointment('501', 'Merged.', call);
  await crm.readAppointment('501', call);
  await crm.findAppointment(full.externalKey, '101', call);
  await crm.createOpportunity(
    { externalKey: 'o:1', personId: '101', pipelineId: 'sales', stageId: 'first', name: 'Sample', ownerId: '77001' },
    call,
  );
  await crm.findOpportunity('101', 'sales', call);
  await crm.readOpportunity('301', call);
  await crm.moveOpportunity('301', { pipelineId: 'sales', stageId: 'first' }, call);
  return sent;
}

if (existsSync(folder)) {
  describe('the adapter’s requests against HubSpot’s contract', () => {
    it('are all operations, parameters and bodies that the contract has', async () => {
      const check = loadContract();
      const sent = await everyRequest();
      expect(sent.length).toBeGreaterThanOrEqual(60);
      const problems = sent.flatMap((request) =>
        check(request).map((problem) => `${request.method} ${request.path}: ${problem}`),
      );
      expect(problems).toEqual([]);
    });

    it('would be found out if they were wrong', () => {
      const check = loadContract();
      const good = { method: 'POST', path: `${OBJECTS}/contacts`, headers: { 'content-type': 'application/json' } };
      const problemsOf = (more: Partial<SentRequest>) => check({ ...good, body: { properties: {} }, ...more });
      expect(problemsOf({})).toEqual([]);
      expect(problemsOf({ path: '/crm/v3/objects/contacts' })).not.toEqual([]);
      expect(problemsOf({ path: `${OBJECTS}/contacts?propertys=email` })).not.toEqual([]);
      expect(problemsOf({ body: { properties: { amount: 5 } } })).not.toEqual([]);
      expect(problemsOf({ body: { properties: {}, objectWriteTraceId: 'x' } })).not.toEqual([]);
      const form = { path: '/oauth/2026-03/token', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
      const client = { grant_type: 'refresh_token', client_id: 'a', client_secret: 'b' };
      expect(problemsOf({ ...form, body: client })).toEqual([]);
      expect(problemsOf({ ...form, body: { ...client, refreshToken: 'x' } })).not.toEqual([]);
      expect(problemsOf({ path: '/oauth/2026-03/token', body: client })).not.toEqual([]);
      expect(problemsOf({ body: { properties: {}, associations: [{ to: { id: 5 }, types: [] }] } })).not.toEqual([]);
    });
  });
} else {
  describe('the adapter’s requests against HubSpot’s contract', () => {
    it('are not compared here, because ../shared/contracts is absent', () => {
      process.stderr.write(
        'Skipped: ../shared/contracts/hubspot is absent, so requests were not compared with the contract of HubSpot.\n',
      );
      expect(existsSync(folder)).toBe(false);
    });
  });
}
