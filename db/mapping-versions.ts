/**
 * Versions of the mappings: a mapping is named by the hash of its canonical JSON, and kept as it was in force.
 * Invariant: equal rules have equal versions, in whatever order the file lists them.
 */
import { createHash } from 'node:crypto';
import type { CrmMapping } from '../domain/settings';
import type { Db } from './pool';

const known = new WeakMap<CrmMapping, string>();

/** Twelve hex digits: enough for a person to compare, and for the few mappings that an account ever has. */
export function mappingVersionOf(mapping: CrmMapping): string {
  const before = known.get(mapping);
  if (before !== undefined) return before;
  const version = createHash('sha256').update(canonical(mapping)).digest('hex').slice(0, 12);
  known.set(mapping, version);
  return version;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value)
    .filter(([, held]) => held !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, held]) => `${JSON.stringify(key)}:${canonical(held)}`).join(',')}}`;
}

/** The mapping is in force from now on. A version that comes back is the same row. */
export async function saveMappingVersion(
  db: Db,
  of: { readonly connection: string; readonly mapping: CrmMapping; readonly nowMs: number },
): Promise<void> {
  await db.query(
    `INSERT INTO mapping_version (connection, hash, mapping, first_seen, in_force_at) VALUES ($1, $2, $3, $4, $4)
     ON CONFLICT (connection, hash) DO UPDATE SET in_force_at = $4`,
    [of.connection, mappingVersionOf(of.mapping), JSON.stringify(of.mapping), new Date(of.nowMs)],
  );
}

export interface MappingInForce {
  readonly connection: string;
  readonly version: string;
  readonly mapping: CrmMapping;
  readonly sinceMs: number;
}

/** The newest of each connection. */
export async function readMappingsInForce(db: Db): Promise<MappingInForce[]> {
  const { rows } = await db.query<{ connection: string; hash: string; mapping: CrmMapping; first_seen: Date }>(
    `SELECT DISTINCT ON (connection) connection, hash, mapping, first_seen FROM mapping_version
     ORDER BY connection, in_force_at DESC, first_seen DESC`,
  );
  return rows.map(({ connection, hash, mapping, first_seen: since }) => ({
    connection,
    version: hash,
    mapping,
    sinceMs: since.getTime(),
  }));
}

/** Replaces what the check before found; one sentence each, of ids and our own words. */
export async function saveMappingFindings(
  db: Db,
  of: { readonly connection: string; readonly findings: readonly string[]; readonly nowMs: number },
): Promise<void> {
  await db.query(
    `INSERT INTO mapping_check (connection, checked_at, findings) VALUES ($1, $2, $3)
     ON CONFLICT (connection) DO UPDATE SET checked_at = excluded.checked_at, findings = excluded.findings`,
    [of.connection, new Date(of.nowMs), JSON.stringify(of.findings)],
  );
}
