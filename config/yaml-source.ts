/**
 * A YAML file as plain values, with the environment put in and the line of every value remembered.
 * Invariant: text that came from the environment is never looked at again for more placeholders, and never printed.
 */
import { types } from 'node:util';
import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import type { Problem } from './problems';

export type Path = readonly PropertyKey[];

export interface YamlSource {
  /** Null when the file is no YAML. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Line of the value, or of the nearest thing around it that is there. */
  lineOf(path: Path): number | null;
}

/** `env:NAME`, `env:NAME|fallback` as a whole value; `${NAME}` inside one. Empty variables count as unset. */
export function readYaml(text: string, env: NodeJS.ProcessEnv, defaults: Readonly<Record<string, string>>): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      line: lines.linePos(error.pos[0]).line,
      place: '',
      // Its message goes on with an excerpt of the file, which may hold a secret.
      text: `is not valid YAML: ${firstLine(error.message)}`,
    }));
    return { value: null, problems, lineOf: () => null };
  }
  const problems = substitute(document, lines, (name) => (env[name] === '' ? undefined : env[name]) ?? defaults[name]);
  return { value: plainValue(document, problems), problems, lineOf: (path) => lineAt(document, lines, path) };
}

/** An alias without its anchor shows only here. */
function plainValue(document: Document, problems: Problem[]): unknown {
  try {
    return document.toJS();
  } catch (error) {
    const text = types.isNativeError(error) ? firstLine(error.message) : 'it has no plain value';
    problems.push({ line: null, place: '', text: `is not valid YAML: ${text}` });
    return null;
  }
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');

type Lookup = (name: string) => string | undefined;

function substitute(document: Document, lines: LineCounter, lookup: Lookup): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar: (key, node) => {
      if (key === 'key' || typeof node.value !== 'string') return;
      const missing: string[] = [];
      node.value = resolve(node.value, lookup, missing);
      const line = node.range ? lines.linePos(node.range[0]).line : null;
      for (const name of missing) {
        problems.push({
          line,
          place: '',
          text: `the environment variable ${name} is not set; set it, or write a fallback: env:${name}|…`,
        });
      }
    },
  });
  return problems;
}

const WHOLE = /^env:([A-Za-z_][A-Za-z0-9_]*)(?:\|([\s\S]*))?$/;

function resolve(text: string, lookup: Lookup, missing: string[]): string {
  const whole = WHOLE.exec(text);
  if (whole?.[1] === undefined) return expand(text, lookup, missing);
  const value = lookup(whole[1]);
  if (value !== undefined) return value;
  if (whole[2] !== undefined) return expand(whole[2], lookup, missing);
  missing.push(whole[1]);
  return text;
}

function expand(text: string, lookup: Lookup, missing: string[]): string {
  return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (placeholder, name: string) => {
    const value = lookup(name);
    if (value === undefined) missing.push(name);
    return value ?? placeholder;
  });
}

function lineAt(document: Document, lines: LineCounter, path: Path): number | null {
  for (let length = path.length; length >= 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== null) return lines.linePos(offset).line;
  }
  return null;
}

/** Where the entry begins: at its key in a map, at the value in a list. */
function offsetOf(document: Document, path: Path): number | null {
  const last = path.at(-1);
  const parent: unknown = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (last !== undefined && isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(last));
    return pair !== undefined && isScalar(pair.key) ? (pair.key.range?.[0] ?? null) : null;
  }
  const node: unknown = last === undefined ? document.contents : document.getIn(path, true);
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
