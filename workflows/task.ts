/**
 * task: one question to a person. Reminds, escalates, and ends with a decision or when the booking no longer needs it.
 * Invariant: a decision is checked before it is accepted, and it is stored together with the fact that it is.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import { decisionsOf, whyDecisionIsRefused } from '../domain/tasks';
import { minuteOf } from '../domain/deadlines';
import { storage } from './activity-options';
import * as contract from './contract';

export async function task(input: contract.TaskInput): Promise<'decided' | 'withdrawn'> {
  let state: 'open' | 'deciding' | 'decided' | 'withdrawn' = 'open';
  let owner = input.owner;
  let dueAtMs = input.dueAtMs;
  const isOpen = (): boolean => state === 'open' || state === 'deciding';
  const describe = (): void => setCurrentDetails(detailsOf(input, { owner, dueAtMs, state }));

  setHandler(
    contract.decideUpdate,
    async ({ by, ...decision }) => {
      state = 'deciding';
      try {
        const summary = `Decided: ${decision.decision}`;
        await storage.decideTask.executeWithOptions({ summary }, [{ taskId: input.taskId, decision, by }]);
        state = 'decided';
      } catch (error) {
        // The row was settled without us (withdrawn by the booking): the answer to this caller is a refusal, and the task ends.
        state = 'withdrawn';
        throw error;
      } finally {
        describe();
      }
      return { accepted: true };
    },
    {
      validator: (decision) => {
        if (state !== 'open') throw ApplicationFailure.nonRetryable(`The task is ${state} already`, 'TaskSettled');
        const refusal = whyDecisionIsRefused(input.kind, decision, input.about);
        if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal, 'DecisionRefused');
      },
      description: `Decide: ${decisionsOf(input).join(', ')}`,
    },
  );
  setHandler(
    contract.reassignUpdate,
    async (to) => {
      await storage.assignTask({ taskId: input.taskId, owner: to.owner, by: to.by, why: 'reassigned' });
      owner = to.owner;
      describe();
      return { owner };
    },
    { description: 'Give the task to somebody else' },
  );
  setHandler(
    contract.withdrawSignal,
    () => {
      if (state === 'open') state = 'withdrawn';
    },
    { description: 'The booking no longer needs this' },
  );
  setHandler(contract.taskViewQuery, () => ({ state: state === 'deciding' ? 'open' : state, owner, dueAtMs }), {
    description: 'State, owner and due time',
  });

  describe();
  const span = Math.max(input.dueAtMs - input.remindAtMs, 60_000);
  if (await opensUntil(input.remindAtMs, `Remind ${input.owner}`)) {
    await storage.assignTask.executeWithOptions({ summary: `Remind ${owner}` }, [
      { taskId: input.taskId, owner, by: 'booksync', why: 'reminded' },
    ]);
  }
  for (const next of input.escalateTo) {
    if (!(await opensUntil(dueAtMs, `Due, escalate to ${next}`))) break;
    await storage.assignTask.executeWithOptions({ summary: `Escalate to ${next}` }, [
      { taskId: input.taskId, owner: next, by: 'booksync', why: 'escalated' },
    ]);
    owner = next;
    dueAtMs += span;
    describe();
  }
  await condition(() => !isOpen());
  await condition(allHandlersFinished);
  return (state as string) === 'decided' ? 'decided' : 'withdrawn';

  /** True when the instant passed and the task is still open. */
  async function opensUntil(atMs: number, summary: string): Promise<boolean> {
    const waitMs = atMs - Date.now();
    if (!isOpen()) return false;
    if (waitMs <= 0) return true;
    return !(await condition(() => !isOpen(), waitMs, { summary: `${summary}, ${minuteOf(atMs)}` }));
  }
}

function detailsOf(input: contract.TaskInput, now: { owner: string; dueAtMs: number; state: string }): string {
  return [
    input.bookingId === null
      ? `**${input.kind}** for connection \`${input.about}\``
      : `**${input.kind}** for booking \`${input.bookingId}\`, about \`${input.about}\``,
    `State: ${now.state} · owner: ${now.owner} · due ${minuteOf(now.dueAtMs)}`,
    `Allowed decisions: ${decisionsOf(input).join(', ')}`,
  ].join('\n\n');
}
