/**
 * undo: takes CRM writes back, record by record, within each CRM's rate.
 * Invariant: what waits is in the database, so a run that is repeated takes nothing back twice.
 */
import { continueAsNew, setCurrentDetails } from '@temporalio/workflow';
import { storage, undoRecordOn } from './activity-options';
import type { UndoInput } from './contract';

export async function undo(input: UndoInput): Promise<void> {
  const planned = await storage.listUndo.executeWithOptions({ summary: 'What waits to be taken back' }, [input]);
  for (const [done, { ordinal, connection }] of planned.entries()) {
    const summary = `Take record ${ordinal} in ${connection} back`;
    await undoRecordOn(connection).executeWithOptions({ summary }, [{ undoId: input.undoId, ordinal }]);
    setCurrentDetails(`**${done + 1}** of ${planned.length} looked at`);
  }
  if (planned.length > 0) await continueAsNew<typeof undo>(input);
}
