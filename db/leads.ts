/**
 * Leads that a CRM tells of, and how far each CRM was asked. Who they are here, and what became of them, follows by triggers.
 * Invariant: hearing of a lead again changes nothing; only the CRM's id and when it was made are kept.
 */
import type { Db } from './pool';

export interface HeardLead {
  readonly crmId: string;
  readonly enteredAtMs: number;
  /** 'YYYY-MM-DD' in `zone`. */
  readonly enteredDate: string;
}

export async function hearOfLeads(
  db: Db,
  heard: {
    readonly crm: string;
    /** The source that feeds the CRM: theirs until their first booking says another one. */
    readonly source: string;
    readonly zone: string;
    readonly leads: readonly HeardLead[];
  },
): Promise<void> {
  const { crm, source, zone, leads } = heard;
  await db.query(
    `SELECT lead_heard($1, l.id, $2, l.at, l.date, $3)
     FROM UNNEST($4::text[], $5::timestamptz[], $6::date[]) AS l (id, at, date)`,
    [
      ...[crm, source, zone, leads.map(({ crmId }) => crmId)],
      ...[leads.map(({ enteredAtMs }) => new Date(enteredAtMs)), leads.map(({ enteredDate }) => enteredDate)],
    ],
  );
}

/** Leads whose day was found in another zone than `zone`; locked, without those that somebody else has locked. */
export async function takeLeadsOutsideZone(
  tx: Db,
  of: { readonly zone: string; readonly limit: number },
): Promise<{ readonly id: string; readonly enteredAtMs: number }[]> {
  const { rows } = await tx.query<{ id: string; entered_at: Date }>(
    'SELECT id, entered_at FROM lead WHERE zone <> $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED',
    [of.zone, of.limit],
  );
  return rows.map(({ id, entered_at: enteredAt }) => ({ id, enteredAtMs: enteredAt.getTime() }));
}

/** `enteredDate`: 'YYYY-MM-DD' in `zone`. */
export async function saveLeadDates(
  tx: Db,
  of: { readonly zone: string; readonly leads: readonly { readonly id: string; readonly enteredDate: string }[] },
): Promise<void> {
  await tx.query(
    `UPDATE lead SET entered_date = l.date, zone = $1 FROM UNNEST($2::bigint[], $3::date[]) AS l (id, date) WHERE lead.id = l.id`,
    [of.zone, of.leads.map(({ id }) => id), of.leads.map(({ enteredDate }) => enteredDate)],
  );
}

/** Until when new people of the CRM are known, epoch ms; null: it was never asked. */
export async function readLeadPoll(db: Db, crm: string): Promise<number | null> {
  const { rows } = await db.query<{ until: Date }>('SELECT until FROM lead_poll WHERE crm = $1', [crm]);
  return rows[0]?.until.getTime() ?? null;
}

export async function saveLeadPoll(db: Db, poll: { crm: string; untilMs: number; nowMs: number }): Promise<void> {
  await db.query(
    `INSERT INTO lead_poll (crm, until, polled_at) VALUES ($1, $2, $3)
     ON CONFLICT (crm) DO UPDATE SET until = excluded.until, polled_at = excluded.polled_at, reason = NULL`,
    [poll.crm, new Date(poll.untilMs), new Date(poll.nowMs)],
  );
}

/** The last poll found nothing out, and why; the cursor stays. */
export async function saveLeadPollTrouble(db: Db, poll: { crm: string; reason: string; nowMs: number }): Promise<void> {
  await db.query('UPDATE lead_poll SET polled_at = $2, reason = $3 WHERE crm = $1', [
    ...[poll.crm, new Date(poll.nowMs), poll.reason],
  ]);
}
