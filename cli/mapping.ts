/**
 * `booksync mapping`: what the mapping of the configuration would change in live bookings, and having them written under it.
 * Invariant: without `yes` nothing changes; what is applied is the mapping with which the worker runs.
 */
import type { Pool } from 'pg';
import type { Config } from '../config/config';
import { applyMapping, previewMapping, type ChangedBooking } from '../db/mapping-apply';
import { readMappingsInForce } from '../db/mapping-versions';
import { withTransaction } from '../db/pool';

export interface MappingOptions {
  readonly apply: boolean;
  readonly connection?: string | undefined;
  readonly yes?: boolean | undefined;
}

export interface MappingTools {
  readonly pool: Pool;
  readonly config: Pick<Config, 'mapping' | 'sync'>;
  /** Wakes a booking, as often as it is called. */
  readonly wake: (bookingId: string) => Promise<void>;
  readonly tell: (line: string) => void;
}

/** So many bookings are told one by one; the count says how many there are. */
const LINES = 20;

/** Returns false where a mapping could not be applied. Throws when the connection has no mapping. */
export async function mapping(options: MappingOptions, tools: MappingTools): Promise<boolean> {
  const { mapping: mappings, sync } = tools.config;
  const connections = Object.keys(mappings).filter(
    (id) => options.connection === undefined || id === options.connection,
  );
  if (connections.length === 0) {
    throw new Error(`Expected a connection that has a mapping: ${Object.keys(mappings).join(', ')}`);
  }
  let isDone = true;
  for (const connection of connections) {
    const sources = sync.filter(({ crms }) => crms.includes(connection)).map(({ source }) => source);
    const preview = await previewMapping(tools.pool, { connection, mapping: mappings[connection]!, sources });
    const { version, older, changed } = preview;
    tools.tell(`${connection} mapping ${version}: ${older} open booking(s) are older, ${changed.length} would change`);
    changed.slice(0, LINES).forEach((one) => tools.tell(lineOf(one)));
    if (changed.length > LINES) tools.tell(`  … and ${changed.length - LINES} more`);
    if (!options.apply || !options.yes) continue;
    isDone = (await isInForce(tools, connection, version)) && isDone;
    if (!isDone) continue;
    const woken = await withTransaction(tools.pool, (tx) => applyMapping(tx, connection, preview));
    for (const id of woken) await tools.wake(id);
    tools.tell(`${connection}: ${woken.length} booking(s) are written again, at the rate that the connection allows`);
  }
  if (options.apply && !options.yes) tools.tell('Nothing was changed; --yes has these bookings written again.');
  return isDone;
}

async function isInForce({ pool, tell }: MappingTools, connection: string, version: string): Promise<boolean> {
  const inForce = (await readMappingsInForce(pool)).find((one) => one.connection === connection);
  if (inForce?.version === version) return true;
  tell(
    `${connection}: the worker runs with mapping ${inForce?.version ?? 'none'}; restart it with this file, then apply`,
  );
  return false;
}

function lineOf({ bookingId, change: { stage, tags, fields } }: ChangedBooking): string {
  const parts = [
    ...(stage === null ? [] : [`stage ${stage.from ?? 'none'} → ${stage.to}`]),
    ...Object.entries(fields).map(([field, value]) => `${field}: ${value}`),
    ...tags.add.map((tag) => `+${tag}`),
    ...tags.remove.map((tag) => `-${tag}`),
  ];
  return `  ${bookingId}: ${parts.join(', ')}`;
}
