/**
 * A stateful, strict HubSpot account under `/hubspot`: API, OAuth, webhooks, page, admin paths, saved state.
 * Invariant: what it answers is what its state says; only search lags behind, and only faults lie.
 */
import { AdminRefusal, createApiVendor, readJson, type ApiVendor } from '../api-vendor';
import { createClockwork } from '../clockwork';
import type { SimRequest } from '../exchange';
import { createJournal } from '../journal';
import { webhooksOf } from '../outbox';
import { openState } from '../persistence';
import { createSettings } from '../settings';
import type { VendorContext, VendorSimulator } from '../vendor';
import { perform, reasonOf } from './acts';
import type { ActInput } from './acts';
import { createAssociationStore } from './association-store';
import type { Association } from './association-store';
import { createChanges } from './changes';
import type { Automations } from './changes';
import { HubspotRefusal, bodyForStatus } from './errors';
import { createLimiter } from './limits';
import { createObjectStore } from './objects';
import { answerPage } from './page-requests';
import type { Portal } from './portal';
import { createPropertyStore } from './properties';
import type { HubspotRecord } from './record';
import { operate } from './router';
import { savedState, type SavedState } from './saved-state';
import type { ObjectType } from './schema';
import { defaultSettings, settingsSchema } from './settings';
import type { HubspotSettings, HubspotSettingsPatch } from './settings';
import { createTokenStore } from './tokens';
import type { StoredProperties } from './values';
import { createWebhooksOut } from './webhooks-out';
import type { PendingEvent, SentBatch, WebhooksOut } from './webhooks-out';

interface ShownRecord {
  readonly id: string;
  readonly properties: StoredProperties;
  readonly archived: boolean;
}

/** `GET /hubspot/_admin/state`. */
export interface HubspotState {
  readonly objects: Readonly<Record<ObjectType, readonly ShownRecord[]>>;
  /** Both directions of every link. */
  readonly associations: readonly Association[];
  /** Record id → stage moves and lifecycle changes by apps, each of which sets off automations in a real portal. */
  readonly automations: Readonly<Record<string, Automations>>;
  /** Requests that broke HubSpot's contract. */
  readonly violations: number;
}

/** `GET /hubspot/_admin/webhooks`. */
export interface HubspotWebhooks {
  /** Newest first. */
  readonly sent: readonly SentBatch[];
  readonly pending: readonly PendingEvent[];
  /** Events that were never sent. */
  readonly lost: number;
}

/** The admin paths, for callers in the same process. */
export interface HubspotSimulator extends VendorSimulator, Omit<ApiVendor, 'close'> {
  state(): HubspotState;
  settings(): HubspotSettings;
  changeSettings(patch: HubspotSettingsPatch): HubspotSettings;
  /** Does what a rep does and returns what was made or changed. Throws an `AdminRefusal` when the portal does not allow it. */
  act(given: ActInput): readonly ShownRecord[];
  webhooks(): HubspotWebhooks;
  /** Sends what has become due since somebody moved the clock. */
  tick(): void;
  /** Releases everything that waits, the repetition included; resolves when nothing is left. */
  flush(): Promise<void>;
  /** Resolves when no webhook is under way. */
  idle(): Promise<void>;
}

/** Loads the saved state, if a folder is configured. Rejects when the file is not one of ours. */
export async function createHubspotSimulator(context: VendorContext): Promise<HubspotSimulator> {
  const { clock, stateDir } = context;
  const settings = createSettings({
    schema: settingsSchema,
    defaults: defaultSettings,
    seedOf: ({ webhookSeed }) => webhookSeed,
    reseed: () => out.reseed(),
  });
  const journal = createJournal(clock);
  const out = createWebhooksOut({ clock, settings: settings.current, changed: () => file.changed() });
  const portal = createPortal({ clock, settings: settings.current, out });
  const { objects, associations, properties, tokens, changes, limiter } = portal;

  const snapshot = (): SavedState => ({
    version: 1,
    ...objects.saved(),
    associations: associations.list(),
    properties: properties.saved(),
    tokens: tokens.saved(),
    automations: changes.automations(),
    journal: journal.counters(),
  });
  const { file, saved } = await openState({
    dir: stateDir,
    name: 'hubspot',
    what: 'HubSpot simulator',
    schema: savedState,
    snapshot,
  });
  if (saved !== null) {
    properties.restore(saved.properties);
    objects.restore(saved);
    associations.restore(saved.associations);
    tokens.restore(saved.tokens);
    changes.restore(saved.automations);
    journal.restore(saved.journal);
  }

  const clockwork = createClockwork({
    clock,
    work: () => out.pump(),
    nextAtMs: () => out.nextDueAtMs(),
    changed: () => file.changed(),
  });
  const { acted } = clockwork;
  const doAct = (given: unknown): readonly ShownRecord[] =>
    asAdmin(() => acted(() => perform(portal, given))).map(shownRecord);
  const vendor = createApiVendor({
    name: 'hubspot',
    journal,
    operate: (request) => acted(() => operate(portal, request)),
    errorBody: bodyForStatus,
    down: () => settings.current().down,
    state: () => stateOf(portal),
    reset() {
      for (const part of [objects, associations, properties, tokens, changes, out]) part.clear();
      limiter.reset();
      settings.reset();
    },
    readSettings: settings.current,
    changeSettings: settings.change,
    changed: () => file.changed(),
    out,
    adminRoutes: (request) => ({
      'POST /_admin/act': () => ({ records: doAct(readJson(request.body)) }),
    }),
    page: (request: SimRequest) => answerPage({ portal, out, journal, request, acted }),
  });

  return {
    name: 'hubspot',
    ...vendor,
    state: () => ({ ...stateOf(portal), violations: journal.counters().violations }),
    settings: settings.current,
    changeSettings: settings.change,
    act: doAct,
    webhooks: () => webhooksOf(out),
    tick: () => clockwork.tick(),
    flush: () => out.flush(),
    idle: () => out.idle(),
    async close() {
      clockwork.close();
      vendor.close();
      await out.close();
      await file.close();
    },
  };
}

function createPortal(parts: {
  readonly clock: () => number;
  readonly settings: () => HubspotSettings;
  readonly out: WebhooksOut;
}): Portal {
  const { clock, settings, out } = parts;
  const properties = createPropertyStore((type) => type !== 'meetings' || settings().uniqueMeetingProperties);
  const changes = createChanges({ clock, emit: (events) => out.emit(events) });
  const objects = createObjectStore({
    clock,
    settings,
    uniqueNames: (type) => properties.uniqueNames(type),
    onChange: (change) => changes.heard(change),
  });
  return {
    clock,
    settings,
    objects,
    properties,
    changes,
    associations: createAssociationStore(),
    tokens: createTokenStore(clock, settings),
    limiter: createLimiter(clock, settings),
  };
}

const shownRecord = ({ id, properties, archived }: HubspotRecord): ShownRecord => ({ id, properties, archived });

function stateOf({ objects, associations, changes }: Portal): Omit<HubspotState, 'violations'> {
  const list = (type: ObjectType): readonly ShownRecord[] => objects.ofType(type).map(shownRecord);
  return {
    objects: { contacts: list('contacts'), meetings: list('meetings'), deals: list('deals'), notes: list('notes') },
    associations: associations.list(),
    automations: changes.automations(),
  };
}

function asAdmin<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof HubspotRefusal)
      throw new AdminRefusal(error.answer.status === 404 ? 404 : 409, reasonOf(error));
    throw error;
  }
}
