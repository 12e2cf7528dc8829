/**
 * HighLevel's OpenAPI files from `../shared/contracts`, where that folder exists, as checks of one request or answer.
 * Tightened: objects take no fields beyond those listed. Mended where the description is known to be wrong (see `mend`).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const FOLDER = join(__dirname, '../../../../../shared/contracts/gohighlevel');
const NAMES = ['contacts', 'opportunities', 'locations', 'users', 'oauth'];
const FILES = {
  v3: [...NAMES, 'calendars']
    .map((name) => `${name}.v3.openapi.json`)
    .concat('openapi/calendars-blocks-services.v3.json'),
  dated: [...NAMES.map((name) => `${name}.2021-07-28.openapi.json`), 'calendars.2021-04-15.openapi.json'],
};
export type Wire = keyof typeof FILES;

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: unknown;
  [key: string]: unknown;
}
interface Content {
  readonly content?: Record<string, { schema?: Schema }>;
}
interface ContractOperation {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly required?: boolean }[];
  readonly requestBody?: Content;
  readonly responses: Record<string, Content>;
}
interface ContractFile {
  readonly paths: Record<string, Record<string, ContractOperation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

/** One request and its answer, as a client saw them. */
export interface Exchange {
  readonly wire: Wire;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly request: unknown;
  readonly status: number;
  readonly answer: unknown;
}

export interface Contract {
  /** Names of the query parameters; null when the contract has no such operation. */
  queryOf(wire: Wire, method: string, template: string): { all: readonly string[]; required: readonly string[] } | null;
  /** What a successful exchange has that the contract does not; empty when it fits. */
  problems(exchange: Exchange): readonly string[];
}

let loaded: Contract | null | undefined;

/** Null where the folder is absent; says so once per test file. */
export function loadContract(): Contract | null {
  if (loaded !== undefined) return loaded;
  loaded = existsSync(FOLDER) ? readContract() : null;
  if (loaded === null) {
    process.stdout.write(
      'Skipped: ../shared/contracts/gohighlevel is not here, so the simulator is not compared with it.\n',
    );
  }
  return loaded;
}

function readContract(): Contract {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  const files = Object.fromEntries(
    Object.entries(FILES).map(([wire, names]) => [
      wire,
      names.map((name) => {
        const file = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as ContractFile;
        mend(file);
        tighten(file);
        ajv.addSchema(file, name);
        return { name, file };
      }),
    ]),
  ) as Record<Wire, { name: string; file: ContractFile }[]>;

  const find = (wire: Wire, method: string, fits: (path: string) => boolean) => {
    const found = files[wire].flatMap(({ name, file }) =>
      Object.entries(file.paths)
        .filter(([path, methods]) => method.toLowerCase() in methods && fits(path.replace(/\/$/, '')))
        .map(([path, methods]) => ({ name, path, operation: methods[method.toLowerCase()] })),
    );
    const fewest = found.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
    return fewest?.operation === undefined ? null : { ...fewest, operation: fewest.operation };
  };
  const check = (pointer: readonly string[], content: Content | undefined, value: unknown): readonly string[] => {
    const mediaType = Object.keys(content?.content ?? {})[0];
    if (mediaType === undefined || content?.content?.[mediaType]?.schema === undefined) return [];
    const [file, ...keys] = [...pointer, 'content', mediaType, 'schema'];
    const escaped = keys.map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1')));
    const validate = ajv.compile({ $ref: `${file}#/${escaped.join('/')}` });
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      (error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
    );
  };

  return {
    queryOf(wire, method, template) {
      const found = find(wire, method, (path) => path === template);
      if (found === null) return null;
      const parameters = (found.operation.parameters ?? []).filter((entry) => entry.in === 'query');
      return {
        all: parameters.map(({ name }) => name),
        required: parameters.filter(({ required }) => required === true).map(({ name }) => name),
      };
    },
    problems({ wire, method, path, request, status, answer }) {
      const pathname = path.replace(/\?.*$/, '').replace(/\/$/, '');
      const found = find(wire, method, (template) =>
        new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
      );
      if (found === null) return [`${method} ${pathname}: no such operation`];
      const base = [found.name, 'paths', found.path, method.toLowerCase()];
      const { operation } = found;
      // An upsert that creates answers 201 in the wild; the contract has the 200 of both only.
      const key = String(status) in operation.responses ? String(status) : '200';
      const asked = request === undefined ? [] : check([...base, 'requestBody'], operation.requestBody, request);
      const answered = check([...base, 'responses', key], operation.responses[key], answer);
      return [...asked.map((text) => `request: ${text}`), ...answered.map((text) => `answer: ${text}`)].map(
        (text) => `${wire} ${method} ${found.path} ${text}`,
      );
    },
  };
}

/** Where the description is wrong, as public clients and live answers show. */
function mend({ components: { schemas } }: ContractFile): void {
  for (const [name, schema] of Object.entries(schemas)) {
    const properties = schema.properties ?? {};
    // "id or key" says the text; values may be of any kind.
    if (/Field$|customFieldsInput/.test(name)) delete schema.required;
    for (const key of ['fieldValue', 'field_value']) if (properties[key] !== undefined) properties[key] = {};
    if (name === 'CustomFieldSchema' && properties['value'] !== undefined) properties['value'] = {};
    // Instants that are written as text, described as objects.
    for (const key of ['startTime', 'endTime', 'dateAdded', 'dateUpdated']) {
      if (properties[key]?.type === 'object') properties[key] = { type: 'string' };
    }
    if (name === 'PipelinesResponseSchema') properties['stages'] = { type: 'array', items: { type: 'object' } };
    if (name === 'UpsertOpportunityDto') {
      schema.required = ['pipelineId', 'locationId'];
      Object.assign(properties, { contactId: { type: 'string' }, monetaryValue: { type: 'number' } });
    }
    // PKCE is RFC 7636's; the description does not have it.
    if (name === 'GetAccessTokenBodyDto' || name === 'GetAccessCodebodyDto') {
      Object.assign(properties, { codeVerifier: { type: 'string' }, code_verifier: { type: 'string' } });
    }
  }
}

function tighten(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as Schema;
  const isListed = typeof schema.properties === 'object' && Object.keys(schema.properties).length > 0;
  if (schema.type === 'object' && isListed) schema.additionalProperties ??= false;
  for (const child of Object.values(node)) tighten(child);
}
