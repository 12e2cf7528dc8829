/**
 * The task workflows of a connection: one asks a person, and is told to end when the connection answers by itself.
 * Invariant: the rows are opened and withdrawn by the probe; a task outlives the run that started it.
 */
import { getExternalWorkflowHandle, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { OpenTask } from '../activities/open-task';
import { withdrawSignal } from './contract';
import type { task } from './task';

/** Starts it unless a former run did. */
export async function startConnectionTask(opened: OpenTask): Promise<void> {
  const { id: taskId, workflowId, ...asked } = opened;
  try {
    await startChild<typeof task>('task', {
      workflowId,
      args: [{ taskId, bookingId: null, ...asked }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${opened.kind} for ${opened.about}`,
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
