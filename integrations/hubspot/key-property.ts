/**
 * The unique property that carries our key on meetings and deals: made by the set-up, used where it is.
 * Invariant: a write or read names it only where the account was seen to have it; without it everything works, with more calls.
 */
import { createMemo } from '../memo';
import { CrmError, type CrmCall, type SetupReport } from '../ports';
import { anySchema, propertySchema, type HubspotProperty } from './answers';
import { HUBSPOT_VERSIONS, type HubspotClient } from './client';
import { nullIfGone } from './records';

export const KEY_PROPERTY = 'booksync_key';
export type KeyedType = 'meetings' | 'deals';
const KEYED_TYPES: readonly KeyedType[] = ['meetings', 'deals'];
const GROUP = 'booksync';

/** Whether the account has the property; since when (epoch ms), as far as it says so. */
export type KeyState = { readonly exists: false } | { readonly exists: true; readonly createdAtMs: number | null };

export interface KeyProperty {
  /** Asked once an hour and object type at most; a set-up counts as asking. */
  state(type: KeyedType, call: CrmCall): Promise<KeyState>;
  /** Somebody removed it: from now on it is not named. */
  gone(type: KeyedType): void;
  /** Makes it where it is absent. Throws what is no refusal of the account. */
  setUp(call: CrmCall): Promise<SetupReport>;
}

const KEEP_MS = 3_600_000;

/** `now` in epoch ms. */
export function createKeyProperty(client: HubspotClient, now: () => number): KeyProperty {
  const memo = createMemo<KeyState>({ keepMs: KEEP_MS, now });
  return {
    state: (type, call) => memo.get(type, () => readState(client, type, call)),
    gone: (type) => memo.keep(type, { exists: false }),
    async setUp(call) {
      const done: string[] = [];
      const missing: string[] = [];
      for (const type of KEYED_TYPES) {
        const { state, problem } = await ensure(client, type, call);
        memo.keep(type, state);
        if (problem === null) done.push(`${type} have the unique property ${KEY_PROPERTY}`);
        else missing.push(`${type} have no unique property ${KEY_PROPERTY}: ${problem}. ${WITHOUT[type]}`);
      }
      return { done, missing };
    },
  };
}

const WITHOUT: Readonly<Record<KeyedType, string>> = {
  meetings:
    'Without it HubSpot takes a second meeting for the same booking, and one whose creation got no answer is looked for among all meetings of its contact.',
  deals:
    'Without it HubSpot takes a second deal for the same booking, and one whose creation got no answer is only known as the newest open deal of its contact.',
};

/** An account that won't show its properties is one without ours. */
async function readState(client: HubspotClient, type: KeyedType, call: CrmCall): Promise<KeyState> {
  try {
    return stateOf(await readProperty(client, { operation: 'readKeyProperty', type }, call));
  } catch (error) {
    if (isRefused(error)) return { exists: false };
    throw error;
  }
}

function stateOf(property: HubspotProperty | null): KeyState {
  if (property === null || property.archived === true || property.hasUniqueValue !== true) return { exists: false };
  const createdAtMs = Date.parse(property.createdAt ?? '');
  return { exists: true, createdAtMs: Number.isNaN(createdAtMs) ? null : createdAtMs };
}

interface Ensured {
  readonly state: KeyState;
  /** Null when the property is there and unique. */
  readonly problem: string | null;
}

async function ensure(client: HubspotClient, type: KeyedType, call: CrmCall): Promise<Ensured> {
  const at = { operation: 'ensureSetup', type } as const;
  try {
    let property = await readProperty(client, at, call);
    if (property === null) {
      await create(client, { ...at, what: 'group' }, call);
      await create(client, { ...at, what: 'property' }, call);
      property = await readProperty(client, at, call);
    }
    const state = stateOf(property);
    const problem = 'a property of this name is there and not unique, which can not be changed; remove it';
    return { state, problem: state.exists ? null : problem };
  } catch (error) {
    if (!isRefused(error)) throw error;
    return { state: { exists: false }, problem: refusalOf(error) };
  }
}

interface At {
  readonly operation: string;
  readonly type: KeyedType;
}

const pathOf = (type: KeyedType, ...rest: readonly string[]): readonly string[] => [
  ...['crm', 'properties', HUBSPOT_VERSIONS.properties, type],
  ...rest,
];

function readProperty(client: HubspotClient, { operation, type }: At, call: CrmCall): Promise<HubspotProperty | null> {
  const path = pathOf(type, KEY_PROPERTY);
  const schema = propertySchema;
  return nullIfGone(client.request({ operation, method: 'GET', path, effect: 'safe', schema }, call));
}

/** A repeat, or another process that was faster, meets a 409: it is there then. */
async function create(
  client: HubspotClient,
  { operation, type, what }: At & { readonly what: 'group' | 'property' },
  call: CrmCall,
): Promise<void> {
  const path = what === 'group' ? pathOf(type, 'groups') : pathOf(type);
  const body = what === 'group' ? { name: GROUP, label: 'Booking Status Sync' } : DEFINITION;
  try {
    await client.request({ operation, method: 'POST', path, body, effect: 'safe', schema: anySchema }, call);
  } catch (error) {
    if (!(error instanceof CrmError) || error.httpStatus !== 409) throw error;
  }
}

/** Uniqueness can only be chosen here, never later (HubSpot's properties guide: ten unique ones per object type). */
const DEFINITION = {
  name: KEY_PROPERTY,
  label: 'Booking key',
  description: 'Ties this record to its booking. Written by Booking Status Sync; please leave it as it is.',
  groupName: GROUP,
  type: 'string',
  fieldType: 'text',
  hasUniqueValue: true,
  hidden: true,
  formField: false,
} as const;

function isRefused(error: unknown): error is CrmError {
  return error instanceof CrmError && (error.httpStatus === 400 || error.httpStatus === 403);
}

function refusalOf({ errorClass, fields, httpStatus }: CrmError): string {
  if (errorClass === 'scope_missing' && fields.length > 0) return `the scope ${fields.join(', ')} is not granted`;
  return `the account refuses it (HTTP ${httpStatus ?? 0})`;
}
