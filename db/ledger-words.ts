/**
 * Personal values of the ledger: what a write of ours changed, before and after, sealed by the guest's key.
 * Invariant: bound to the record that they were written to; gone for good once the guest is erased.
 */
import type { FieldWrite } from '../domain/undo-fields';
import { readPersonKey } from './persons';
import type { Db } from './pool';
import type { Vault } from './vault';

export interface SealedWords {
  readonly personId: string;
  readonly sealed: Buffer;
}

export interface WordsOf {
  readonly connection: string;
  readonly type: string;
  readonly crmId: string;
}

const purposeOf = ({ connection, type, crmId }: WordsOf): string => `ledger/${connection}/${type}/${crmId}`;

/** Null: nothing was changed, or the person was erased. */
export async function sealWords(
  db: Db,
  vault: Vault,
  of: WordsOf & { readonly personId: string | null; readonly words: FieldWrite },
): Promise<SealedWords | null> {
  const { personId, words } = of;
  if (personId === null || Object.keys(words.after).length === 0) return null;
  const key = await readPersonKey(db, personId);
  return key && { personId, sealed: vault.sealForPerson(key, personId, purposeOf(of), JSON.stringify(words)) };
}

/** Null: the person was erased. */
export async function openWords(db: Db, vault: Vault, of: WordsOf & SealedWords): Promise<FieldWrite | null> {
  const key = await readPersonKey(db, of.personId);
  if (key === null) return null;
  // Written by this file only, and authenticated: the shape is known.
  return JSON.parse(vault.openForPerson(key, of.personId, purposeOf(of), of.sealed).toString('utf8')) as FieldWrite;
}
