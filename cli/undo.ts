/**
 * `booksync undo`: shows which CRM writes would be taken back, and takes them back when told to.
 * Invariant: without `yes` nothing is written anywhere; lines hold ids and our own words only.
 */
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { findBooking } from '../db/booking-view';
import { withTransaction } from '../db/pool';
import { previewUndo, readUndo, startUndo, type UndoSelection } from '../db/undo';
import { UNDO_KINDS, undoWords, type UndoItem, type UndoKind } from '../domain/undo';
import { undoStart } from '../workflows/contract';

export interface UndoOptions {
  /** `<connection>/<uid>`, any uid of the booking's chain. */
  readonly booking?: string | undefined;
  readonly mappingVersion?: string | undefined;
  /** Two instants, ISO 8601. */
  readonly between?: readonly string[] | undefined;
  readonly connection?: string | undefined;
  /** Of which kinds of records; none: all of a booking, and of a mapping those that it decides. */
  readonly kinds?: readonly string[] | undefined;
  readonly yes: boolean;
}

export interface UndoTools {
  readonly pool: Pool;
  /** Asked for only when something is to be taken back. */
  readonly client: () => Promise<Client>;
  readonly nowMs: () => number;
  readonly tell: (line: string) => void;
}

/** Returns whether everything that was asked for is as it was before, or would be. Throws with a sentence when the options make no sense. */
export async function undo(options: UndoOptions, tools: UndoTools): Promise<boolean> {
  const { pool, tell } = tools;
  const selection = await selectionOf(options, tools);
  const items = await previewUndo(pool, selection);
  for (const item of items) tell(lineOf(item));
  const back = items.filter(({ plan }) => plan.kind !== 'leave').length;
  tell(`${back} of ${items.length} record(s) ${options.yes ? 'go back' : 'would go back'}${hint(options, back)}`);
  if (!options.yes || back === 0) return back === items.length;
  const undoId = await withTransaction(pool, (tx) =>
    startUndo(tx, { selection, items, by: 'operator', nowMs: tools.nowMs() }),
  );
  const client = await tools.client();
  await client.workflow.execute('undo', undoStart(undoId));
  const outcomes = await readUndo(pool, undoId);
  for (const { connection, type, crmId, state, reason } of outcomes) {
    tell(`${state.padEnd(8)} ${connection} ${type} ${crmId}${reason === null ? '' : `: ${reason}`}`);
  }
  return outcomes.every(({ state }) => state === 'reverted');
}

function hint({ yes }: UndoOptions, back: number): string {
  return yes || back === 0 ? '' : ', where the CRM still holds what was written; --yes does it';
}

function lineOf({ bookingId, connection, type, crmId, plan }: UndoItem): string {
  const record = `${connection} ${type} ${crmId} (${bookingId})`;
  return `${plan.kind === 'leave' ? 'stays   ' : 'back    '} ${record}: ${undoWords(plan)}`;
}

async function selectionOf(options: UndoOptions, { pool, nowMs }: UndoTools): Promise<UndoSelection> {
  const { booking, mappingVersion, between, connection = null } = options;
  if ((booking === undefined) === (mappingVersion === undefined)) {
    throw new Error('Expected either --booking <connection>/<uid>, or --mapping-version <hash> --between <from> <to>');
  }
  const kinds = kindsOf(options.kinds);
  if (booking !== undefined) {
    const [source = '', uid = ''] = [booking.slice(0, booking.indexOf('/')), booking.slice(booking.indexOf('/') + 1)];
    const found = await findBooking(pool, { connection: source, uid, nowMs: nowMs() });
    if (!found) throw new Error('No booking is known by that uid; expected <connection>/<uid>, any uid of its chain');
    return { bookingId: found.id, connection, ...kinds };
  }
  const [fromMs = NaN, toMs = NaN] = (between ?? []).map((text) => Date.parse(text));
  if (!(fromMs <= toMs)) {
    throw new Error(
      'Expected --between <from> <to>, two ISO 8601 instants such as 2026-11-21T09:00Z, the earlier one first',
    );
  }
  return { mappingVersion: mappingVersion ?? '', fromMs, toMs, connection, ...kinds };
}

function kindsOf(named: readonly string[] = []): { readonly kinds?: readonly UndoKind[] } {
  if (named.length === 0) return {};
  const kinds = UNDO_KINDS.filter((kind) => named.includes(kind));
  if (kinds.length === new Set(named).size) return { kinds };
  throw new Error(`Expected --kind to be one or more of ${UNDO_KINDS.join(', ')}`);
}
