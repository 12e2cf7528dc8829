/** Undo runs as people look back at them. Invariant: reads only; ids, instants and our own words. */
import type { Db } from './pool';
import type { UndoSelection } from './undo';

export interface UndoRun {
  readonly id: string;
  readonly selection: UndoSelection;
  /** An opaque operator id. */
  readonly by: string;
  readonly atMs: number;
  readonly records: number;
  /** Of them, those that wait to be taken back. */
  readonly waiting: number;
}

/** Newest first; with `id`, that one alone. */
export async function listUndoRuns(
  db: Db,
  of: { readonly limit: number; readonly id?: string | undefined },
): Promise<UndoRun[]> {
  const { rows } = await db.query<UndoRun>(
    `SELECT r.id, r.selection, r.requested_by AS by, floor(extract(epoch FROM r.requested_at) * 1000)::float8 AS "atMs",
       (SELECT count(*)::int FROM undo_item i WHERE i.undo_id = r.id) AS records,
       (SELECT count(*)::int FROM undo_item i WHERE i.undo_id = r.id AND i.state = 'planned') AS waiting
     FROM undo_run r WHERE $1::uuid IS NULL OR r.id = $1 ORDER BY r.requested_at DESC, r.id LIMIT $2`,
    [of.id ?? null, of.limit],
  );
  return rows;
}

export interface KnownMapping {
  readonly connection: string;
  readonly version: string;
  /** When a worker first started with it. */
  readonly sinceMs: number;
}

/** Mappings under which something may have been written; the one that was in force last comes first. */
export async function listMappingVersions(db: Db, limit: number): Promise<KnownMapping[]> {
  const { rows } = await db.query<KnownMapping>(
    `SELECT connection, hash AS version, floor(extract(epoch FROM first_seen) * 1000)::float8 AS "sinceMs"
     FROM mapping_version ORDER BY in_force_at DESC, connection, hash LIMIT $1`,
    [limit],
  );
  return rows;
}
