/**
 * The ledger: which CRM record belongs to which of ours, what was written there last, and what stands in the way.
 * Invariant: an intent row is committed before every create, so a create whose answer was lost is settled and never repeated blindly.
 */
import type { SealedWords } from './ledger-words';
import type { Db } from './pool';

export type LinkType = 'person' | 'appointment' | 'opportunity' | 'lead' | 'note';
export type LinkState = 'intent' | 'done' | 'unknown' | 'tombstone' | 'surplus';

export interface LinkKey {
  readonly connection: string;
  readonly type: LinkType;
  readonly externalKey: string;
}

export interface CrmLink extends LinkKey {
  readonly bookingId: string | null;
  readonly crmId: string | null;
  readonly state: LinkState;
  readonly intentAtMs: number | null;
  readonly lastHash: string | null;
  readonly lastWritten: Readonly<Record<string, unknown>> | null;
  /** What updates without an answer may have left there. */
  readonly attempted: readonly Readonly<Record<string, unknown>>[];
  /** Fields that stay as the CRM has them until a person has decided. */
  readonly held: readonly string[];
}

/** A row of `crm_link`. */
export interface RawLink {
  connection: string;
  type: LinkType;
  external_key: string;
  booking_id: string | null;
  crm_id: string | null;
  state: LinkState;
  intent_at: Date | null;
  last_hash: string | null;
  last_written: Record<string, unknown> | null;
  attempted: Record<string, unknown>[];
  held: string[];
}

export const LINK_COLUMNS =
  'connection, type, external_key, booking_id, crm_id, state, intent_at, last_hash, last_written, attempted, held';

export function linkFromRaw(raw: RawLink): CrmLink {
  return {
    connection: raw.connection,
    type: raw.type,
    externalKey: raw.external_key,
    bookingId: raw.booking_id,
    crmId: raw.crm_id,
    state: raw.state,
    intentAtMs: raw.intent_at?.getTime() ?? null,
    lastHash: raw.last_hash,
    lastWritten: raw.last_written,
    attempted: raw.attempted,
    held: raw.held,
  };
}

/** External keys: a person is the same over all bookings, an appointment and an opportunity belong to one booking. */
export const personKey = (personId: string): string => `p:${personId}`;
export const appointmentKey = (bookingId: string): string => `a:${bookingId}`;
/** The person's status from all their bookings. */
export const leadKey = (personId: string): string => `l:${personId}`;
export const opportunityKey = (bookingId: string): string => `o:${bookingId}`;

export async function readLink(db: Db, key: LinkKey): Promise<CrmLink | null> {
  const { rows } = await db.query<RawLink>(
    `SELECT ${LINK_COLUMNS} FROM crm_link WHERE connection = $1 AND type = $2 AND external_key = $3`,
    [key.connection, key.type, key.externalKey],
  );
  return rows[0] ? linkFromRaw(rows[0]) : null;
}

/** Everything that one CRM holds, or may hold, for one booking. */
export interface BookingLinks {
  readonly opportunity: CrmLink | null;
  readonly appointment: CrmLink | null;
  /** Appointments that a merged booking was writing when it was merged: under its own key, and not yet called surplus. */
  readonly inherited: readonly CrmLink[];
  /** What a merged booking had made, and this one has already: to be canceled. */
  readonly surplus: readonly CrmLink[];
}

const MAY_BE_INHERITED: readonly LinkState[] = ['intent', 'unknown', 'done'];

/** In one statement. The booking's own rows are found by their keys too, because a merge may have given them to another booking. */
export async function readBookingLinks(db: Db, connection: string, bookingId: string): Promise<BookingLinks> {
  const own = { appointment: appointmentKey(bookingId), opportunity: opportunityKey(bookingId) };
  const { rows } = await db.query<RawLink>(
    `SELECT ${LINK_COLUMNS} FROM crm_link WHERE connection = $1 AND (booking_id = $2
       OR (type = 'appointment' AND external_key = $3) OR (type = 'opportunity' AND external_key = $4))`,
    [connection, bookingId, own.appointment, own.opportunity],
  );
  const links = rows.map(linkFromRaw);
  const ownOf = (type: keyof typeof own): CrmLink | null =>
    links.find((link) => link.type === type && link.externalKey === own[type]) ?? null;
  const ours = links.filter((link) => link.bookingId === bookingId);
  return {
    appointment: ownOf('appointment'),
    opportunity: ownOf('opportunity'),
    inherited: ours.filter(
      ({ type, externalKey, state }) =>
        type === 'appointment' && externalKey !== own.appointment && MAY_BE_INHERITED.includes(state),
    ),
    surplus: ours.filter(({ state }) => state === 'surplus'),
  };
}

/** The record becomes the booking's own; where it has one already, the inherited one becomes surplus. */
export async function takeOverLink(
  db: Db,
  link: LinkKey,
  to: { ownKey: string; crmId: string; state: 'done' | 'surplus' },
): Promise<void> {
  await db.query(
    `UPDATE crm_link SET crm_id = $4, state = $5, external_key = $6, updated_at = now()
     WHERE connection = $1 AND type = $2 AND external_key = $3`,
    [
      ...[link.connection, link.type, link.externalKey, to.crmId, to.state],
      to.state === 'done' ? to.ownKey : link.externalKey,
    ],
  );
}

/**
 * Commits the intention to create, with what is about to be written. False: the link is done already, or its booking was merged into another one; look again.
 * The lock makes a merge wait, or this one see it: a booking that was merged never begins another create.
 */
export async function writeIntent(
  db: Db,
  key: LinkKey & { bookingId: string | null; nowMs: number; written: Readonly<Record<string, unknown>> },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `WITH alive AS (SELECT id FROM booking WHERE id = $4 AND merged_into IS NULL FOR SHARE)
     INSERT INTO crm_link (connection, type, external_key, booking_id, state, intent_at, attempted)
     SELECT $1, $2, $3, $4, 'intent', $5, jsonb_build_array($6::jsonb) WHERE $4::text IS NULL OR EXISTS (SELECT 1 FROM alive)
     ON CONFLICT (connection, type, external_key) DO UPDATE
       SET state = 'intent', intent_at = $5, attempted = jsonb_build_array($6::jsonb), updated_at = now()
     WHERE crm_link.state <> 'done'`,
    [key.connection, key.type, key.externalKey, key.bookingId, new Date(key.nowMs), JSON.stringify(key.written)],
  );
  return rowCount === 1;
}

export async function setLinkState(db: Db, key: LinkKey, state: LinkState): Promise<void> {
  await db.query(
    `UPDATE crm_link SET state = $4, updated_at = now() WHERE connection = $1 AND type = $2 AND external_key = $3`,
    [key.connection, key.type, key.externalKey, state],
  );
}

/** Takes back an intent that is proven not to have been applied. */
export async function dropIntent(db: Db, key: LinkKey): Promise<void> {
  await db.query(
    `DELETE FROM crm_link WHERE connection = $1 AND type = $2 AND external_key = $3 AND state = 'intent' AND crm_id IS NULL`,
    [key.connection, key.type, key.externalKey],
  );
}

/** What the CRM holds now. Ids, instants and status words only. */
export interface LinkWrite extends LinkKey {
  readonly bookingId: string | null;
  readonly crmId: string;
  readonly version: number;
  /** Null leaves what was noted before, here and in `written`. */
  readonly hash: string | null;
  readonly written: Readonly<Record<string, unknown>> | null;
}

/** Parameters $1 to $8. */
const RECORD_LINK = `
  INSERT INTO crm_link (connection, type, external_key, booking_id, crm_id, state, last_version, last_hash, last_written)
  VALUES ($1, $2, $3, $4, $5, 'done', $6, $7, $8)
  ON CONFLICT (connection, type, external_key) DO UPDATE SET crm_id = $5, state = 'done',
    last_version = greatest(crm_link.last_version, $6), last_hash = coalesce($7, crm_link.last_hash),
    last_written = coalesce($8, crm_link.last_written),
    attempted = CASE WHEN $8 IS NULL THEN crm_link.attempted ELSE '[]' END, updated_at = now()`;

const linkValues = (link: LinkWrite): unknown[] => [
  ...[link.connection, link.type, link.externalKey, link.bookingId, link.crmId, link.version, link.hash],
  link.written && JSON.stringify(link.written),
];

export async function recordLink(db: Db, link: LinkWrite): Promise<void> {
  await db.query(RECORD_LINK, linkValues(link));
}

const addWrite = (first: number): string => `
  INSERT INTO crm_write (booking_id, connection, type, action, crm_id, version, before, after, at, mapping_version, words_of, words)
  VALUES (${Array.from({ length: 12 }, (_, n) => `$${first + n}`).join(', ')})`;
const ADD_WRITE = addWrite(1);
const RECORD_AND_ADD = `WITH written AS (${addWrite(9)}) ${RECORD_LINK}`;

/** One line of the ledger: what was written, why, and what was there before; with `link`, that too, or neither of them. */
export async function recordWrite(
  db: Db,
  write: {
    bookingId: string;
    connection: string;
    type: LinkType;
    action: string;
    crmId: string | null;
    version: number;
    before: Readonly<Record<string, unknown>> | null;
    after: Readonly<Record<string, unknown>> | null;
    nowMs: number;
    /** Version of the mapping that it was made under. */
    mappingVersion?: string | null;
    /** What of it is personal. */
    words?: SealedWords | null;
    link?: LinkWrite;
  },
): Promise<void> {
  const { link, before, after } = write;
  const line = [
    ...[write.bookingId, write.connection, write.type, write.action, write.crmId, write.version],
    ...[
      before && JSON.stringify(before),
      after && JSON.stringify(after),
      new Date(write.nowMs),
      write.mappingVersion ?? null,
    ],
    ...[write.words?.personId ?? null, write.words?.sealed ?? null],
  ];
  await (link ? db.query(RECORD_AND_ADD, [...linkValues(link), ...line]) : db.query(ADD_WRITE, line));
}

// ---------------------------------------------------------------- one row per booking and CRM

export type SyncState = 'pending' | 'synced' | 'parked' | 'needs_contact' | 'refused' | 'skipped';

export interface CrmSync {
  readonly connection: string;
  readonly state: SyncState;
  readonly reason: string | null;
  readonly writtenVersion: number;
}

async function readSyncs(db: Db, bookingId: string): Promise<CrmSync[]> {
  const { rows } = await db.query<{
    connection: string;
    state: SyncState;
    reason: string | null;
    written_version: number;
  }>('SELECT connection, state, reason, written_version FROM crm_sync WHERE booking_id = $1', [bookingId]);
  return rows.map((row) => ({
    connection: row.connection,
    state: row.state,
    reason: row.reason,
    writtenVersion: row.written_version,
  }));
}

/** One row for each of the connections, `pending` where there was none. Returns all rows of the booking. */
export async function ensureSyncs(tx: Db, bookingId: string, connections: readonly string[]): Promise<CrmSync[]> {
  const [, syncs] = await Promise.all([
    tx.query(
      `INSERT INTO crm_sync (booking_id, connection, state) SELECT $1, connection, 'pending' FROM UNNEST($2::text[]) AS connection
       ON CONFLICT DO NOTHING`,
      [bookingId, connections],
    ),
    readSyncs(tx, bookingId),
  ]);
  return syncs;
}

/** `writtenVersion` and `mappingVersion` are given when the CRM shows that version; without them only the state changes. */
export async function saveSync(
  db: Db,
  sync: {
    bookingId: string;
    connection: string;
    state: SyncState;
    reason: string | null;
    writtenVersion?: number;
    mappingVersion?: string | null;
  },
): Promise<void> {
  await db.query(
    `INSERT INTO crm_sync (booking_id, connection, state, reason, written_version, mapping_version) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (booking_id, connection) DO UPDATE SET state = $3, reason = $4,
       written_version = greatest(crm_sync.written_version, $5),
       mapping_version = coalesce($6, crm_sync.mapping_version), updated_at = now()`,
    [sync.bookingId, sync.connection, sync.state, sync.reason, sync.writtenVersion ?? 0, sync.mappingVersion ?? null],
  );
}

/** Bookings that wait for a CRM connection, in pages by id. A sync that runs again takes its booking off the list by itself. */
export async function listParked(db: Db, connection: string, afterId: string, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ booking_id: string }>(
    `SELECT booking_id FROM crm_sync WHERE connection = $1 AND state = 'parked' AND booking_id > $2
     ORDER BY booking_id LIMIT $3`,
    [connection, afterId, limit],
  );
  return rows.map((row) => row.booking_id);
}

/** Connections that are up and have bookings which have waited since before that instant (epoch ms): something was lost on its way. */
export async function connectionsLeftParked(db: Db, beforeMs: number): Promise<string[]> {
  const { rows } = await db.query<{ connection: string }>(
    `SELECT DISTINCT s.connection FROM crm_sync s JOIN connection_health h ON h.connection = s.connection AND h.state = 'up'
     WHERE s.state = 'parked' AND s.updated_at < $1 ORDER BY 1`,
    [new Date(beforeMs)],
  );
  return rows.map(({ connection }) => connection);
}

/** A booking that waits for this very reason, rather than behind others; null: there is none. */
export async function oneParkedFor(db: Db, connection: string, reason: string): Promise<string | null> {
  const { rows } = await db.query<{ booking_id: string }>(
    `SELECT booking_id FROM crm_sync WHERE connection = $1 AND state = 'parked' AND reason = $2 ORDER BY booking_id LIMIT 1`,
    [connection, reason],
  );
  return rows[0]?.booking_id ?? null;
}
