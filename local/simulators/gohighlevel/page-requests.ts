/**
 * The page's requests: look, and forms that become acts of a rep.
 * Invariant: every form answers with a redirect to the page, which says what was done or why not.
 */
import { DateTime } from 'luxon';
import { z } from 'zod';
import type { SimAnswer, SimRequest } from '../exchange';
import type { Journal } from '../journal';
import type { Account } from './account';
import type { Acted } from './acts';
import { GohighlevelRefusal, badRequest } from './errors';
import { renderPage } from './page';
import type { Said } from './page';
import { location } from './seed';
import type { WebhooksOut } from './webhooks-out';

export interface PageCall {
  readonly account: Account;
  readonly out: WebhooksOut;
  readonly journal: Journal;
  readonly request: SimRequest;
  /** Throws what an act throws. */
  readonly act: (given: unknown) => Acted;
  /** Throws a ZodError that lists every problem. */
  readonly changeSettings: (patch: unknown) => unknown;
}

/** Null for a request that is not the page's. */
export function answerPage(call: PageCall): SimAnswer | null {
  const { account, out, journal, request } = call;
  switch (`${request.method} ${request.pathname}`) {
    case 'GET /':
      return { status: 200, body: renderPage({ account, out, journal, said: saidIn(request) }) };
    case 'POST /act':
      return after(() => {
        const { id } = call.act(actIn(formOf(request)));
        return { text: 'Done.', anchor: id ?? '' };
      });
    case 'POST /settings':
      return after(() => {
        const { webhookUrl, loss, duplicate, delayMs } = formOf(request);
        call.changeSettings({
          webhookUrl: webhookUrl ?? null,
          loss: percent(loss),
          duplicate: percent(duplicate),
          delayMs: Math.round(Number(delayMs ?? 0) * 1_000),
        });
        return { text: 'Webhooks go like that from now on.', anchor: '' };
      });
    case 'POST /flush':
      return after(() => {
        // It resolves whatever the subscriber answers.
        void out.flush();
        return { text: 'What waited is on its way.', anchor: '' };
      });
    default:
      return null;
  }
}

type Form = Readonly<Record<string, string>>;

/** Without empty fields: what nobody filled in was not given. */
function formOf(request: SimRequest): Form {
  const fields = [...new URLSearchParams(request.body.toString('utf8'))].map(([name, value]) => [name, value.trim()]);
  return Object.fromEntries(fields.filter(([, value]) => value !== '')) as Form;
}

function actIn({ start, startZone, ...rest }: Form): unknown {
  if (start === undefined) return rest;
  const at = DateTime.fromISO(start, { zone: startZone ?? location.zone });
  if (!at.isValid) throw badRequest('Give a date and a time.');
  return { ...rest, startMs: at.toMillis() };
}

const percent = (text: string | undefined): number => Number(text ?? 0) / 100;

function after(act: () => { readonly text: string; readonly anchor: string }): SimAnswer {
  try {
    const { text, anchor } = act();
    return redirect({ text, isBad: false }, anchor);
  } catch (error) {
    if (error instanceof GohighlevelRefusal) return redirect({ text: error.message, isBad: true }, '');
    if (error instanceof z.ZodError) return redirect({ text: z.prettifyError(error), isBad: true }, '');
    throw error;
  }
}

/** 303: reloading the page repeats the look, not the act. */
function redirect({ text, isBad }: Said, anchor: string): SimAnswer {
  const query = new URLSearchParams({ [isBad ? 'refused' : 'done']: text }).toString();
  return { status: 303, headers: { location: `/gohighlevel/?${query}${anchor && `#${anchor}`}` }, body: undefined };
}

function saidIn({ query }: SimRequest): Said | null {
  const refused = query.get('refused');
  if (refused !== null) return { text: refused, isBad: true };
  const done = query.get('done');
  return done === null ? null : { text: done, isBad: false };
}
