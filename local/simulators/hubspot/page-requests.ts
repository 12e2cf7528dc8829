/**
 * The page's requests: look, let the app in, and forms that become acts.
 * Invariant: every form of the page answers with a redirect to it, which says what was done or why not.
 */
import { DateTime } from 'luxon';
import { z } from 'zod';
import type { SimAnswer, SimRequest } from '../exchange';
import { perform, reasonOf } from './acts';
import { answerAuthorize } from './authorize';
import { HubspotRefusal } from './errors';
import { renderPage } from './page';
import type { PageParts, Said } from './page';

export interface PageCall extends PageParts {
  readonly request: SimRequest;
  /** Runs something and takes care of what follows from it. */
  readonly acted: <T>(what: () => T) => T;
}

/** Null for a request that is not the page's. */
export function answerPage(call: PageCall): SimAnswer | null {
  const { portal, out, request, acted } = call;
  switch (`${request.method} ${request.pathname}`) {
    case 'GET /':
      return { status: 200, body: renderPage(call, saidIn(request)) };
    case 'POST /act':
      return after(() => {
        const [record] = acted(() => perform(portal, actIn(formOf(request))));
        return { text: 'Done.', id: record?.archived === false ? record.id : '' };
      });
    case 'POST /flush':
      return after(() => {
        // It resolves whatever the app answers.
        void out.flush();
        return { text: 'What waited is on its way.', id: '' };
      });
    default:
      return answerAuthorize(portal, request);
  }
}

type Form = Readonly<Record<string, string>>;

function formOf(request: SimRequest): Form {
  const fields = [...new URLSearchParams(request.body.toString('utf8'))];
  return Object.fromEntries(fields.map(([name, value]) => [name, value.trim()]));
}

function actIn({ start, startZone, action, contactId, ...rest }: Form): unknown {
  if (action === 'editContact') return { action, contactId, properties: rest };
  const startMs = start === undefined ? {} : { startMs: instantIn(start, startZone ?? 'UTC') };
  return { action, ...(contactId === undefined ? {} : { contactId }), ...rest, ...startMs };
}

/** NaN, which no act takes, for what is no date and time. */
function instantIn(text: string, zone: string): number {
  return DateTime.fromISO(text, { zone }).toMillis();
}

function after(run: () => { readonly text: string; readonly id: string }): SimAnswer {
  try {
    const { text, id } = run();
    return redirect({ text, isBad: false }, id);
  } catch (error) {
    if (error instanceof HubspotRefusal) return redirect({ text: reasonOf(error), isBad: true }, '');
    if (error instanceof z.ZodError) return redirect({ text: z.prettifyError(error), isBad: true }, '');
    throw error;
  }
}

/** 303: reloading the page repeats the look, not the act. */
function redirect({ text, isBad }: Said, id: string): SimAnswer {
  const query = new URLSearchParams({ [isBad ? 'refused' : 'done']: text }).toString();
  return { status: 303, headers: { location: `/hubspot/?${query}${id === '' ? '' : `#${id}`}` }, body: undefined };
}

function saidIn({ query }: SimRequest): Said | null {
  const refused = query.get('refused');
  if (refused !== null) return { text: refused, isBad: true };
  const done = query.get('done');
  return done === null ? null : { text: done, isBad: false };
}
