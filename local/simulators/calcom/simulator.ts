/**
 * A stateful, strict Cal.com account under `/calcom`: API v2, webhooks out, a page to play the guest, admin paths, saved state.
 * Invariant: what it answers is what its state says, except for cancellations that its settings let lie, and faults.
 */
import { AdminRefusal, createApiVendor, readJson, type ApiVendor } from '../api-vendor';
import { createChances } from '../chances';
import { createClockwork } from '../clockwork';
import type { SimRequest } from '../exchange';
import { createJournal } from '../journal';
import { webhooksOf } from '../outbox';
import { openState } from '../persistence';
import { createSettings } from '../settings';
import type { VendorContext, VendorSimulator } from '../vendor';
import type { Account } from './account';
import { action, perform } from './actions';
import { createActor, view } from './actor';
import type { BookingView, CalcomActor } from './actor';
import { createBookingStore } from './bookings';
import { createReservationStore } from './reservations';
import { bodyForStatus, CalcomRefusal } from './errors';
import { createLimiter } from './limits';
import { nextMeetingAtMs, sendDueMeetings } from './meetings';
import { answerPage } from './page-requests';
import { operate } from './router';
import { savedState, type SavedState } from './saved-state';
import { defaultSettings, settingsSchema } from './settings';
import type { CalcomSettings, CalcomSettingsPatch } from './settings';
import { parseSubscribe, subscribe } from './subscribe';
import type { SubscribeInput } from './subscribe';
import { createSubscriptionStore } from './subscriptions';
import type { Subscription } from './subscriptions';
import { createTokenStore } from './tokens';
import { createWebhooksOut } from './webhooks-out';
import type { PendingWebhook, SentWebhook } from './webhooks-out';

/** `GET /calcom/_admin/state`. */
export interface CalcomState {
  readonly bookings: readonly BookingView[];
  readonly subscriptions: readonly Subscription[];
  readonly webhooks: {
    readonly sent: readonly SentWebhook[];
    readonly pending: readonly PendingWebhook[];
    readonly lost: number;
  };
  /** Requests that broke Cal.com's contract. */
  readonly violations: number;
}

/** The admin paths, and what guests and hosts do, for callers in the same process. */
export interface CalcomSimulator extends VendorSimulator, Omit<ApiVendor, 'close'>, CalcomActor {
  state(): CalcomState;
  /** The row; throws for a uid that this account never made. */
  booking(uid: string): BookingView;
  settings(): CalcomSettings;
  changeSettings(patch: CalcomSettingsPatch): CalcomSettings;
  /** Sends webhooks to `url` from now on; a subscription to the same `url` is changed instead of doubled, unless told otherwise. */
  subscribe(input: SubscribeInput): Subscription;
  /** Does what the account's clock says is due; every action and request does that first. */
  tick(): void;
  pendingWebhooks(): readonly PendingWebhook[];
  /** The last ones, newest first. */
  sentWebhooks(): readonly SentWebhook[];
  /** How many were never sent. */
  lostWebhooks(): number;
  /** Sends everything that waits, retries included; resolves when nothing is left. */
  flush(): Promise<void>;
  /** Resolves when nothing is under way; what is delayed or held back goes on waiting. */
  idle(): Promise<void>;
}

/** Loads the saved state, if a folder is configured. Rejects when the file is not one of ours. */
export async function createCalcomSimulator(context: VendorContext): Promise<CalcomSimulator> {
  const { clock, stateDir } = context;
  const settings = createSettings({
    schema: settingsSchema,
    defaults: defaultSettings,
    seedOf: ({ seed }) => seed,
    reseed: (seed) => chances.reseed(seed),
  });
  const chances = createChances(defaultSettings.seed);
  const bookings = createBookingStore(() => settings.current().seed);
  const subscriptions = createSubscriptionStore(bookings.nextId);
  const reservations = createReservationStore(clock);
  const tokens = createTokenStore(clock);
  const limiter = createLimiter(clock, settings.current);
  const journal = createJournal(clock);

  const snapshot = (): SavedState => ({
    version: 1,
    bookings: bookings.saved(),
    subscriptions: subscriptions.all(),
    tokens: tokens.saved(),
    journal: journal.counters(),
  });
  const { file, saved } = await openState({
    dir: stateDir,
    name: 'calcom',
    what: 'Cal.com simulator',
    schema: savedState,
    snapshot,
  });
  if (saved !== null) {
    bookings.restore(saved.bookings);
    subscriptions.restore(saved.subscriptions);
    tokens.restore(saved.tokens);
    journal.restore(saved.journal);
  }

  const changed = (): void => file.changed();
  const out = createWebhooksOut({ clock, settings: settings.current, subscriptions, chances, changed });
  const account: Account = {
    clock,
    bookings,
    reservations,
    subscriptions,
    tokens,
    limiter,
    settings: settings.current,
    emit: (webhook) => out.emit(webhook),
  };
  const clockwork = createClockwork({
    clock,
    work() {
      sendDueMeetings(account);
      out.pump();
    },
    nextAtMs: () => earliest(nextMeetingAtMs(account), out.nextDueAtMs()),
    changed,
  });
  const { acted } = clockwork;
  const state = (): Omit<CalcomState, 'violations'> => ({
    bookings: bookings.all().map(view),
    subscriptions: subscriptions.all(),
    webhooks: webhooksOf(out),
  });
  const vendor = createApiVendor({
    name: 'calcom',
    journal,
    operate: (request) => acted(() => operate(account, request)),
    errorBody: bodyForStatus,
    down: () => settings.current().down,
    state,
    reset() {
      for (const part of [bookings, reservations, subscriptions, tokens, out]) part.clear();
      limiter.reset();
      settings.reset();
    },
    readSettings: settings.current,
    changeSettings: settings.change,
    changed,
    out,
    adminRoutes: (request) => ({
      'POST /_admin/act': () => {
        const given = action.parse(readJson(request.body));
        return { bookings: asAdmin(() => acted(() => perform(account, given))).map(view) };
      },
      'POST /_admin/subscribe': () => acted(() => subscribe(subscriptions, parseSubscribe(readJson(request.body)))),
    }),
    page: (request: SimRequest) => answerPage({ account, out, request, acted, changeSettings: settings.change }),
  });
  clockwork.tick();

  return {
    name: 'calcom',
    ...createActor(account, acted),
    ...vendor,
    state: () => ({ ...state(), violations: journal.counters().violations }),
    booking: (uid) => view(bookings.get(uid)),
    settings: settings.current,
    changeSettings: settings.change,
    subscribe: (input) => acted(() => subscribe(subscriptions, input)),
    tick: () => clockwork.tick(),
    pendingWebhooks: () => out.pending(),
    sentWebhooks: () => out.log(),
    lostWebhooks: () => out.lost(),
    flush() {
      clockwork.tick();
      return out.flush();
    },
    idle: () => out.idle(),
    async close() {
      clockwork.close();
      vendor.close();
      await out.close();
      await file.close();
    },
  };
}

function asAdmin<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof CalcomRefusal) throw new AdminRefusal(error.status === 404 ? 404 : 409, error.message);
    throw error;
  }
}

function earliest(...times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
