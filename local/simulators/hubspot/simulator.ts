/**
 * A stateful, strict HubSpot account under `/hubspot`: API, admin paths, saved state.
 * Invariant: what it answers is what its state says; only search lags behind, and only faults lie.
 */
import { join } from 'node:path';
import { createApiVendor } from '../api-vendor';
import type { HttpFault, HttpFaultInput } from '../faults';
import { createJournal } from '../journal';
import type { JournalEntry } from '../journal';
import { createStateFile, noStateFile } from '../persistence';
import type { VendorContext, VendorSimulator } from '../vendor';
import { createAssociationStore } from './association-store';
import type { Association } from './association-store';
import { bodyForStatus } from './errors';
import { createLimiter } from './limits';
import { createObjectStore } from './objects';
import type { Portal } from './portal';
import { operate } from './router';
import { parseSavedState } from './saved-state';
import type { SavedState } from './saved-state';
import type { ObjectType } from './schema';
import { defaultSettings, patchSettings } from './settings';
import type { HubspotSettings, HubspotSettingsPatch } from './settings';
import type { StoredProperties } from './values';

/** `GET /hubspot/_admin/state`. */
export interface HubspotState {
  readonly objects: Readonly<
    Record<
      ObjectType,
      readonly { readonly id: string; readonly properties: StoredProperties; readonly archived: boolean }[]
    >
  >;
  /** Both directions of every link. */
  readonly associations: readonly Association[];
  /** Requests that broke HubSpot's contract. */
  readonly violations: number;
}

/** The admin paths, for callers in the same process. */
export interface HubspotSimulator extends VendorSimulator {
  state(): HubspotState;
  requests(): readonly JournalEntry[];
  /** Replaces the fault plan. Throws a ZodError that lists every problem. */
  setFaults(faults: readonly HttpFaultInput[]): readonly HttpFault[];
  faultsLeft(): readonly HttpFault[];
  settings(): HubspotSettings;
  changeSettings(patch: HubspotSettingsPatch): HubspotSettings;
  /** Records, links, journal, faults, settings and limits back to the beginning. */
  reset(): void;
}

/** Loads the saved state, if a folder is configured. Rejects when the file is not one of ours. */
export async function createHubspotSimulator(context: VendorContext): Promise<HubspotSimulator> {
  const { clock, stateDir } = context;
  let settings = defaultSettings;
  const objects = createObjectStore(clock);
  const associations = createAssociationStore();
  const limiter = createLimiter(clock, () => settings);
  const journal = createJournal(clock);
  const portal: Portal = { clock, objects, associations, limiter, settings: () => settings };

  const snapshot = (): SavedState => ({
    version: 1,
    lastId: objects.lastId(),
    records: objects.all(),
    associations: associations.list(),
    journal: journal.counters(),
  });
  const path = stateDir === null ? null : join(stateDir, 'hubspot.json');
  const file = path === null ? noStateFile : createStateFile({ file: path, snapshot });
  const saved = await file.load();
  if (saved !== null) {
    const state = parseSavedState(saved, path ?? '');
    objects.restore(state);
    associations.restore(state.associations);
    journal.restore(state.journal);
  }

  const recordsByType = (): Pick<HubspotState, 'objects' | 'associations'> => {
    const all = objects.all();
    const list = (type: ObjectType) =>
      all
        .filter((record) => record.type === type)
        .map(({ id, properties, archived }) => ({ id, properties, archived }));
    return {
      objects: {
        contacts: list('contacts'),
        meetings: list('meetings'),
        deals: list('deals'),
        notes: list('notes'),
      },
      associations: associations.list(),
    };
  };
  const changeSettings = (patch: unknown): HubspotSettings => {
    settings = patchSettings(settings, patch);
    return settings;
  };
  const vendor = createApiVendor({
    name: 'hubspot',
    journal,
    operate: (request) => operate(portal, request),
    errorBody: bodyForStatus,
    down: () => (settings.down === true ? 'unavailable' : settings.down === false ? null : settings.down),
    state: recordsByType,
    reset() {
      objects.clear();
      associations.clear();
      limiter.reset();
      settings = defaultSettings;
    },
    readSettings: () => settings,
    changeSettings,
    changed: () => file.changed(),
  });

  return {
    name: 'hubspot',
    handle: (incoming, response) => vendor.handle(incoming, response),
    state: () => ({ ...recordsByType(), violations: journal.counters().violations }),
    requests: () => journal.entries(),
    setFaults: (faults) => vendor.faults.replace({ faults }),
    faultsLeft: () => vendor.faults.left(),
    settings: () => settings,
    changeSettings,
    reset: () => vendor.reset(),
    async close() {
      vendor.close();
      await file.close();
    },
  };
}
