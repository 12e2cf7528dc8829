/**
 * Whose turn it is: every new lead of a pool goes to the next owner of a list.
 * Invariant: the turn is counted in the transaction that remembers the assignment, so turns are neither lost nor taken twice; a
 * person who was assigned stays assigned as long as that owner is in the list.
 */
import type { Pool } from 'pg';
import { withTransaction } from './pool';
import type { Vault } from './vault';

export interface LeadTurn {
  /** Owners of one pool take turns among each other. */
  readonly pool: string;
  readonly personId: string;
  /** Addresses of the owners, in the order of their turns; at least one. */
  readonly owners: readonly string[];
  readonly nowMs: number;
}

/** The address of the owner whom the person is assigned to, from before or from now on. */
export async function takeTurn(pool: Pool, vault: Vault, turn: LeadTurn): Promise<string> {
  const hashes = turn.owners.map((owner) => vault.blindIndex('email', owner.trim().toLowerCase()));
  return withTransaction(pool, async (tx) => {
    await tx.query('INSERT INTO round_robin (pool) VALUES ($1) ON CONFLICT DO NOTHING', [turn.pool]);
    const { rows: pools } = await tx.query<{ turns: number }>(
      'SELECT turns FROM round_robin WHERE pool = $1 FOR UPDATE',
      [turn.pool],
    );
    const { rows: assigned } = await tx.query<{ owner: Buffer }>(
      'SELECT owner FROM lead_owner WHERE pool = $1 AND person_id = $2',
      [turn.pool, turn.personId],
    );
    const former = assigned[0];
    const known = former === undefined ? -1 : hashes.findIndex((hash) => hash.equals(former.owner));
    if (known >= 0) return ownerAt(turn.owners, known);
    const taken = pools[0]?.turns ?? 0;
    const next = taken % turn.owners.length;
    await tx.query(
      `INSERT INTO lead_owner (pool, person_id, owner, turn, assigned_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (pool, person_id) DO UPDATE SET owner = $3, turn = $4, assigned_at = $5`,
      [turn.pool, turn.personId, hashes[next], taken + 1, new Date(turn.nowMs)],
    );
    await tx.query('UPDATE round_robin SET turns = $2 WHERE pool = $1', [turn.pool, taken + 1]);
    return ownerAt(turn.owners, next);
  });
}

function ownerAt(owners: readonly string[], index: number): string {
  const owner = owners[index];
  if (owner === undefined)
    throw new Error('A pool of owners is empty. Expected at least one address under leads.owner.');
  return owner;
}
