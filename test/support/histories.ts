/**
 * Recorded histories: read from a server, freed of everything that belongs to the machine, kept as fixtures.
 * Invariant: scrubbing changes nothing that a replay looks at, and the same history always becomes the same text.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { temporal } from '@temporalio/proto';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type HistoryJson = { readonly events: readonly Json[] };

const DIRECTORY = path.join(__dirname, '../fixtures/histories');

/** A history as JSON without names of machines, processes and files. */
export function scrubbed(history: temporal.api.history.v1.IHistory): HistoryJson {
  return scrub(JSON.parse(historyToJSON(history)) as Json, '') as HistoryJson;
}

function scrub(value: Json, key: string): Json {
  // A worker is named `pid@host`, and its sticky queue after it; stack traces hold paths of this checkout,
  // and builds are known by a hash of the bundle.
  if (key === 'identity' && typeof value === 'string') return 'worker';
  if (key === 'stackTrace') return '';
  if (key === 'buildId' || key === 'binaryChecksum') return 'build';
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((one: Json) => scrub(one, ''));
  const fields = value as { readonly [key: string]: Json };
  if (fields.kind === 'TASK_QUEUE_KIND_STICKY') return { ...fields, name: 'sticky' };
  return Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, scrub(one, name)]));
}

/** One event a line, so that a new recording can be compared with the old one. */
export function saveHistory(name: string, history: HistoryJson): void {
  mkdirSync(DIRECTORY, { recursive: true });
  const lines = history.events.map((event) => JSON.stringify(event));
  writeFileSync(path.join(DIRECTORY, `${name}.json`), `{"events":[\n${lines.join(',\n')}\n]}\n`);
}

/** Names of the recorded histories, without `.json`. */
export function recordedNames(): string[] {
  return readdirSync(DIRECTORY)
    .filter((file) => file.endsWith('.json'))
    .map((file) => path.basename(file, '.json'))
    .sort();
}

export function readHistory(name: string): HistoryJson {
  return JSON.parse(readFileSync(path.join(DIRECTORY, `${name}.json`), 'utf8')) as HistoryJson;
}

/** Everything that a history says, payloads decoded: one text per value. */
export function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap((one: Json) => textsOf(one));
  return Object.entries(value as { readonly [key: string]: Json }).flatMap(([key, one]) =>
    key === 'data' && typeof one === 'string' ? [Buffer.from(one, 'base64').toString('utf8')] : textsOf(one),
  );
}
