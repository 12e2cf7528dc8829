/**
 * The configuration of the benchmarks: the example's, without the limits that would be measured instead of the service.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { projectRoot } from '../local/programs';

/** The example's configuration without its limit of requests, and with contacts made for new guests instead of a task. */
export async function writeConfig(dataDir: string): Promise<string> {
  const example = parse(await readFile(path.join(projectRoot, 'booksync.example.yaml'), 'utf8')) as {
    connections: Record<string, Record<string, unknown>>;
    sync: Record<string, unknown>[];
  };
  Object.assign(example.connections['hubspot-main'] ?? {}, { requestsPerSecond: 1_000 });
  for (const sync of example.sync) sync.createPerson = 'create';
  const file = path.join(dataDir, 'booksync.yaml');
  await writeFile(file, stringify(example));
  return file;
}
