/**
 * HubSpot's OpenAPI files from `../shared/contracts`, where that folder exists, as checks of one request or answer.
 * Tightened: objects take no fields beyond those listed, so that an invented field fails (error bodies excepted: theirs vary).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

const FOLDER = join(__dirname, '../../../../../shared/contracts/hubspot');
const FILES = [
  ...['objects', 'associations', 'owners', 'pipelines', 'properties'].map((name) => `crm-${name}.2026-09`),
  'oauth.2026-03',
];
const LOOSE = new Set(['Error', 'ErrorDetail', 'StandardError']);

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
  readonly components: { readonly schemas: Record<string, { type?: string; additionalProperties?: unknown }> };
}

export interface Contract {
  /** Names of the query parameters; null when the contract has no such operation. */
  queryOf(method: string, template: string): readonly string[] | null;
  /** The template that a path belongs to, for this method; null when there is none. */
  templateOf(method: string, path: string): string | null;
  /** Problems of a request's body; empty when it fits. */
  requestProblems(method: string, template: string, body: unknown): readonly string[];
  /** Problems of an answer: its status and its body. */
  answerProblems(method: string, template: string, answer: { status: number; body: unknown }): readonly string[];
}

/** Null, with a printed sentence, where the folder is absent. */
export function loadContract(): Contract | null {
  if (existsSync(FOLDER)) return readContract();
  process.stdout.write('Skipped: ../shared/contracts/hubspot is not here, so the simulator is not compared with it.\n');
  return null;
}

function readContract(): Contract {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  const files = FILES.map((name) => {
    const text = readFileSync(join(FOLDER, `${name}.openapi.json`), 'utf8');
    const file = JSON.parse(text) as ContractFile;
    for (const [schemaName, schema] of Object.entries(file.components.schemas)) {
      if (schema.type === 'object' && !LOOSE.has(schemaName)) schema.additionalProperties ??= false;
    }
    ajv.addSchema(file, name);
    return { name, file };
  });
  const pathOf = (path: string): string => path.replace(/\/$/, '');
  const find = (method: string, template: string) => {
    for (const { name, file } of files) {
      const path = Object.keys(file.paths).find((candidate) => pathOf(candidate) === template);
      const operation = path === undefined ? undefined : file.paths[path]?.[method.toLowerCase()];
      if (path !== undefined && operation !== undefined) return { name, path, operation };
    }
    return null;
  };
  const check = (pointer: readonly string[], content: Content | undefined, body: unknown): readonly string[] => {
    const mediaType = Object.keys(content?.content ?? {})[0];
    if (mediaType === undefined) return body === undefined ? [] : ['a body where the contract has none'];
    const [file, ...keys] = [...pointer, 'content', mediaType, 'schema'];
    const escaped = keys.map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1')));
    const validate: ValidateFunction = ajv.compile({ $ref: `${file}#/${escaped.join('/')}` });
    if (validate(body)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };

  return {
    queryOf(method, template) {
      const found = find(method, template);
      if (found === null) return null;
      return (found.operation.parameters ?? []).filter((entry) => entry.in === 'query').map(({ name }) => name);
    },
    templateOf(method, path) {
      const fits = (template: string): boolean =>
        new RegExp(
          `^${pathOf(template)
            .replaceAll('.', '\\.')
            .replace(/\{\w+\}/g, '[^/]+')}$`,
        ).test(path);
      const templates = files.flatMap(({ file }) =>
        Object.entries(file.paths)
          .filter(([template, methods]) => method.toLowerCase() in methods && fits(template))
          .map(([template]) => pathOf(template)),
      );
      return templates.sort((a, b) => (a.match(/\{/g) ?? []).length - (b.match(/\{/g) ?? []).length)[0] ?? null;
    },
    requestProblems(method, template, body) {
      const found = find(method, template);
      if (found === null) return ['no such operation'];
      return check(
        [found.name, 'paths', found.path, method.toLowerCase(), 'requestBody'],
        found.operation.requestBody,
        body,
      );
    },
    answerProblems(method, template, { status, body }) {
      const found = find(method, template);
      if (found === null) return ['no such operation'];
      const key = String(status) in found.operation.responses ? String(status) : 'default';
      if (key === 'default' && status < 400) return [`the contract has no status ${status} here`];
      const pointer = [found.name, 'paths', found.path, method.toLowerCase(), 'responses', key];
      return check(pointer, found.operation.responses[key], body);
    },
  };
}
