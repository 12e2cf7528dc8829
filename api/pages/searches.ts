/**
 * What an operator looked for, so that a page with what was found has an address of its own that names nobody.
 * Invariant: the words are kept by the browser that typed them, sealed for its session; the server stores nothing, an address holds an id.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Vault } from '../../db/vault';
import type { Visit } from './console';
import { SEARCH_COOKIE, SEARCH_PATH, setCookie, cookieText } from './sessions';

/** Newest first: the id of the address, and what was typed. */
type Searches = readonly (readonly [id: string, text: string])[];

/** Of the words together; a browser keeps 4,096 bytes of a cookie, and sealing makes them longer. The newest is always kept. */
const KEPT_BYTES = 1_600;

/** Returns the id under which the search is found again, by this session only, until the browser ends. */
export function keepSearch(
  vault: Vault,
  { request, response, visit }: { readonly request: Request; readonly response: Response; readonly visit: Visit },
  text: string,
): string {
  const id = randomBytes(6).toString('base64url');
  const all: Searches = [[id, text], ...readSearches(vault, request, visit)];
  let bytes = 0;
  const kept = all.filter(
    (one, index) => (bytes += Buffer.byteLength(JSON.stringify(one))) <= KEPT_BYTES || index === 0,
  );
  const value = vault.sealSecret(sealName(visit), JSON.stringify(kept)).toString('base64url');
  setCookie(request, response, { name: SEARCH_COOKIE, value, maxAgeMs: null, path: SEARCH_PATH });
  return id;
}

/** What was looked for under this id; null: this session does not know it, or no longer. */
export function searchOf(vault: Vault, from: { readonly request: Request; readonly visit: Visit }, id: string) {
  return readSearches(vault, from.request, from.visit).find(([known]) => known === id)?.[1] ?? null;
}

function readSearches(vault: Vault, request: Request, visit: Visit): Searches {
  const sealed = cookieText(request, SEARCH_COOKIE);
  if (sealed === null) return [];
  try {
    return JSON.parse(vault.openSecret(sealName(visit), Buffer.from(sealed, 'base64url'))) as Searches;
  } catch {
    // Of another session, of a master key that is gone, or made up.
    return [];
  }
}

const sealName = ({ sessionId }: Visit): string =>
  `console-search/${createHash('sha256').update(sessionId).digest('hex')}`;
