/**
 * Creates one CRM record exactly once.
 * Invariant: every create goes intent → call → id; a create with an unknown outcome is read back before anything is repeated.
 */
import { dropIntent, setLinkState, writeIntent, type CrmLink, type LinkKey } from '../db/crm-ledger';
import { CrmError } from '../integrations/ports';
import { CALL_DEADLINE_MS, note, SettleLater, type SyncContext } from './crm-context';

export interface Create {
  readonly key: LinkKey & { readonly bookingId: string | null };
  /** The ledger's row of that key, as it was found. */
  readonly former: CrmLink | null;
  readonly find: () => Promise<{ readonly id: string } | null>;
  /** `created: false`: the CRM had one already that it calls the same. */
  readonly create: () => Promise<Created>;
  /** How long the CRM may need until `find` sees a new record, ms; 0: at once. */
  readonly findAfterMs: number;
  readonly written: Readonly<Record<string, unknown>>;
  /** What is known of one that the CRM had already; null: nothing was written there. Absent: the same as `written`. */
  readonly writtenIfThere?: Readonly<Record<string, unknown>> | null;
  readonly hash: string | null;
}

interface Created {
  readonly id: string;
  readonly created?: boolean;
  /** To be remembered besides what was written: what only the CRM's answer says. */
  readonly said?: Readonly<Record<string, unknown>>;
}

/** `created: false`: it was there, and may hold something else than is wanted now, so the caller writes it again. */
export interface Settled {
  readonly id: string;
  readonly created: boolean;
  /** What we wrote there; null: nothing. */
  readonly written: Readonly<Record<string, unknown>> | null;
}

/**
 * Throws `SettleLater` while a former or this attempt's outcome can't be told yet.
 */
export async function createOnce(ctx: SyncContext, once: Create): Promise<Settled> {
  const { pool } = ctx.deps;
  const { former } = once;
  if (former && (former.state === 'intent' || former.state === 'unknown')) {
    const waitMs = (former.intentAtMs ?? 0) + Math.max(CALL_DEADLINE_MS, once.findAfterMs) - ctx.nowMs();
    const found = await once.find();
    // It holds what was wanted when it was made; the booking may have changed since.
    const written = former.attempted.at(-1) ?? once.written;
    if (found) return adopt(ctx, { ...once, hash: null, written }, { id: found.id, action: 'adopt' });
    if (waitMs > 0) throw new SettleLater(waitMs);
  }
  if (!(await writeIntent(pool, { ...once.key, written: once.written, nowMs: ctx.nowMs() }))) {
    throw new Error('The record was linked, or its booking merged, while it was being written; it is looked at again');
  }
  let created: Created;
  try {
    created = await once.create();
  } catch (error) {
    if (!(error instanceof CrmError) || error.errorClass !== 'unknown_outcome') {
      if (error instanceof CrmError) await dropIntent(pool, once.key);
      throw error;
    }
    await setLinkState(pool, once.key, 'unknown');
    const found = once.findAfterMs === 0 ? await once.find() : null;
    if (found) return adopt(ctx, { ...once, hash: null }, { id: found.id, action: 'adopt' });
    throw new SettleLater(Math.max(CALL_DEADLINE_MS, once.findAfterMs));
  }
  const { said } = created;
  if (created.created !== false) {
    return adopt(ctx, { ...once, written: { ...once.written, ...said } }, { id: created.id, action: 'create' });
  }
  const { writtenIfThere = once.written } = once;
  const written = writtenIfThere && { ...writtenIfThere, ...said };
  return adopt(ctx, { ...once, written }, { id: created.id, action: 'adopt' });
}

async function adopt(
  ctx: SyncContext,
  { key, hash, written }: Pick<Create, 'key' | 'hash'> & { written: Create['written'] | null },
  { id, action }: { id: string; action: 'create' | 'adopt' },
): Promise<Settled> {
  await ctx.deps.failPoint('crm-applied-before-ledger');
  const link = { ...key, crmId: id, version: ctx.version, hash, written };
  await note(ctx, { type: key.type, action, crmId: id, before: null, after: written, link });
  return { id, created: action === 'create', written };
}
