/**
 * Links in messages that are proof of themselves: what they are for, about what, which decision, until when, and our signature.
 * Invariant: nothing in a link is personal, a link for one purpose is nothing for another, and a question is answered by a link once.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Db } from './pool';
import type { Vault } from './vault';

/** `host_answer`: the host says how it went. `open_task`: somebody looks at a task that is theirs. */
export type LinkPurpose = 'host_answer' | 'open_task';

export interface SignedLink {
  readonly purpose: LinkPurpose;
  /** Ids only: what the link is about, in the order that its purpose names. */
  readonly subject: readonly string[];
  /** Null: it only shows something. */
  readonly decision: string | null;
  readonly untilMs: number;
}

export type ReadLink =
  | { readonly kind: 'valid'; readonly link: SignedLink }
  /** Ours, but too old. */
  | { readonly kind: 'expired' }
  /** Changed, cut off, for another purpose, or never made by us. */
  | { readonly kind: 'forged' };

const MAX_LENGTH = 2_000;

/** What stands in the address: letters, digits, `_`, `-`, and one dot. */
export function linkToken(vault: Pick<Vault, 'sign'>, link: SignedLink): string {
  const text = JSON.stringify([link.purpose, link.subject, link.decision, link.untilMs]);
  return `${Buffer.from(text, 'utf8').toString('base64url')}.${signatureOf(vault, text).toString('base64url')}`;
}

export function readLink(
  vault: Pick<Vault, 'sign'>,
  token: string,
  expected: { readonly purpose: LinkPurpose; readonly nowMs: number },
): ReadLink {
  const [body = '', signature = '', ...rest] = token.length <= MAX_LENGTH ? token.split('.') : [];
  const text = Buffer.from(body, 'base64url').toString('utf8');
  const given = Buffer.from(signature, 'base64url');
  const right = signatureOf(vault, text);
  if (rest.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return { kind: 'forged' };
  // Signed by us, so it has our form.
  const [purpose, subject, decision, untilMs] = JSON.parse(text) as [LinkPurpose, string[], string | null, number];
  if (purpose !== expected.purpose) return { kind: 'forged' };
  if (expected.nowMs >= untilMs) return { kind: 'expired' };
  return { kind: 'valid', link: { purpose, subject, decision, untilMs } };
}

const signatureOf = (vault: Pick<Vault, 'sign'>, text: string): Buffer => vault.sign('link', text);

/** What a link asks, whichever answer it stands for. */
const questionOf = ({ purpose, subject }: SignedLink): string => JSON.stringify([purpose, ...subject]);

/** Which decision a link of this question was used for; null: none yet. */
export async function usedFor(db: Db, link: SignedLink): Promise<string | null> {
  const { rows } = await db.query<{ decision: string }>('SELECT decision FROM used_link WHERE question = $1', [
    questionOf(link),
  ]);
  return rows[0]?.decision ?? null;
}

/** Uses the question up. False: it was used before; of two at once one gets it. */
export async function useLink(db: Db, link: SignedLink, nowMs: number): Promise<boolean> {
  const { rowCount } = await db.query(
    'INSERT INTO used_link (question, decision, used_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [questionOf(link), link.decision ?? '', new Date(nowMs)],
  );
  return rowCount === 1;
}

/** What it was used for could not be done: it may be used again. */
export async function giveLinkBack(db: Db, link: SignedLink): Promise<void> {
  await db.query('DELETE FROM used_link WHERE question = $1 AND decision = $2', [
    questionOf(link),
    link.decision ?? '',
  ]);
}
