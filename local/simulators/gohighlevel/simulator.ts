/**
 * A stateful, strict HighLevel location under `/gohighlevel`: API, OAuth, webhooks out, a page to play the rep, saved state.
 * Invariant: what it answers is what its state says; only searches lag behind, and only faults lie.
 */
import { AdminRefusal, createApiVendor, readJson, type ApiVendor } from '../api-vendor';
import { createChances } from '../chances';
import { createClockwork } from '../clockwork';
import { createJournal } from '../journal';
import { webhooksOf } from '../outbox';
import type { JournalEntry } from '../journal';
import { openState } from '../persistence';
import { createSettings } from '../settings';
import type { VendorContext, VendorSimulator } from '../vendor';
import type { Account, Records } from './account';
import { act, perform } from './acts';
import type { ActInput, Acted } from './acts';
import { answerAuthorize } from './authorize';
import { GohighlevelRefusal, bodyForStatus } from './errors';
import { createLimiter } from './limits';
import { answerPage } from './page-requests';
import { createRecordStore, idOf } from './record-store';
import type { BaseRecord } from './record-store';
import type { CalendarEvent, Contact, CustomField, Note, Opportunity, Tag, Task } from './records';
import { operate } from './router';
import { savedState, type SavedState } from './saved-state';
import { defaultSettings, settingsSchema } from './settings';
import type { GohighlevelSettings, GohighlevelSettingsPatch } from './settings';
import { createSideEffects } from './side-effects';
import type { EffectKind, SideEffect } from './side-effects';
import { createSigningKey } from './signing-key';
import { createTokenStore } from './tokens';
import { createWebhooksOut } from './webhooks-out';
import type { PendingWebhook, SentWebhook } from './webhooks-out';

/** `GET /gohighlevel/_admin/state`. Deleted records are there, marked. */
export interface GohighlevelState {
  readonly contacts: readonly Contact[];
  readonly opportunities: readonly Opportunity[];
  readonly events: readonly CalendarEvent[];
  readonly notes: readonly Note[];
  readonly tasks: readonly Task[];
  readonly fields: readonly CustomField[];
  readonly tags: readonly Tag[];
  /** What the customer's automations and notifications did because of writes. */
  readonly sideEffects: { readonly counts: Readonly<Record<EffectKind, number>>; readonly list: readonly SideEffect[] };
  readonly webhooks: {
    readonly sent: readonly SentWebhook[];
    readonly pending: readonly PendingWebhook[];
    readonly lost: number;
  };
  /** What signs the webhooks: Ed25519, SPKI, PEM. */
  readonly publicKeyPem: string;
  /** Requests that broke HighLevel's contract. */
  readonly violations: number;
  /** Why, and how often each; of the requests that the journal still has. */
  readonly violationReasons: Readonly<Record<string, number>>;
}

/** The admin paths, and what reps do, for callers in the same process. */
export interface GohighlevelSimulator extends VendorSimulator, Omit<ApiVendor, 'close'> {
  state(): GohighlevelState;
  settings(): GohighlevelSettings;
  changeSettings(patch: GohighlevelSettingsPatch): GohighlevelSettings;
  /** Throws a `GohighlevelRefusal` when it can't be done, a ZodError when it is no act. */
  act(given: ActInput): Acted;
  /** What signs the webhooks; made anew at every start. */
  readonly publicKeyPem: string;
  pendingWebhooks(): readonly PendingWebhook[];
  /** The last ones, newest first. */
  sentWebhooks(): readonly SentWebhook[];
  /** Sends everything that waits, retries included; resolves when nothing is left. */
  flush(): Promise<void>;
  /** Resolves when nothing is under way; what is delayed or held back goes on waiting. */
  idle(): Promise<void>;
}

/** Loads the saved state, if a folder is configured. Rejects when the file is not one of ours. */
export async function createGohighlevelSimulator(context: VendorContext): Promise<GohighlevelSimulator> {
  const { clock, stateDir } = context;
  const settings = createSettings({
    schema: settingsSchema,
    defaults: defaultSettings,
    seedOf: ({ seed }) => seed,
    reseed: (seed) => chances.reseed(seed),
  });
  let lastId = 0;
  const nextId = (): string => {
    lastId += 1;
    return idOf(lastId);
  };
  const records = createRecords(clock, nextId);
  const tokens = createTokenStore(clock, settings.current);
  const effects = createSideEffects(clock);
  const limiter = createLimiter(clock, settings.current);
  const journal = createJournal(clock);
  const chances = createChances(defaultSettings.seed);
  const key = createSigningKey();

  const snapshot = (): SavedState => ({
    version: 1,
    lastId,
    ...allOf(records),
    tokens: tokens.saved(),
    effects: effects.counts(),
    journal: journal.counters(),
  });
  const { file, saved } = await openState({
    dir: stateDir,
    name: 'gohighlevel',
    what: 'HighLevel simulator',
    schema: savedState,
    snapshot,
  });
  if (saved !== null) {
    lastId = saved.lastId;
    restore(records, saved);
    tokens.restore(saved.tokens);
    effects.restore(saved.effects);
    journal.restore(saved.journal);
  }

  const changed = (): void => file.changed();
  const out = createWebhooksOut({ clock, settings: settings.current, chances, key, changed });
  const account: Account = {
    ...records,
    clock,
    tokens,
    limiter,
    effects,
    settings: settings.current,
    emit: (webhook) => out.emit(webhook),
  };
  const clockwork = createClockwork({
    clock,
    work: () => out.pump(),
    nextAtMs: () => out.nextDueAtMs(),
    changed: () => file.changed(),
  });
  const { acted } = clockwork;
  const state = (): Omit<GohighlevelState, 'violations'> => ({
    ...allOf(records),
    sideEffects: { counts: effects.counts(), list: effects.list() },
    webhooks: webhooksOf(out),
    publicKeyPem: key.publicKeyPem,
    violationReasons: reasonsIn(journal.entries()),
  });
  const doAct = (given: unknown): Acted => {
    const parsed = act.parse(given);
    return acted(() => perform(account, parsed));
  };
  const vendor = createApiVendor({
    name: 'gohighlevel',
    journal,
    operate: (request) => acted(() => operate(account, request)),
    errorBody: bodyForStatus,
    down: () => settings.current().down,
    state,
    reset() {
      for (const part of [...Object.values(records), tokens, effects, out]) part.clear();
      limiter.reset();
      settings.reset();
    },
    readSettings: settings.current,
    changeSettings: settings.change,
    changed,
    out,
    adminRoutes: (request) => ({
      'POST /_admin/act': () => asAdmin(() => doAct(readJson(request.body))),
    }),
    page: (request) =>
      answerAuthorize(account, request) ??
      answerPage({ account, out, journal, request, act: doAct, changeSettings: settings.change }),
  });
  clockwork.tick();

  return {
    name: 'gohighlevel',
    ...vendor,
    state: () => ({ ...state(), violations: journal.counters().violations }),
    settings: settings.current,
    changeSettings: settings.change,
    act: doAct,
    publicKeyPem: key.publicKeyPem,
    pendingWebhooks: () => out.pending(),
    sentWebhooks: () => out.log(),
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

function createRecords(clock: () => number, nextId: () => string): Records {
  const store = <T extends BaseRecord>() => createRecordStore<T>({ clock, nextId });
  return {
    contacts: store<Contact>(),
    opportunities: store<Opportunity>(),
    events: store<CalendarEvent>(),
    notes: store<Note>(),
    tasks: store<Task>(),
    fields: store<CustomField>(),
    tags: store<Tag>(),
  };
}

function allOf(records: Records) {
  return {
    contacts: [...records.contacts.all()],
    opportunities: [...records.opportunities.all()],
    events: [...records.events.all()],
    notes: [...records.notes.all()],
    tasks: [...records.tasks.all()],
    fields: [...records.fields.all()],
    tags: [...records.tags.all()],
  };
}

function restore(records: Records, state: SavedState): void {
  records.contacts.restore(state.contacts);
  records.opportunities.restore(state.opportunities);
  records.events.restore(state.events);
  records.notes.restore(state.notes);
  records.tasks.restore(state.tasks);
  records.fields.restore(state.fields);
  records.tags.restore(state.tags);
}

function reasonsIn(entries: readonly JournalEntry[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { violation } of entries) if (violation !== null) reasons[violation] = (reasons[violation] ?? 0) + 1;
  return reasons;
}

function asAdmin<T>(what: () => T): T {
  try {
    return what();
  } catch (error) {
    if (error instanceof GohighlevelRefusal) throw new AdminRefusal(409, error.message);
    throw error;
  }
}
