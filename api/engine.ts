/**
 * What the API asks of Temporal: is it there, and does a task's workflow take this decision.
 * Invariant: the same decision about the same task is one update, however often it is sent; every question has a time limit.
 */
import { createHash } from 'node:crypto';
import {
  ApplicationFailure,
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import type { TaskDecision } from '../domain/tasks';
import { decideUpdate } from '../workflows/contract';
import { within } from './within';

export type DecisionSent =
  | { readonly kind: 'accepted' }
  /** Another decision is being carried out, or has been. */
  | { readonly kind: 'settled' }
  /** The workflow said no, in its own words. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may or may not have been taken. */
  | { readonly kind: 'unconfirmed'; readonly reason: string };

export interface Engine {
  /** Rejects when Temporal does not answer within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  /** Waits until the task's workflow has taken the decision, 10 s at most. */
  decide(task: { readonly id: string; readonly workflowId: string }, decision: TaskDecision): Promise<DecisionSent>;
  close(): Promise<void>;
}

const DECISION_TIMEOUT_MS = 10_000;

/**
 * Connects when it is first asked something, and again after a failure: the API starts, and takes webhooks, while Temporal is away.
 * `decisionTimeoutMs` is shorter in tests only.
 */
export function createEngine(
  connect: () => Promise<Client>,
  options: { readonly decisionTimeoutMs?: number } = {},
): Engine {
  let connecting: Promise<Client> | null = null;
  const connected = (): Promise<Client> => {
    connecting ??= connect().catch((error: unknown) => {
      connecting = null;
      throw error;
    });
    return connecting;
  };

  return {
    ping: (timeoutMs) =>
      within(
        timeoutMs,
        connected().then((client) => answers(client, timeoutMs)),
      ),
    async decide(task, decision) {
      const timeoutMs = options.decisionTimeoutMs ?? DECISION_TIMEOUT_MS;
      const deadlineMs = Date.now() + timeoutMs;
      // Whatever kept us from connecting, the decision was not sent.
      const client = await within(timeoutMs, connected()).catch(() => null);
      if (!client) return UNREACHABLE;
      return await sendDecision({ client, task, decision, deadlineMs });
    },
    async close() {
      const client = await connecting?.catch(() => null);
      await client?.connection.close();
    },
  };
}

async function answers({ connection }: Client, timeoutMs: number): Promise<void> {
  await connection.withDeadline(Date.now() + timeoutMs, () => connection.workflowService.getSystemInfo({}));
}

async function sendDecision(send: {
  readonly client: Client;
  readonly task: { readonly id: string; readonly workflowId: string };
  readonly decision: TaskDecision;
  readonly deadlineMs: number;
}): Promise<DecisionSent> {
  const { client, task, decision } = send;
  try {
    await client.withDeadline(send.deadlineMs, () =>
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

const UNREACHABLE: DecisionSent = { kind: 'unconfirmed', reason: 'the workflow engine can not be reached' };

function updateIdOf(taskId: string, { decision, personId }: TaskDecision): string {
  return `decide-${createHash('sha256')
    .update(JSON.stringify([taskId, decision, personId ?? null]))
    .digest('hex')}`;
}

function explain(error: unknown): DecisionSent {
  if (error instanceof WorkflowUpdateFailedError) {
    const { cause } = error;
    if (!(cause instanceof ApplicationFailure))
      return { kind: 'refused', reason: 'the task could not take this decision' };
    // The type is set by workflows/task.ts.
    return cause.type === 'TaskSettled' ? { kind: 'settled' } : { kind: 'refused', reason: cause.message };
  }
  if (error instanceof WorkflowNotFoundError) {
    return { kind: 'unconfirmed', reason: "the task's workflow is not running right now" };
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return { kind: 'unconfirmed', reason: 'the workflow engine did not answer in time' };
  }
  if (error instanceof ServiceError || isGrpcServiceError(error)) {
    return UNREACHABLE;
  }
  throw error;
}
