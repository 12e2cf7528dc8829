/**
 * What the console's routes share: what they are given, who is signed in, and how a page is answered.
 * Invariant: a page is never cached, and what is said after an act is one of our own sentences.
 */
import type { Request, Response } from 'express';
import type { ApiDeps } from '../deps';
import { HttpError } from '../errors';
import { ASSETS } from './assets';
import type { ConsoleKeys } from './sessions';
import { documentOf, type Frame, type Page, type Said } from './views/layout';

export type ConsoleDeps = ApiDeps;

/** What the guard found out, for every route behind it. */
export interface Visit {
  readonly keys: ConsoleKeys;
  readonly sessionId: string;
  readonly operator: string;
}

export function visitOf(response: Response): Visit {
  return response.locals.visit as Visit;
}

/** What an act says when it is done, by the word that the address carries. */
const SAID: Readonly<Record<string, string>> = {
  outcome: 'The outcome is set. The booking tool and the CRM are told.',
  rescheduled: 'The booking tool is asked for the new time.',
  waiting: 'The booking waits for a new time again.',
  probed: 'The connection is looked at now. What waits for it goes on as soon as it answers.',
  notProbed: 'Nobody waits for this connection right now, or Temporal did not answer.',
  decided: 'Decided. The booking goes on from here.',
  reassigned: 'The task has a new owner.',
  snoozed: 'The task rests, and comes back by itself.',
  woken: 'The task is awake again.',
  replayed: 'Handed to the dispatcher again. What it brings is known by its delivery, so nothing happens twice.',
  notReplayed: 'Nothing was replayed: what was chosen waits for the dispatcher already.',
  removed: 'The rule is removed. Each booking of the guest is matched anew at its next write.',
  applied: 'These bookings are written again under the mapping in force, at the rate that the connection allows.',
  undone: 'It is taken back now, record by record. This page shows what became of each.',
  signedOut: 'You are signed out.',
};

/** A path with the word for what was done. */
export function saying(path: string, word: keyof typeof SAID): string {
  return `${path}${path.includes('?') ? '&' : '?'}said=${word}`;
}

export function frameOf(
  deps: Pick<ConsoleDeps, 'console' | 'nowMs'>,
  request: Request,
  response: Response,
  said?: Said,
): Frame {
  const visit = response.locals.visit as Visit | undefined;
  const word = typeof request.query.said === 'string' ? request.query.said : '';
  const text = Object.hasOwn(SAID, word) ? SAID[word] : undefined;
  return {
    operator: visit?.operator ?? null,
    formToken: visit === undefined ? '' : visit.keys.formToken(visit.sessionId),
    nowMs: deps.nowMs(),
    zone: deps.console.zone,
    assets: ASSETS,
    said: said ?? (text === undefined ? null : { text, isBad: false }),
  };
}

export function answer(response: Response, frame: Frame, page: Page): void {
  response.type('html').send(documentOf(frame, page));
}

/**
 * Runs an act. A refusal that was written for people is shown on the page that the act came from, with the refusal's status;
 * anything else is thrown on.
 */
export async function actOr(
  response: Response,
  act: () => Promise<void>,
  showAgain: (said: Said) => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof HttpError) || error.status === 404) throw error;
    response.status(error.status);
    await showAgain({ text: error.message, isBad: true });
  }
}

/** For people, in place of the JSON API's words. */
export function notFound(what: string, where: string): HttpError {
  return new HttpError({ status: 404, code: 'not_found', message: `There is no ${what} here. ${where}` });
}
