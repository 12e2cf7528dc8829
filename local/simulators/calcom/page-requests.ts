/**
 * The page's requests: look, and forms that become actions.
 * Invariant: every form answers with a redirect to the page, which says what was done or why not.
 */
import { DateTime } from 'luxon';
import { z } from 'zod';
import type { SimAnswer, SimRequest } from '../exchange';
import type { Account } from './account';
import { action, perform } from './actions';
import { answerAuthorize } from './authorize';
import { CalcomRefusal } from './errors';
import { renderPage } from './page';
import type { Said } from './page';
import type { WebhooksOut } from './webhooks-out';

export interface PageCall {
  readonly account: Account;
  readonly out: WebhooksOut;
  readonly request: SimRequest;
  /** Runs one action and takes care of what follows from it. */
  readonly acted: <T>(what: () => T) => T;
  /** Throws a ZodError that lists every problem. */
  readonly changeSettings: (patch: unknown) => unknown;
}

/** Null for a request that is not the page's. */
export function answerPage(call: PageCall): SimAnswer | null {
  const { account, out, request, acted, changeSettings } = call;
  switch (`${request.method} ${request.pathname}`) {
    case 'GET /':
      return { status: 200, body: acted(() => renderPage(account, out, saidIn(request))) };
    case 'POST /act':
      return after(() => {
        const given = action.parse(actionIn(formOf(request)));
        const [row] = acted(() => perform(account, given));
        return { text: DONE[given.action], uid: row?.uid ?? '' };
      });
    case 'POST /settings':
      return after(() => {
        changeSettings(settingsIn(formOf(request)));
        return { text: 'The line behaves like that from now on.', uid: '' };
      });
    case 'POST /flush':
      return after(() => {
        // It resolves whatever the subscribers answer.
        void out.flush();
        return { text: 'What waited is on its way.', uid: '' };
      });
    default:
      return answerAuthorize(account, request);
  }
}

const DONE: Readonly<Record<z.output<typeof action>['action'], string>> = {
  book: 'Booked.',
  pay: 'Paid.',
  confirm: 'Confirmed.',
  reject: 'Declined.',
  move: 'Moved: Cal.com made a new booking out of it.',
  moveSlot: 'Everybody was moved.',
  moveSeat: 'One guest was moved.',
  askToMove: 'The guest was asked for another time.',
  rebook: 'Booked again.',
  cancel: 'Canceled.',
  cancelSeat: 'One guest canceled.',
  markNoShow: 'Marked as no-show.',
  unmark: 'The no-show was taken back.',
  markHost: 'The host was marked. Cal.com tells nobody about it.',
  headCount: 'The video call was counted.',
  reassignHost: 'Another host has it now. Cal.com tells nobody about it.',
  addAttendee: 'Added. Cal.com tells nobody about it.',
  removeAttendee: 'Removed. Cal.com tells nobody about it.',
  endMeeting: 'The meeting was ended.',
};

type Form = Readonly<Record<string, string>>;

/** Without empty fields: what nobody filled in was not given. */
function formOf(request: SimRequest): Form {
  const fields = [...new URLSearchParams(request.body.toString('utf8'))].map(([name, value]) => [name, value.trim()]);
  return Object.fromEntries(fields.filter(([, value]) => value !== '')) as Form;
}

function actionIn({ start, startZone, zone, name, email, phone, ...rest }: Form): unknown {
  const startMs = start === undefined ? {} : { startMs: instantIn(start, zone ?? startZone ?? 'UTC') };
  if (rest['action'] === 'book') {
    return { ...rest, ...startMs, guest: { name, zone, ...(email ? { email } : {}), ...(phone ? { phone } : {}) } };
  }
  return { ...rest, ...startMs, ...(email ? { email } : {}) };
}

function instantIn(text: string, zone: string): number {
  const at = DateTime.fromISO(text, { zone });
  if (!at.isValid) throw new CalcomRefusal(400, 'Give a date, a time, and a time zone such as America/Denver.');
  return at.toMillis();
}

const percent = (text: string | undefined): number => Number(text ?? 0) / 100;
const milliseconds = (text: string | undefined): number => Math.round(Number(text ?? 0) * 1_000);

function settingsIn(form: Form): unknown {
  return {
    loss: percent(form['loss']),
    duplicate: percent(form['duplicate']),
    reorder: percent(form['reorder']),
    delayMs: milliseconds(form['delayMs']),
    lieAfterCancelMs: milliseconds(form['lieAfterCancelMs']),
    ...(form['delivery'] === undefined ? {} : { delivery: form['delivery'] }),
    ...(form['generation'] === undefined ? {} : { generation: form['generation'] }),
  };
}

function after(act: () => { readonly text: string; readonly uid: string }): SimAnswer {
  try {
    const { text, uid } = act();
    return redirect({ text, isBad: false }, uid);
  } catch (error) {
    if (error instanceof CalcomRefusal) return redirect({ text: error.message, isBad: true }, '');
    if (error instanceof z.ZodError) return redirect({ text: z.prettifyError(error), isBad: true }, '');
    throw error;
  }
}

/** 303: reloading the page repeats the look, not the action. */
function redirect({ text, isBad }: Said, uid: string): SimAnswer {
  const query = new URLSearchParams({ [isBad ? 'refused' : 'done']: text }).toString();
  const location = `/calcom/?${query}${uid === '' ? '' : `#${uid}`}`;
  return { status: 303, headers: { location }, body: undefined };
}

function saidIn({ query }: SimRequest): Said | null {
  const refused = query.get('refused');
  if (refused !== null) return { text: refused, isBad: true };
  const done = query.get('done');
  return done === null ? null : { text: done, isBad: false };
}
