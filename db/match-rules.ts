/**
 * Match rules: who a guest is in a CRM, as a person decided it. They hold for every booking of the guest.
 * Invariant: the newest rule of a guest and a CRM counts; a removed one counts as none, and its row stays as a record.
 */
import { randomUUID } from 'node:crypto';
import type { ContactChoice } from '../domain/facts';
import { personKey } from './crm-ledger';
import type { Db } from './pool';

export interface MatchRule {
  readonly id: string;
  readonly connection: string;
  readonly personId: string;
  readonly choice: ContactChoice;
  /** The booking whose task was decided. */
  readonly bookingId: string;
  readonly decidedBy: string;
  readonly decidedAtMs: number;
  /** How many bookings of the guest it holds for now. */
  readonly bookings: number;
}

export async function addMatchRule(
  tx: Db,
  rule: {
    connection: string;
    personId: string;
    choice: ContactChoice;
    bookingId: string;
    by: string;
    nowMs: number;
  },
): Promise<void> {
  const { choice } = rule;
  const crmPersonId = choice.choice === 'use_contact' ? choice.crmPersonId : null;
  await tx.query(
    `INSERT INTO match_rule (id, connection, person_id, choice, crm_person_id, booking_id, decided_by, decided_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[randomUUID(), rule.connection, rule.personId, choice.choice, crmPersonId, rule.bookingId, rule.by],
      new Date(rule.nowMs),
    ],
  );
}

/** What was decided about the guest in this CRM; null: nothing, or it was removed. */
export async function readMatchRule(
  db: Db,
  of: { connection: string; personId: string },
): Promise<ContactChoice | null> {
  const { rows } = await db.query<RawChoice & { removed: boolean }>(
    `SELECT choice, crm_person_id, removed_at IS NOT NULL AS removed FROM match_rule
     WHERE connection = $1 AND person_id = $2 ORDER BY seq DESC LIMIT 1`,
    [of.connection, of.personId],
  );
  const [rule] = rows;
  return rule === undefined || rule.removed ? null : choiceOf(rule);
}

/** Position in the list: the rule's own number. */
export interface MatchRulePosition {
  readonly seq: number;
}

/** The rules that count, newest first. */
export async function listMatchRules(
  db: Db,
  page: { after: MatchRulePosition | null; limit: number; connection?: string | undefined },
): Promise<readonly (MatchRule & MatchRulePosition)[]> {
  const { rows } = await db.query<RawRule>(
    `SELECT r.*, (SELECT count(*)::int FROM booking b WHERE b.picture->>'personId' = r.person_id::text
                  AND b.merged_into IS NULL) AS bookings
     FROM match_rule r WHERE removed_at IS NULL AND ($1::bigint IS NULL OR seq < $1) AND ($3::text IS NULL OR connection = $3)
       AND NOT EXISTS (SELECT 1 FROM match_rule newer WHERE newer.connection = r.connection
                       AND newer.person_id = r.person_id AND newer.seq > r.seq)
     ORDER BY seq DESC LIMIT $2`,
    [page.after?.seq ?? null, page.limit, page.connection ?? null],
  );
  return rows.map((raw) => ({
    id: raw.id,
    seq: raw.seq,
    connection: raw.connection,
    personId: raw.person_id,
    choice: choiceOf(raw),
    bookingId: raw.booking_id,
    decidedBy: raw.decided_by,
    decidedAtMs: raw.decided_at.getTime(),
    bookings: raw.bookings,
  }));
}

/**
 * The rule counts no more: at its next write each booking of the guest is matched anew. What was written to the contact stays.
 * False: there is no such rule, or it was removed before.
 */
export async function removeMatchRule(tx: Db, rule: { id: string; by: string; nowMs: number }): Promise<boolean> {
  const { rows } = await tx.query<{ connection: string; person_id: string }>(
    `UPDATE match_rule SET removed_at = $2, removed_by = $3 WHERE id = $1 AND removed_at IS NULL
     RETURNING connection, person_id`,
    [rule.id, new Date(rule.nowMs), rule.by],
  );
  const [removed] = rows;
  if (removed === undefined) return false;
  await tx.query(
    `DELETE FROM crm_link WHERE connection = $1 AND type = 'person' AND external_key = $2 AND state = 'done'`,
    [removed.connection, personKey(removed.person_id)],
  );
  return true;
}

interface RawChoice {
  choice: ContactChoice['choice'];
  crm_person_id: string | null;
}
interface RawRule extends RawChoice {
  id: string;
  seq: number;
  connection: string;
  person_id: string;
  booking_id: string;
  decided_by: string;
  decided_at: Date;
  bookings: number;
}

function choiceOf({ choice, crm_person_id: crmPersonId }: RawChoice): ContactChoice {
  return choice === 'use_contact' ? { choice, crmPersonId: crmPersonId ?? '' } : { choice };
}
