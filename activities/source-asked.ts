/**
 * What is left to tell a source about a booking: the picture's wish against the ledger of writes.
 * Invariant: nothing is written but the end of a task that lost its question, and nothing is left where the source has no API.
 */
import type { BookingRow } from '../db/bookings';
import type { Db } from '../db/pool';
import { readSourceWrite } from '../db/source-writes';
import { settleTask, type TaskRow } from '../db/tasks';
import type { Picture } from '../domain/booking';
import type { Fact } from '../domain/facts';
import { sourceActionOf, sourcePictureOf } from '../domain/source-picture';
import type { ActivityDeps } from './deps';

/** What a booking's workflow knows of it. */
export interface SourceWriteAsked {
  readonly cause: string;
  /** `open`: the source is to be told. `told` and `refused`: it was, and this is what it said. */
  readonly state: 'open' | 'told' | 'refused';
  /** Epoch ms before which the source would not take it; null: at any time. */
  readonly notBeforeMs: number | null;
}

/** Null: nothing that was decided here has to be told. */
export async function sourceWriteAsked(
  tx: Db,
  deps: Pick<ActivityDeps, 'sourceApi'>,
  of: { booking: BookingRow; picture: Picture; facts: readonly Fact[] },
): Promise<SourceWriteAsked | null> {
  const wanted = sourcePictureOf(of.picture, of.facts);
  if (wanted === null || deps.sourceApi(of.booking.connection) === null) return null;
  const { cause, notBeforeMs } = wanted;
  const write = await readSourceWrite(tx, { bookingId: of.booking.id, cause, action: sourceActionOf(wanted) });
  const state = write === null || write.state === 'intent' ? 'open' : write.state === 'refused' ? 'refused' : 'told';
  return { cause, state, notBeforeMs };
}

/** Of the open tasks those that still ask something: with nothing left to tell, a refusal of the source needs no answer. */
export async function withoutAnsweredRefusals(
  tx: Db,
  given: { openTasks: readonly TaskRow[]; asked: SourceWriteAsked | null; nowMs: number },
): Promise<readonly TaskRow[]> {
  const answered = given.asked === null ? given.openTasks.filter((task) => task.kind === 'source_refused') : [];
  for (const { id } of answered) {
    await settleTask(tx, { id, state: 'withdrawn', decision: null, by: 'booking', nowMs: given.nowMs });
  }
  return given.openTasks.filter((task) => !answered.includes(task));
}
