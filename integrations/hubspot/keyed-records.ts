/**
 * Creating and finding meetings and deals by our key.
 * Invariant: where the account has the key property, a key belongs to one record, whoever creates it how often.
 */
import { CrmError, type CrmCall } from '../ports';
import type { HubspotClient } from './client';
import { isConflict } from './error-body';
import { KEY_PROPERTY, type KeyedType, type KeyProperty, type KeyState } from './key-property';
import { createRecord, nullIfGone, readRecord, type InlineAssociation, type Properties } from './records';

export interface KeyedAccount {
  readonly client: HubspotClient;
  readonly keys: KeyProperty;
  /** Epoch ms. */
  readonly now: () => number;
}

export interface KeyedCreate {
  readonly operation: string;
  readonly type: KeyedType;
  readonly externalKey: string;
  readonly properties: Properties;
  readonly associations: readonly InlineAssociation[];
}

/** `created: false`: a record with this key was there; it is returned as it is. */
export async function createKeyed(
  account: KeyedAccount,
  request: KeyedCreate,
  call: CrmCall,
): Promise<{ readonly id: string; readonly created: boolean }> {
  const { client, keys } = account;
  const { operation, type, externalKey, properties, associations } = request;
  const plain = { operation, type, properties, associations };
  if (!(await keys.state(type, call)).exists) return created(await createRecord(client, plain, call));
  const keyed = { ...plain, properties: { ...properties, [KEY_PROPERTY]: externalKey } };
  try {
    return created(await createRecord(client, keyed, call));
  } catch (error) {
    if (isConflict(error)) {
      const id = await readKeyed(client, request, call);
      if (id === null) throw error;
      return { id, created: false };
    }
    if (!isKeyUnknown(error)) throw error;
    // Removed within the hour: nothing was created, and without it everything works.
    keys.gone(type);
    return created(await createRecord(client, plain, call));
  }
}

const created = ({ id }: { readonly id: string }) => ({ id, created: true });

/**
 * The record with this key, by one strong read. `notThere`: it is certain that there is none; `unknown`: the account has no
 * key property, or the record may be older than it and carry no key.
 */
export async function findKeyed(
  account: KeyedAccount,
  wanted: { readonly operation: string; readonly type: KeyedType; readonly externalKey: string },
  call: CrmCall,
): Promise<{ readonly id: string } | 'notThere' | 'unknown'> {
  const { client, keys, now } = account;
  const state = await keys.state(wanted.type, call);
  if (!state.exists) return 'unknown';
  try {
    const id = await readKeyed(client, wanted, call);
    if (id !== null) return { id };
  } catch (error) {
    if (!(error instanceof CrmError) || error.httpStatus !== 400) throw error;
    // It is no longer a unique property.
    keys.gone(wanted.type);
    return 'unknown';
  }
  return mayPredate(state, now()) ? 'unknown' : 'notThere';
}

/**
 * Creates that are still open are days old at most, and for an hour after the property was made another process may not
 * know of it; after a month nothing that is looked for can have been made without a key.
 */
const PREDATING_MS = 30 * 24 * 3_600_000;

function mayPredate(state: KeyState, nowMs: number): boolean {
  return !state.exists || state.createdAtMs === null || nowMs - state.createdAtMs < PREDATING_MS;
}

async function readKeyed(
  client: HubspotClient,
  { operation, type, externalKey }: { operation: string; type: KeyedType; externalKey: string },
  call: CrmCall,
): Promise<string | null> {
  const request = { operation, type, id: externalKey, idProperty: KEY_PROPERTY, properties: [] };
  const record = await nullIfGone(readRecord(client, request, call));
  return record === null || record.archived === true ? null : record.id;
}

function isKeyUnknown(error: unknown): boolean {
  return error instanceof CrmError && error.httpStatus === 400 && error.fields.includes(KEY_PROPERTY);
}
