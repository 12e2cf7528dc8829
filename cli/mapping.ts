/**
 * `booksync mapping`: what the mapping of the configuration would change in live bookings, and having them written under it.
 * Invariant: without `yes` nothing changes; what is applied is the mapping with which the worker runs.
 */
import type { Pool } from 'pg';
import type { Config } from '../config/config';
import { applyMapping, previewMapping, type ChangedBooking } from '../db/mapping-apply';
import { readMappingsInForce } from '../db/mapping-versions';
import { withTransaction } from '../db/pool';
import { liveStageOf, type LiveStage } from '../domain/mapping-preview';
import type { CrmMapping } from '../domain/settings';
import { CrmError, type Crm } from '../integrations/ports';

export interface MappingOptions {
  readonly apply: boolean;
  readonly connection?: string | undefined;
  readonly yes?: boolean | undefined;
  /** Asks the CRM where the deals that are told one by one stand now. */
  readonly live?: boolean | undefined;
}

export interface MappingTools {
  readonly pool: Pool;
  readonly config: Pick<Config, 'mapping' | 'sync'>;
  /** Wakes a booking, as often as it is called. */
  readonly wake: (bookingId: string) => Promise<void>;
  readonly tell: (line: string) => void;
  /** Asked for with `live` only; absent: the CRM can't be asked from here. */
  readonly crm?: (connection: string) => Crm;
}

const ASK_WITHIN_MS = 20_000;
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
    const crm = options.live ? tools.crm?.(connection) : undefined;
    for (const one of changed.slice(0, LINES)) {
      const live = crm && (await liveStage(crm, { ...one, mapping: mappings[connection]! }));
      tools.tell(lineOf(one, live ?? null));
    }
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

/** Null: it has no deal to ask about, or its stage is not in question. */
async function liveStage(
  crm: Crm,
  of: Pick<ChangedBooking, 'bookingId' | 'picture' | 'deal' | 'change'> & { readonly mapping: CrmMapping },
): Promise<LiveStage | string | null> {
  const { bookingId, deal, change } = of;
  if (deal === null || change.stage === null) return null;
  const call = { operationKey: `mapping/${bookingId}`, signal: AbortSignal.timeout(ASK_WITHIN_MS) };
  try {
    return liveStageOf({ ...of, deal, now: await crm.readOpportunity(deal.crmId, call) });
  } catch (error) {
    if (!(error instanceof CrmError)) throw error;
    return `the CRM could not be asked (${error.errorClass})`;
  }
}

function stageWords(stage: NonNullable<ChangedBooking['change']['stage']>, live: LiveStage | string | null): string {
  if (live === null || typeof live === 'string') {
    return `stage ${stage.from ?? 'none'} → ${stage.to}${live === null ? '' : `, ${live}`}`;
  }
  if (live.kind === 'moves') return `stage ${live.from ?? 'none'} → ${live.to}`;
  return `stage stays at ${live.at ?? 'none'}: ${live.why}`;
}

function lineOf(
  { bookingId, change: { stage, tags, fields } }: ChangedBooking,
  live: LiveStage | string | null,
): string {
  const parts = [
    ...(stage === null ? [] : [stageWords(stage, live)]),
    ...Object.entries(fields).map(([field, value]) => `${field}: ${value}`),
    ...tags.add.map((tag) => `+${tag}`),
    ...tags.remove.map((tag) => `-${tag}`),
  ];
  return `  ${bookingId}: ${parts.join(', ')}`;
}
