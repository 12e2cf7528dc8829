/**
 * Sessions of the console: cookies, the tokens that forms carry, and what is kept of both.
 * Invariant: a session's id is made when somebody signs in, never taken from a request, and stored only as a hash that is keyed by
 * the token that they signed in with; a form's token fits one session, so no other page can post in its name.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';
import type { Holder, Operators } from '../operators';

export const SESSION_COOKIE = 'booksync_session';
/** Names the browser before it is signed in, so that the sign-in form has a token too. */
export const VISITOR_COOKIE = 'booksync_visitor';
export const SESSION_MS = 12 * 3_600_000;
const VISITOR_MS = 3_600_000;
/** What was searched for; see searches.ts. */
export const SEARCH_COOKIE = 'booksync_searches';
export const SEARCH_PATH = '/console/bookings';

/** 256 random bits, as a cookie or a link can carry them. */
export const newSecret = (): string => randomBytes(32).toString('base64url');
const SECRET = /^[\w-]{43}$/;

/** Keyed by a token: whoever changes it ends every session, link and form that rests on it. */
export class ConsoleKeys {
  private readonly key: Buffer;

  constructor(token: string) {
    this.key = createHmac('sha256', createHash('sha256').update(token).digest()).update('console').digest();
  }

  /** What is stored instead of a session's id, a link's secret or a client's address. */
  hashOf(kind: 'session' | 'link' | 'client', secret: string): Buffer {
    return createHmac('sha256', this.key).update(`${kind}\0${secret}`).digest();
  }

  /** The token of every form that is shown to the browser with this cookie. */
  formToken(cookie: string): string {
    return createHmac('sha256', this.key).update(`form\0${cookie}`).digest('base64url');
  }

  isFormToken(cookie: string, sent: unknown): boolean {
    if (typeof sent !== 'string') return false;
    const [right, given] = [Buffer.from(this.formToken(cookie)), Buffer.from(sent)];
    return right.length === given.length && timingSafeEqual(right, given);
  }
}

/** Of every token that lets somebody in. */
export interface Keyring {
  /** Of the shared token, else of the first operator: for who is not signed in yet, and for one-time links. */
  readonly first: ConsoleKeys;
  readonly all: readonly ConsoleKeys[];
  of(holder: Holder): ConsoleKeys;
}

/** Null: nobody may sign in. */
export function keyringOf({ holders }: Operators): Keyring | null {
  const all = holders.map(({ token }) => new ConsoleKeys(token));
  const [first] = all;
  return first === undefined ? null : { first, all, of: (holder) => all[holders.indexOf(holder)] ?? first };
}

/** A cookie of ours, or null: absent, or nothing that we can have made. */
export function cookieOf(request: IncomingMessage, name: string): string | null {
  const value = cookieText(request, name);
  return value !== null && SECRET.test(value) ? value : null;
}

/** A cookie as it was sent, or null. */
export function cookieText(request: IncomingMessage, name: string): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

export function setSessionCookie(request: IncomingMessage, response: Response, id: string): void {
  setCookie(request, response, { name: SESSION_COOKIE, value: id, maxAgeMs: SESSION_MS });
}

export function setVisitorCookie(request: IncomingMessage, response: Response, id: string): void {
  setCookie(request, response, { name: VISITOR_COOKIE, value: id, maxAgeMs: VISITOR_MS });
}

export function clearCookies(request: IncomingMessage, response: Response): void {
  for (const name of [SESSION_COOKIE, VISITOR_COOKIE]) setCookie(request, response, { name, value: '', maxAgeMs: 0 });
  setCookie(request, response, { name: SEARCH_COOKIE, value: '', maxAgeMs: 0, path: SEARCH_PATH });
}

/** `maxAgeMs` null: until the browser ends. */
export function setCookie(
  request: IncomingMessage,
  response: Response,
  cookie: { name: string; value: string; maxAgeMs: number | null; path?: string },
): void {
  response.cookie(cookie.name, cookie.value, {
    path: cookie.path ?? '/console',
    httpOnly: true,
    sameSite: 'lax',
    ...(cookie.maxAgeMs !== null && { maxAge: cookie.maxAgeMs }),
    // A proxy in front ends TLS. Whoever invents the header only keeps the cookie from themselves.
    secure: request.headers['x-forwarded-proto'] === 'https',
  });
}

const ORIGIN = 'http://console.invalid';

/** Where to go after signing in: a path of the console, whatever was asked for. */
export function localPath(next: unknown): string {
  // Read as browsers read it, so that what they resolve (`..`, `%2e`, a backslash) is judged as what it becomes.
  const read = typeof next === 'string' && URL.canParse(next, ORIGIN) ? new URL(next, ORIGIN) : null;
  if (read === null || read.origin !== ORIGIN || read.pathname + read.search !== next) return '/console';
  if (!/^\/console(\/[\w\-.~%/]*)?(\?[\w\-.~%=&:]*)?$/.test(next)) return '/console';
  return next.includes('//') || next.includes('/sign-') ? '/console' : next;
}
