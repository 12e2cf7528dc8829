/**
 * What the nightly comparison with a CRM goes by: the appointments of open and recent bookings as the ledger has them, and its last run.
 * Invariant: pages by slot, so that a page is a short time in the CRM's calendar.
 */
import type { Db } from './pool';

export interface LedgerAppointment {
  readonly bookingId: string;
  readonly crmId: string;
  /** What both sides held when they last agreed; null: not known. */
  readonly written: Readonly<Record<string, unknown>> | null;
  /** Epoch ms; where the page ends. */
  readonly slotStartMs: number;
}

export type NightPosition = Pick<LedgerAppointment, 'slotStartMs' | 'bookingId'>;

/** Of bookings that are open, or were closed after `closedAfterMs` (epoch ms). */
export async function listLedgerAppointments(
  db: Db,
  page: {
    readonly connection: string;
    readonly closedAfterMs: number;
    readonly after: NightPosition | null;
    readonly limit: number;
  },
): Promise<LedgerAppointment[]> {
  const { connection, closedAfterMs, after, limit } = page;
  const { rows } = await db.query<{
    booking_id: string;
    crm_id: string;
    last_written: object | null;
    slot_start: Date;
  }>(
    `SELECT b.id AS booking_id, l.crm_id, l.last_written, b.slot_start FROM booking b
     JOIN crm_link l ON l.booking_id = b.id AND l.connection = $1 AND l.type = 'appointment' AND l.state = 'done'
     WHERE b.merged_into IS NULL AND b.slot_start IS NOT NULL AND l.crm_id IS NOT NULL
       AND (b.closed_at IS NULL OR b.closed_at > $2)
       AND ($3::timestamptz IS NULL OR (b.slot_start, b.id) > ($3, $4))
     ORDER BY b.slot_start, b.id LIMIT $5`,
    [connection, new Date(closedAfterMs), after && new Date(after.slotStartMs), after?.bookingId ?? null, limit],
  );
  return rows.map((row) => ({
    bookingId: row.booking_id,
    crmId: row.crm_id,
    slotStartMs: row.slot_start.getTime(),
    written: row.last_written as Readonly<Record<string, unknown>> | null,
  }));
}

/** Epoch ms; null: never. */
export async function readBackAtMs(db: Db, connection: string): Promise<number | null> {
  const { rows } = await db.query<{ read_at: Date }>('SELECT read_at FROM crm_read_back WHERE connection = $1', [
    connection,
  ]);
  return rows[0]?.read_at.getTime() ?? null;
}

export async function saveReadBack(
  db: Db,
  run: { readonly connection: string; readonly looked: number; readonly told: number; readonly nowMs: number },
): Promise<void> {
  await db.query(
    `INSERT INTO crm_read_back (connection, read_at, looked, told) VALUES ($1, $2, $3, $4)
     ON CONFLICT (connection) DO UPDATE SET read_at = $2, looked = $3, told = $4`,
    [run.connection, new Date(run.nowMs), run.looked, run.told],
  );
}
