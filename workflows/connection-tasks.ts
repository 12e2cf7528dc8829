/**
 * The task workflows of a connection: one asks a person, and is told to end when the connection answers by itself.
 * Invariant: the rows are opened and withdrawn by the probe; a task outlives the run that started it.
 */
import { getExternalWorkflowHandle, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { OpenTask } from '../activities/record';
import { withdrawSignal } from './contract';
import type { task } from './task';

/** Starts it unless a former run did. */
export async function startConnectionTask(opened: OpenTask): Promise<void> {
  const { id: taskId, workflowId, kind, about, owner, dueAtMs, remindAtMs, escalateTo } = opened;
  try {
    await startChild<typeof task>('task', {
      workflowId,
      args: [{ taskId, kind, bookingId: null, about, owner, dueAtMs, remindAtMs, escalateTo }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${kind} for ${about}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** One may have ended by its own decision. */
export async function endConnectionTasks(
  workflowIds: readonly string[],
  reason = 'the connection answers again',
): Promise<void> {
  await Promise.all(
    workflowIds.map((id) =>
      getExternalWorkflowHandle(id)
        .signal(withdrawSignal, { reason })
        .catch(() => undefined),
    ),
  );
}
