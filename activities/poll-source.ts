/**
 * pollSource: reads what changed at a source since the last poll, and puts what our bookings do not show into the inbox.
 * Invariant: a window's cursor moves after its reads are stored, so a poll that ends half-way is gone on with, never skipped.
 */
import { Context } from '@temporalio/activity';
import { readHealth } from '../db/connection-health';
import { withTransaction } from '../db/pool';
import { readPoll, savePoll, savePollTrouble } from '../db/source-polls';
import { feedRead, newsOf, rememberRead } from '../db/source-reads';
import { windowsOf, type PollWindow } from '../domain/poll-windows';
import type { SourceApi, SourceRead } from '../integrations/ports';
import { roleOf } from './connection-trouble';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { isKnownToBooking } from './judge-read';
import { heartbeating } from './heartbeating';
import { readFailure, tellRefusal, type SourceRefusal } from './source-trouble';

export type PollResult =
  /** `read`: appointments that the source listed; `fed`: those of them that said something new. */
  | { readonly kind: 'polled'; readonly read: number; readonly fed: number }
  /** The connection's settings give no API. */
  | { readonly kind: 'no_api' }
  /** No repetition helps: a person has to look. The next poll tries again. */
  | { readonly kind: 'stopped'; readonly reason: SourceRefusal };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How far the first poll of a connection looks back. */
const FIRST_LOOK_BACK_MS = 24 * HOUR_MS;
/** Read again at every poll: the source's clock, and changes that became visible late. */
const OVERLAP_MS = 10 * MINUTE_MS;
/** An outage of a week is worked off in pieces of this length. */
const LONGEST_WINDOW_MS = 24 * HOUR_MS;
/** For so long after their end appointments are followed: hosts mark absence later, and that touches no change time. */
const MARKS_COME_WITHIN_MS = 48 * HOUR_MS;
const LONGEST_ENDED_WINDOW_MS = 72 * HOUR_MS;
const READS_PER_TRANSACTION = 50;

export function createPollSource(deps: ActivityDeps) {
  return async function pollSource({ connection }: { readonly connection: string }): Promise<PollResult> {
    const api = deps.sourceApi(connection);
    if (api === null) return { kind: 'no_api' };
    try {
      const result = await heartbeating(() => poll(deps, connection, api));
      deps.log.info({ connection, read: result.read, fed: result.fed }, 'source polled');
      const { state } = await readHealth(deps.pool, connection);
      if (state === 'down') await deps.signals.probeNow({ connection, role: roleOf(deps.settings, connection) });
      return result;
    } catch (error) {
      return await afterFailure(deps, connection, error);
    }
  };
}

async function poll(
  deps: ActivityDeps,
  connection: string,
  api: SourceApi,
): Promise<Extract<PollResult, { kind: 'polled' }>> {
  const nowMs = engineNow();
  const before = await readPoll(deps.pool, connection);
  const changed = windowsOf({
    untilMs: before.changedUntilMs ?? nowMs - FIRST_LOOK_BACK_MS + OVERLAP_MS,
    nowMs,
    overlapMs: OVERLAP_MS,
    longestMs: LONGEST_WINDOW_MS,
  });
  const ended = windowsOf({
    untilMs: before.endedUntilMs ?? nowMs,
    nowMs,
    overlapMs: MARKS_COME_WITHIN_MS,
    longestMs: LONGEST_ENDED_WINDOW_MS,
  });
  let read = 0;
  let fed = 0;
  const work = async (window: PollWindow, list: (window: PollWindow) => Promise<SourceRead[]>): Promise<void> => {
    const reads = await list(window);
    read += reads.length;
    fed += await feedMissing(deps, connection, reads);
  };
  for (const window of changed) {
    await work(window, (span) => api.listChanged(span));
    await savePoll(deps.pool, { connection, changedUntilMs: window.toMs });
  }
  for (const window of ended) {
    await work(window, (span) => api.listEnded(span));
    await savePoll(deps.pool, { connection, endedUntilMs: window.toMs });
  }
  await savePoll(deps.pool, { connection, polledAtMs: engineNow() });
  return { kind: 'polled', read, fed };
}

/** Returns how many were fed. */
async function feedMissing(deps: ActivityDeps, connection: string, reads: readonly SourceRead[]): Promise<number> {
  let fed = 0;
  for (let at = 0; at < reads.length; at += READS_PER_TRANSACTION) {
    Context.current().cancellationSignal.throwIfAborted();
    fed += await feedChunk(deps, connection, reads.slice(at, at + READS_PER_TRANSACTION));
  }
  return fed;
}

async function feedChunk(deps: ActivityDeps, connection: string, reads: readonly SourceRead[]): Promise<number> {
  const { pool, vault } = deps;
  const news = await newsOf(pool, connection, reads);
  const judged: { read: SourceRead; known: boolean }[] = [];
  for (const read of reads) {
    const what = news.get(read.uid);
    if (what === 'same') continue;
    // What the source changed without telling may be something that no picture shows: a place, another attendee.
    const known = what !== 'changed' && (await isKnownToBooking(deps, connection, read));
    judged.push({ read, known });
  }
  if (judged.length === 0) return 0;
  const nowMs = engineNow();
  return withTransaction(pool, async (tx) => {
    let fed = 0;
    for (const { read, known } of judged) {
      if (known) await rememberRead(tx, connection, read);
      else if (await feedRead(tx, vault, { connection, read, origin: 'poll', nowMs })) fed += 1;
    }
    return fed;
  });
}

/** Notes why the poll failed; throws what makes the engine repeat it, where that helps. */
async function afterFailure(deps: ActivityDeps, connection: string, error: unknown): Promise<PollResult> {
  const trouble = readFailure(error);
  if ('failure' in trouble) {
    await savePollTrouble(deps.pool, connection, trouble.failure.type ?? 'unavailable');
    throw trouble.failure;
  }
  await savePollTrouble(deps.pool, connection, trouble.refusal);
  deps.log.warn({ connection, reason: trouble.refusal }, 'the source can not be polled');
  await tellRefusal(deps, connection, trouble.refusal);
  return { kind: 'stopped', reason: trouble.refusal };
}
