/**
 * The steps of one write to a source: compare, intend, call, settle. `write-source.ts` decides what a failure of them means.
 * Invariant: an intent is committed before every call, a call of unknown outcome is read back before it is repeated,
 * and no transaction is open across a call.
 */
import type { Pool } from 'pg';
import { withTransaction } from '../db/pool';
import { feedRead } from '../db/source-reads';
import {
  dropSourceIntent,
  noteMovedTo,
  settleSourceWrite,
  writeSourceIntent,
  type SourceWrite,
  type SourceWriteKey,
} from '../db/source-writes';
import { sourceShows, type SourceAction, type SourcePicture } from '../domain/source-picture';
import { SourceError, type BookingSource, type SourceApi, type SourceRead } from '../integrations/ports';
import type { ActivityDeps } from './deps';
import { shownTo, type GuestShown, type Participant } from './source-shown';

/** How long a call that was given up on may still be applied by the source, and its reads may still show what was before. */
export const SETTLES_WITHIN_MS = 30_000;
const MINUTE_MS = 60_000;

/** Everything that the steps of one write share. */
export interface SourceContext {
  readonly deps: Pick<ActivityDeps, 'vault' | 'failPoint'> & { readonly pool: Pool };
  readonly api: SourceApi;
  readonly source: BookingSource;
  readonly connection: string;
  readonly wanted: SourcePicture;
  readonly action: SourceAction;
  readonly key: SourceWriteKey;
  readonly guest: Participant;
  readonly nowMs: () => number;
  /** Called before every request: heartbeats, and stops a canceled attempt. */
  readonly begin: (request: string) => void;
}

/** What the source said, for good. */
export type Told = { readonly kind: 'told' } | { readonly kind: 'refused'; readonly reason: string };

/** Not known yet, or not to be found yet: the write comes back to it. */
export class LookAgain extends Error {
  override readonly name = 'LookAgain';
  constructor(
    readonly reason: 'not_settled' | 'not_found',
    readonly afterMs: number,
  ) {
    super(
      reason === 'not_settled'
        ? 'It is not known yet whether the source has taken the write; it is read back'
        : 'The source does not show the appointment; it is read again',
    );
  }
}

/** Brings the source to what was decided here, with at most one write. `before`: what a former attempt left in the ledger. */
export async function tellSource(ctx: SourceContext, before: SourceWrite | null): Promise<Told> {
  if (ctx.action === 'reschedule' && before !== null && before.uid !== ctx.wanted.uid)
    return adoptMove(ctx, before.uid);
  const { read, shown } = await readShown(ctx);
  if (sourceShows(ctx.wanted, shown)) return before === null ? needless(ctx, read) : done(ctx);
  if (before !== null) {
    const successor = await findSuccessor(ctx, before);
    if (successor !== null) return adoptMove(ctx, successor);
    const waitMs = before.atMs + SETTLES_WITHIN_MS - ctx.nowMs();
    if (waitMs > 0) throw new LookAgain('not_settled', waitMs);
  }
  const impossible = whyImpossible(ctx, shown);
  if (impossible !== null) return refuse(ctx, impossible, read);
  return write(ctx, shown);
}

/** What no request could say to this source without touching other guests. Classes only: a person reads them in the task. */
function whyImpossible({ action }: SourceContext, shown: GuestShown): string | null {
  if (action === 'reschedule') return shown.isShared ? 'shared_appointment' : null;
  if (action === 'cancel') return shown.isShared && shown.seatId === null ? 'seat_unknown' : null;
  return shown.address === null ? 'guest_without_address' : null;
}

async function write(ctx: SourceContext, shown: GuestShown): Promise<Told> {
  const { deps, key, wanted } = ctx;
  if (!(await writeSourceIntent(deps.pool, { ...key, uid: wanted.uid, nowMs: ctx.nowMs() }))) {
    throw new LookAgain('not_settled', 1_000);
  }
  let movedTo: string | null;
  try {
    movedTo = await call(ctx, shown);
  } catch (error) {
    return afterCall(ctx, error);
  }
  await deps.failPoint('source-applied-before-ledger');
  if (movedTo === null || movedTo === wanted.uid) return done(ctx);
  await noteMovedTo(deps.pool, key, movedTo);
  return adoptMove(ctx, movedTo);
}

/** The one request. Resolves with the uid that the appointment has from now on, where it gets another one. */
async function call({ api, wanted, action, begin }: SourceContext, shown: GuestShown): Promise<string | null> {
  begin(action);
  if (action === 'reschedule' && wanted.moveTo !== null) {
    return (await api.reschedule(wanted.uid, { startMs: wanted.moveTo.startMs, reason: 'A new time was agreed on.' }))
      .uid;
  }
  if (action === 'cancel') {
    await api.cancel(wanted.uid, { reason: 'Canceled by the organizer.', seatId: shown.seatId });
    return null;
  }
  await api.markAbsent(wanted.uid, { email: shown.address ?? '', absent: action === 'mark_absent' });
  return null;
}

/** A call that failed: proven not to be applied, still open, or refused, which reading back may explain. */
async function afterCall(ctx: SourceContext, error: unknown): Promise<Told> {
  if (!(error instanceof SourceError)) throw error;
  switch (error.errorClass) {
    case 'rate_limited':
    case 'unavailable':
    case 'reauth_required':
      await dropSourceIntent(ctx.deps.pool, ctx.key);
      throw error;
    case 'unknown_outcome':
      throw new LookAgain('not_settled', SETTLES_WITHIN_MS);
    case 'refused':
    case 'contract_violation': {
      // It may refuse because a former call was applied after all, or because a person there was faster.
      const { read, shown } = await readShown(ctx);
      if (sourceShows(ctx.wanted, shown)) return done(ctx);
      return refuse(ctx, error.errorClass, read);
    }
  }
}

// ---------------------------------------------------------------- reading

async function readShown(ctx: SourceContext): Promise<{ read: SourceRead; shown: GuestShown }> {
  ctx.begin('read');
  const read = await ctx.api.readBooking(ctx.wanted.uid);
  if (read === null) throw new LookAgain('not_found', MINUTE_MS);
  const shown = shownTo(ctx.guest, ctx.source, read);
  if (shown === null) {
    throw new SourceError('contract_violation', 'The appointment as the source shows it can not be read');
  }
  return { read, shown };
}

/** A move whose answer was lost: the source links the new appointment to the one that it replaced. */
async function findSuccessor(ctx: SourceContext, before: SourceWrite): Promise<string | null> {
  if (ctx.action !== 'reschedule') return null;
  ctx.begin('list');
  const reads = await ctx.api.listChanged({ fromMs: before.atMs - MINUTE_MS, toMs: ctx.nowMs() + MINUTE_MS });
  return reads.find((read) => read.predecessorUid === ctx.wanted.uid && read.uid !== ctx.wanted.uid)?.uid ?? null;
}

// ---------------------------------------------------------------- settling

/** The source gave the appointment another uid: the chain has to know it, whether or not the webhook about it comes. */
async function adoptMove(ctx: SourceContext, uid: string): Promise<Told> {
  ctx.begin('read');
  const read = await ctx.api.readBooking(uid);
  // Just made, so it will be there in a moment.
  if (read === null) throw new LookAgain('not_settled', MINUTE_MS);
  await withTransaction(ctx.deps.pool, async (tx) => {
    await settleSourceWrite(tx, { ...ctx.key, uid, state: 'done', reason: null, nowMs: ctx.nowMs() });
    await feed(ctx, tx, read);
  });
  return { kind: 'told' };
}

async function done({ deps, key, wanted, nowMs }: SourceContext): Promise<Told> {
  await settleSourceWrite(deps.pool, { ...key, uid: wanted.uid, state: 'done', reason: null, nowMs: nowMs() });
  return { kind: 'told' };
}

/** The source shows it although it never told: what else it shows may be news as well. */
async function needless(ctx: SourceContext, read: SourceRead): Promise<Told> {
  const { key, wanted } = ctx;
  await withTransaction(ctx.deps.pool, async (tx) => {
    await settleSourceWrite(tx, { ...key, uid: wanted.uid, state: 'needless', reason: null, nowMs: ctx.nowMs() });
    await feed(ctx, tx, read);
  });
  return { kind: 'told' };
}

/** What the source shows instead goes through the inbox: it may be what the refusal comes from. The ledger follows with the task. */
async function refuse(ctx: SourceContext, reason: string, read: SourceRead): Promise<Told> {
  await withTransaction(ctx.deps.pool, (tx) => feed(ctx, tx, read));
  return { kind: 'refused', reason };
}

function feed(ctx: SourceContext, tx: Parameters<typeof feedRead>[0], read: SourceRead): Promise<boolean> {
  const { connection } = ctx;
  return feedRead(tx, ctx.deps.vault, { connection, read, origin: 'lookup', nowMs: ctx.nowMs() });
}
