/**
 * Cal.com's OpenAPI files and webhook samples from `../shared/contracts`, where that folder exists, as checks.
 * Tightened where it is the newer file: objects take no fields beyond those listed, so that an invented field fails.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

const FOLDER = join(__dirname, '../../../../../shared/contracts/calcom');
const FILES = {
  newer: 'openapi.bookings-webhooks.2026-07.derived.json',
  older: 'openapi.bookings-webhooks.2025-05.json',
} as const;

interface Content {
  readonly content?: Record<string, unknown>;
}
interface ContractOperation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: Content;
  readonly responses: Record<string, Content>;
}
interface ContractFile {
  readonly paths: Record<string, Record<string, ContractOperation>>;
  readonly components: { readonly schemas: Record<string, Record<string, unknown>> };
}

export interface Contract {
  readonly name: keyof typeof FILES;
  /** Names of the query parameters; null when the contract has no such operation. */
  queryOf(method: string, template: string): readonly string[] | null;
  /** The template that a path belongs to, for this method; null when there is none. */
  templateOf(method: string, path: string): string | null;
  /** Problems of a request's body; empty when it fits. */
  requestProblems(method: string, template: string, body: unknown): readonly string[];
  /** Problems of an answer: its status and its body. */
  answerProblems(method: string, template: string, answer: { status: number; body: unknown }): readonly string[];
}

/** Empty, with a printed sentence, where the folder is absent. */
export function loadContracts(): readonly Contract[] {
  if (isThere()) return [readContract('newer'), readContract('older')];
  return [];
}

/** File name → its deliveries; empty, with a printed sentence, where the folder is absent. */
export function loadSamples(folder: 'webhooks' | 'derived'): ReadonlyMap<string, readonly SampleBody[]> {
  if (!isThere()) return new Map();
  const names = readdirSync(join(FOLDER, folder)).filter((name) => name.endsWith('.json'));
  return new Map(names.map((name) => [name, deliveriesIn(readJson(join(FOLDER, folder, name)))]));
}

export interface SampleBody {
  readonly triggerEvent: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

function isThere(): boolean {
  if (existsSync(FOLDER)) return true;
  process.stdout.write('Skipped: ../shared/contracts/calcom is not here, so the simulator is not compared with it.\n');
  return false;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8')) as unknown;
}

function deliveriesIn(file: unknown): readonly SampleBody[] {
  const { deliveries, triggerEvent } = file as { deliveries?: SampleBody[]; triggerEvent?: string };
  return deliveries ?? (triggerEvent === undefined ? [] : [file as SampleBody]);
}

/** The files' alternatives overlap: a create of one appointment also fits that of a series, whose count is optional. */
function anyForOne(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(anyForOne);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, held]) => [key === 'oneOf' ? 'anyOf' : key, anyForOne(held)]);
  return Object.fromEntries(entries) as unknown;
}

function readContract(name: keyof typeof FILES): Contract {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  const file = anyForOne(readJson(join(FOLDER, 'api-v2', FILES[name]))) as ContractFile;
  if (name === 'newer') {
    for (const schema of Object.values(file.components.schemas)) {
      if (schema['type'] === 'object' && schema['properties'] !== undefined) schema['additionalProperties'] ??= false;
    }
  }
  ajv.addSchema(file, name);
  const compiled = new Map<string, ValidateFunction>();
  const find = (method: string, template: string) => file.paths[template]?.[method.toLowerCase()] ?? null;
  const check = (keys: readonly string[], content: Content | undefined, body: unknown): readonly string[] => {
    const mediaType = Object.keys(content?.content ?? {})[0];
    if (mediaType === undefined) return body === undefined ? [] : ['a body where the contract has none'];
    const escaped = [...keys, 'content', mediaType, 'schema'].map((key) =>
      encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    const pointer = `${name}#/${escaped.join('/')}`;
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: pointer });
    compiled.set(pointer, validate);
    if (validate(body)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${name}: ${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };

  return {
    name,
    queryOf(method, template) {
      const found = find(method, template);
      if (found === null) return null;
      return (found.parameters ?? []).filter((entry) => entry.in === 'query').map((entry) => entry.name);
    },
    templateOf(method, path) {
      const fits = (template: string): boolean => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
      const templates = Object.keys(file.paths).filter((template) => find(method, template) !== null && fits(template));
      return templates.sort((a, b) => (a.match(/\{/g) ?? []).length - (b.match(/\{/g) ?? []).length)[0] ?? null;
    },
    requestProblems(method, template, body) {
      const found = find(method, template);
      if (found === null) return ['no such operation'];
      return check(['paths', template, method.toLowerCase(), 'requestBody'], found.requestBody, body);
    },
    answerProblems(method, template, { status, body }) {
      const found = find(method, template);
      if (found === null) return ['no such operation'];
      const response = found.responses[String(status)];
      if (response === undefined) return [`${name}: the contract has no status ${status} here`];
      return check(['paths', template, method.toLowerCase(), 'responses', String(status)], response, body);
    },
  };
}
