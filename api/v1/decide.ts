/**
 * Hands a decision to its task's workflow and waits until that has taken it.
 * Invariant: the same decision about the same task is one update, however often it is sent.
 */
import { createHash } from 'node:crypto';
import {
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import type { TaskDecision } from '../../domain/tasks';
import { decideUpdate } from '../../workflows/contract';

export type DecisionSent =
  | { readonly kind: 'accepted' }
  /** The workflow said no, in its own words. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may or may not have been taken. */
  | { readonly kind: 'unconfirmed'; readonly reason: string };

export async function sendDecision(send: {
  readonly client: Client;
  readonly task: { readonly id: string; readonly workflowId: string };
  readonly decision: TaskDecision;
  readonly timeoutMs: number;
}): Promise<DecisionSent> {
  const { client, task, decision } = send;
  try {
    await client.withDeadline(Date.now() + send.timeoutMs, () =>
      client.workflow.getHandle(task.workflowId).executeUpdate(decideUpdate, {
        args: [{ ...decision, by: 'operator' }],
        updateId: updateIdOf(task.id, decision),
      }),
    );
    return { kind: 'accepted' };
  } catch (error) {
    return explain(error);
  }
}

function updateIdOf(taskId: string, { decision, personId }: TaskDecision): string {
  return `decide-${createHash('sha256').update(JSON.stringify([taskId, decision, personId ?? null])).digest('hex')}`;
}

function explain(error: unknown): DecisionSent {
  if (error instanceof WorkflowUpdateFailedError) {
    return { kind: 'refused', reason: error.cause?.message ?? 'the task does not take this decision' };
  }
  if (error instanceof WorkflowNotFoundError) {
    return { kind: 'unconfirmed', reason: "the task's workflow is not running right now" };
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return { kind: 'unconfirmed', reason: 'the workflow engine did not answer in time' };
  }
  if (error instanceof ServiceError || isGrpcServiceError(error)) {
    return { kind: 'unconfirmed', reason: 'the workflow engine can not be reached' };
  }
  throw error;
}
