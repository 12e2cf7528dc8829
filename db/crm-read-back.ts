/**
 * The ledger's side of reading a CRM back: which of our writes may be there, what both sides agree on, what is left alone meanwhile.
 * Invariant: a state that was taken for news is agreed on in the same transaction, so that it is never news twice.
 */
import { personKey, type LinkKey } from './crm-ledger';
import type { Db } from './pool';

/** Before an update is sent: if its answer is lost, what it left is known to be ours. The next answer clears it. */
export async function noteAttempt(db: Db, key: LinkKey, written: Readonly<Record<string, unknown>>): Promise<void> {
  await db.query(
    `UPDATE crm_link SET attempted = attempted || $4::jsonb WHERE connection = $1 AND type = $2 AND external_key = $3`,
    [key.connection, key.type, key.externalKey, JSON.stringify([written])],
  );
}

/** What the CRM shows is what both sides held last from now on. Its hash is no longer known. */
export async function agreeOnShown(
  tx: Db,
  key: LinkKey,
  to: { readonly shown: Readonly<Record<string, unknown>>; readonly held: readonly string[] },
): Promise<void> {
  await tx.query(
    `UPDATE crm_link SET last_written = coalesce(last_written, '{}') || $4::jsonb, last_hash = NULL, attempted = '[]', held = $5,
       updated_at = now() WHERE connection = $1 AND type = $2 AND external_key = $3`,
    [key.connection, key.type, key.externalKey, JSON.stringify(to.shown), to.held],
  );
}

/** The field is the booking's to write again. */
export async function releaseHeld(tx: Db, key: LinkKey, field: string): Promise<void> {
  await tx.query(
    `UPDATE crm_link SET held = array_remove(held, $4) WHERE connection = $1 AND type = $2 AND external_key = $3`,
    [key.connection, key.type, key.externalKey, field],
  );
}

/** A record that was deleted in the CRM may be made again. */
export async function forgetDeleted(tx: Db, key: LinkKey): Promise<void> {
  await tx.query(
    `DELETE FROM crm_link WHERE connection = $1 AND type = $2 AND external_key = $3 AND state = 'tombstone'`,
    [key.connection, key.type, key.externalKey],
  );
}

/** Was something heard from a CRM that the booking's picture does not hold yet? */
export async function hasUnfoldedReports(db: Db, bookingId: string): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM booking_event WHERE booking_id = $1 AND outcome IS NULL AND fact->>'by' = 'crm') AS there`,
    [bookingId],
  );
  return rows[0]?.there === true;
}

/** Words of a person's question that is open already: what there is to decide on has changed. */
export async function renewEvidence(
  tx: Db,
  taskId: string,
  evidence: Readonly<Record<string, unknown>>,
): Promise<void> {
  await tx.query(`UPDATE task SET evidence = $2 WHERE id = $1 AND state = 'open'`, [taskId, JSON.stringify(evidence)]);
}

/** Adds words to what the ledger says of a person in a CRM. */
export async function markPerson(
  db: Db,
  of: { readonly connection: string; readonly personId: string },
  words: Readonly<Record<string, unknown>>,
): Promise<void> {
  await db.query(
    `UPDATE crm_link SET last_written = coalesce(last_written, '{}') || $3::jsonb
     WHERE connection = $1 AND type = 'person' AND external_key = $2`,
    [of.connection, personKey(of.personId), JSON.stringify(words)],
  );
}

/** A person decided that what the CRM dropped is to be written once more: the next sync does. */
export async function writeDroppedAgain(
  tx: Db,
  of: { readonly connection: string; readonly personId: string },
): Promise<void> {
  await tx.query(
    `UPDATE crm_link SET last_written = last_written || jsonb_build_object('again', last_written->'dropped')
     WHERE connection = $1 AND type = 'person' AND external_key = $2 AND last_written ? 'dropped'`,
    [of.connection, personKey(of.personId)],
  );
}
