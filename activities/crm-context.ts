/**
 * What the steps of one CRM sync share.
 * Invariant: a call to the CRM is counted against its deadline, and none begins once the sync was canceled.
 */
import { CancelledFailure, Context } from '@temporalio/activity';
import { mappingVersionOf } from '../db/mapping-versions';
import { recordWrite, type LinkType, type LinkWrite } from '../db/crm-ledger';
import { sealWords } from '../db/ledger-words';
import type { FieldWrite } from '../domain/undo-fields';
import type { Crm, CrmCall } from '../integrations/ports';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';

/** How long an abandoned create may still be applied by the CRM: read back only after it. */
export const CALL_DEADLINE_MS = 15_000;

/** A first heartbeat is a write of the engine's, and most syncs have ended long before one is needed. */
const HEARTBEAT_AFTER_MS = 5_000;

/** Everything that the steps of one sync share. */
export interface SyncContext {
  readonly deps: ActivityDeps;
  readonly crm: Crm;
  readonly connection: string;
  readonly bookingId: string;
  readonly version: number;
  /** Of the mapping that is in force in this process; null: nothing is mapped. */
  readonly mappingVersion: string | null;
  readonly nowMs: () => number;
  readonly call: (action: string) => CrmCall;
}

/** One writer per person and CRM; a booking whose guest nobody knows is a person of its own. */
export const personLeaseName = (of: { connection: string; bookingId: string; personId: string | null }): string =>
  `crm/${of.connection}/${of.personId ?? of.bookingId}`;

/** A create's outcome is still open; the sync comes back when the CRM can no longer apply it. */
export class SettleLater extends Error {
  override readonly name = 'SettleLater';
  constructor(readonly afterMs: number) {
    super(`A create's outcome is not known yet; it is read back in ${afterMs} ms`);
  }
}

/** The context of this attempt of the activity. */
export function syncContext(
  deps: ActivityDeps,
  of: { readonly connection: string; readonly bookingId: string; readonly version: number },
): SyncContext {
  const activity = Context.current();
  const startedAt = performance.now();
  const mapping = deps.settings.mapping[of.connection];
  return {
    deps,
    ...of,
    crm: deps.crm(of.connection),
    nowMs: engineNow,
    mappingVersion: mapping ? mappingVersionOf(mapping) : null,
    call: (action) => {
      // A call that has begun is left to end; a canceled sync stops before the next one.
      if (activity.cancellationSignal.aborted) throw new CancelledFailure('the run continues as new');
      if (performance.now() - startedAt > HEARTBEAT_AFTER_MS) activity.heartbeat(action);
      return {
        operationKey: `${of.connection}/${of.bookingId}/${of.version}/${action}`,
        signal: deadline(),
      };
    },
  };
}

/** Cheaper than `AbortSignal.timeout`, which makes an exception with a stack for every call, long after it has ended. */
function deadline(): AbortSignal {
  const stop = new AbortController();
  setTimeout(() => stop.abort('the deadline of the call'), CALL_DEADLINE_MS).unref();
  return stop.signal;
}

/** What a write changed of personal values, of whom (ours); null: the guest is not known. */
export interface ChangedWords extends FieldWrite {
  readonly personId: string | null;
}

/** One line of the ledger and, where it says what a record is or holds now, its link, in one statement. */
export async function note(
  ctx: SyncContext,
  write: {
    readonly type: LinkType;
    readonly action: string;
    readonly crmId: string | null;
    readonly before: Readonly<Record<string, unknown>> | null;
    readonly after: Readonly<Record<string, unknown>> | null;
    /** Kept sealed, for undo; the line names the fields. */
    readonly words?: ChangedWords;
    readonly link?: LinkWrite;
  },
): Promise<void> {
  const { connection, bookingId, version, mappingVersion } = ctx;
  const { words: changed, ...rest } = write;
  const words = await sealed(ctx, write);
  const after = words && changed ? { ...write.after, words: Object.keys(changed.after) } : write.after;
  const line = { ...rest, after, words, connection, bookingId, version, mappingVersion, nowMs: ctx.nowMs() };
  await recordWrite(ctx.deps.pool, line);
}

async function sealed(ctx: SyncContext, of: { type: LinkType; crmId: string | null; words?: ChangedWords }) {
  const { type, crmId, words } = of;
  if (words === undefined || crmId === null) return null;
  const { personId, before, after } = words;
  const { pool, vault } = ctx.deps;
  return sealWords(pool, vault, { connection: ctx.connection, type, crmId, personId, words: { before, after } });
}
