/**
 * Appointments that a person made in a CRM: what is known of booking each at a source, and how its booking takes it over.
 * Invariant: a mark is committed before its create is sent, and the booking that comes with it has the record before any sync runs.
 */
import type { AskedReason, LeftReason } from '../domain/crm-appointment';
import { appointmentKey, personKey, recordWrite } from './crm-ledger';
import type { Db } from './pool';

export interface CrmAppointmentKey {
  readonly connection: string;
  readonly crmId: string;
}

export interface StoredSlot {
  readonly eventType: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface CrmAppointmentRow extends CrmAppointmentKey {
  readonly state: 'heard' | 'booking' | 'booked' | 'asked' | 'left';
  readonly wanted: StoredSlot | null;
  readonly holdId: string | null;
  readonly holdUntilMs: number | null;
  readonly mark: string | null;
  readonly intentAtMs: number | null;
}

interface RawRow {
  state: CrmAppointmentRow['state'];
  wanted: StoredSlot | null;
  hold_id: string | null;
  hold_until: Date | null;
  mark: string | null;
  intent_at: Date | null;
}

/** Notes records that were just made; one that is known stays as it is. Returns those that nobody knew. */
export async function hearAppointments(
  db: Db,
  heard: { readonly connection: string; readonly crmIds: readonly string[]; readonly nowMs: number },
): Promise<string[]> {
  const { rows } = await db.query<{ crm_id: string }>(
    `INSERT INTO crm_appointment (connection, crm_id, state, heard_at)
     SELECT $1, crm_id, 'heard', $3 FROM UNNEST($2::text[]) AS crm_id ON CONFLICT DO NOTHING RETURNING crm_id`,
    [heard.connection, heard.crmIds, new Date(heard.nowMs)],
  );
  return rows.map((row) => row.crm_id);
}

/** Those among the records of which it is open whether they are booked. */
export async function openAppointments(db: Db, connection: string, crmIds: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ crm_id: string }>(
    `SELECT crm_id FROM crm_appointment WHERE connection = $1 AND crm_id = ANY($2) AND state IN ('heard', 'booking', 'asked')`,
    [connection, crmIds],
  );
  return rows.map((row) => row.crm_id);
}

/** Those that are under way and have been left alone for long: whoever worked on them may be gone. */
export async function forgottenAppointments(
  db: Db,
  of: { readonly sinceMs: number; readonly limit: number },
): Promise<CrmAppointmentKey[]> {
  const { rows } = await db.query<{ connection: string; crm_id: string }>(
    `SELECT connection, crm_id FROM crm_appointment WHERE state IN ('heard', 'booking') AND updated_at < $1
     ORDER BY updated_at LIMIT $2`,
    [new Date(of.sinceMs), of.limit],
  );
  return rows.map((row) => ({ connection: row.connection, crmId: row.crm_id }));
}

export async function readCrmAppointment(db: Db, key: CrmAppointmentKey): Promise<CrmAppointmentRow | null> {
  const { rows } = await db.query<RawRow>(
    `SELECT state, wanted, hold_id, hold_until, mark, intent_at FROM crm_appointment WHERE connection = $1 AND crm_id = $2`,
    [key.connection, key.crmId],
  );
  const [raw] = rows;
  return raw === undefined
    ? null
    : {
        connection: key.connection,
        crmId: key.crmId,
        state: raw.state,
        wanted: raw.wanted,
        holdId: raw.hold_id,
        holdUntilMs: raw.hold_until?.getTime() ?? null,
        mark: raw.mark,
        intentAtMs: raw.intent_at?.getTime() ?? null,
      };
}

/** A slot is going to be held, or (with its id) is held. */
export async function noteHold(
  db: Db,
  key: CrmAppointmentKey,
  hold: { readonly wanted: StoredSlot; readonly id: string | null; readonly untilMs: number },
): Promise<void> {
  await db.query(
    `UPDATE crm_appointment SET wanted = $3, hold_id = $4, hold_until = $5, updated_at = now()
     WHERE connection = $1 AND crm_id = $2`,
    [key.connection, key.crmId, JSON.stringify(hold.wanted), hold.id, new Date(hold.untilMs)],
  );
}

export async function forgetHold(db: Db, key: CrmAppointmentKey): Promise<void> {
  await db.query('UPDATE crm_appointment SET hold_id = NULL, hold_until = NULL WHERE connection = $1 AND crm_id = $2', [
    key.connection,
    key.crmId,
  ]);
}

/** The intention to book, with what its booking will need. False: another attempt was faster. */
export async function beginBooking(
  db: Db,
  key: CrmAppointmentKey,
  under: {
    readonly mark: string;
    readonly source: string;
    readonly wanted: StoredSlot;
    readonly crmPersonId: string;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const { mark, source, wanted, crmPersonId, nowMs } = under;
  const { rowCount } = await db.query(
    `UPDATE crm_appointment SET state = 'booking', reason = NULL, mark = $3, source = $4, wanted = $5, crm_person_id = $6,
       intent_at = $7, updated_at = now()
     WHERE connection = $1 AND crm_id = $2 AND state IN ('heard', 'asked')`,
    [key.connection, key.crmId, mark, source, JSON.stringify(wanted), crmPersonId, new Date(nowMs)],
  );
  return rowCount === 1;
}

/** The create is proven not to have been applied. */
export async function takeIntentBack(db: Db, key: CrmAppointmentKey): Promise<void> {
  await db.query(
    `UPDATE crm_appointment SET state = 'heard', mark = NULL, intent_at = NULL, updated_at = now()
     WHERE connection = $1 AND crm_id = $2 AND state = 'booking'`,
    [key.connection, key.crmId],
  );
}

/** What became of it. One that is booked stays so. */
export async function settleAppointment(
  tx: Db,
  key: CrmAppointmentKey,
  to:
    | { readonly state: 'booked'; readonly uid: string }
    | { readonly state: 'asked'; readonly reason: AskedReason }
    | { readonly state: 'left'; readonly reason: LeftReason }
    | { readonly state: 'heard' },
): Promise<void> {
  await tx.query(
    `UPDATE crm_appointment SET state = $3, reason = $4, uid = coalesce($5, uid), updated_at = now()
     WHERE connection = $1 AND crm_id = $2 AND state <> 'booked'`,
    [key.connection, key.crmId, to.state, 'reason' in to ? to.reason : null, 'uid' in to ? to.uid : null],
  );
}

/**
 * The source tells of a booking under this mark: the record that it was made for becomes the booking's own, and the record's contact
 * its guest's. Only a mark of ours for this source counts, once; anything else changes nothing.
 */
export async function adoptMarked(
  tx: Db,
  of: {
    readonly mark: string;
    readonly source: string;
    readonly uid: string;
    readonly bookingId: string;
    /** Of the guest; null: not known. */
    readonly personId: string | null;
    readonly nowMs: number;
  },
): Promise<void> {
  const { mark, source, uid, bookingId, personId, nowMs } = of;
  const { rows } = await tx.query<{ connection: string; crm_id: string; crm_person_id: string; wanted: StoredSlot }>(
    `UPDATE crm_appointment SET state = 'booked', reason = NULL, uid = $3, booking_id = $4, updated_at = now()
     WHERE mark = $1 AND source = $2 AND booking_id IS NULL RETURNING connection, crm_id, crm_person_id, wanted`,
    [mark, source, uid, bookingId],
  );
  const [row] = rows;
  if (row === undefined) return;
  const { connection, crm_id: crmId, wanted } = row;
  const written = { status: 'scheduled', startMs: wanted.startMs, endMs: wanted.endMs, madeBy: 'rep' };
  await linkUnlessKnown(tx, {
    connection,
    type: 'appointment',
    externalKey: appointmentKey(bookingId),
    bookingId,
    crmId,
    written,
  });
  if (personId !== null) {
    const person = { connection, type: 'person', externalKey: personKey(personId), bookingId: null } as const;
    await linkUnlessKnown(tx, { ...person, crmId: row.crm_person_id, written: { matchedOn: 'link' } });
  }
  const line = { bookingId, connection, type: 'appointment', action: 'adopt', crmId, version: 0 } as const;
  await recordWrite(tx, { ...line, before: null, after: written, nowMs });
}

async function linkUnlessKnown(
  tx: Db,
  link: {
    readonly connection: string;
    readonly type: 'appointment' | 'person';
    readonly externalKey: string;
    readonly bookingId: string | null;
    readonly crmId: string;
    readonly written: object;
  },
): Promise<void> {
  const { connection, type, externalKey, bookingId, crmId, written } = link;
  await tx.query(
    `INSERT INTO crm_link (connection, type, external_key, booking_id, crm_id, state, last_written)
     VALUES ($1, $2, $3, $4, $5, 'done', $6) ON CONFLICT DO NOTHING`,
    [connection, type, externalKey, bookingId, crmId, JSON.stringify(written)],
  );
}
