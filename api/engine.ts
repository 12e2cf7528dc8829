/**
 * What the API asks of Temporal: is it there, and does a task's workflow take this decision.
 * Invariant: the same decision about the same task is one update, however often it is sent; every question has a time limit.
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
import type { TaskDecision } from '../domain/tasks';
import { decideUpdate } from '../workflows/contract';

export type DecisionSent =
  | { readonly kind: 'accepted' }
  /** The workflow said no, in its own words. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may or may not have been taken. */
  | { readonly kind: 'unconfirmed'; readonly reason: string };

export interface Engine {
  /** Rejects when Temporal does not answer within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  /** Waits until the task's workflow has taken the decision, 10 s at most. */
  decide(task: { readonly id: string; readonly workflowId: string }, decision: TaskDecision): Promise<DecisionSent>;
}

const DECISION_TIMEOUT_MS = 10_000;

/** `client` may be of a lazy connection. `decisionTimeoutMs` is shorter in tests only. */
export function createEngine(client: Client, options: { readonly decisionTimeoutMs?: number } = {}): Engine {
  return {
    async ping(timeoutMs) {
      const { connection } = client;
      await connection.withDeadline(Date.now() + timeoutMs, () => connection.workflowService.getSystemInfo({}));
    },
    async decide(task, decision) {
      const deadlineMs = Date.now() + (options.decisionTimeoutMs ?? DECISION_TIMEOUT_MS);
      try {
        await client.withDeadline(deadlineMs, () =>
          client.workflow.getHandle(task.workflowId).executeUpdate(decideUpdate, {
            args: [{ ...decision, by: 'operator' }],
            updateId: updateIdOf(task.id, decision),
          }),
        );
        return { kind: 'accepted' };
      } catch (error) {
        return explain(error);
      }
    },
  };
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
