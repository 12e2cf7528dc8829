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
