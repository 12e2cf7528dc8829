/**
 * What a check of `booksync doctor` found, one line each.
 * Invariant: words of ours, ids and codes only; never a secret, an address with a password in it, or a vendor's text.
 */
import { types } from 'node:util';

/** `note`: as configured, but with a consequence worth knowing. Only a `problem` makes the doctor fail. */
export interface CheckLine {
  readonly level: 'ok' | 'note' | 'fixed' | 'problem';
  /** `database`, `temporal`, or a connection's id and what of it. */
  readonly subject: string;
  /** What was found and, for a problem, what to do. */
  readonly text: string;
}

const line =
  (level: CheckLine['level']) =>
  (subject: string, text: string): CheckLine => ({ level, subject, text });
export const ok = line('ok');
export const note = line('note');
export const fixed = line('fixed');
export const problem = line('problem');

const WORDS = { ok: 'ok', note: 'note', fixed: 'fixed', problem: 'PROBLEM' } as const;

/** `PROBLEM  database: …` */
export function toText({ level, subject, text }: CheckLine): string {
  return `${WORDS[level].padEnd(8)} ${subject}: ${text}`;
}

/** Of an error only what is safe to print: its code, else its name. */
export function codeOf(error: unknown): string {
  if (!types.isNativeError(error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
