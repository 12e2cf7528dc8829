/** A link into the console of a running stack. Invariant: it signs in once, within ten minutes. */
import { newSignInLink } from '../api/pages/sign-in';
import { createPool } from '../db/pool';
import type { Stack } from './stack';

export async function signInLinkOf(stack: Pick<Stack, 'apiUrl' | 'apiToken' | 'databaseUrl'>): Promise<string> {
  const pool = createPool(stack.databaseUrl, { max: 1, applicationName: 'booksync-start' });
  try {
    return `${stack.apiUrl}${await newSignInLink(pool, { apiToken: stack.apiToken, nowMs: Date.now() })}`;
  } finally {
    await pool.end();
  }
}
