/** A task's workflow reduced to its update: what the engine test needs of one. Counts how often a decision reached it. */
import { ApplicationFailure, condition, defineQuery, setHandler } from '@temporalio/workflow';
import { decideUpdate } from '../../workflows/contract';

export const takenQuery = defineQuery<readonly string[]>('taken');
export const STUCK = 'leave';

export async function taskStub(): Promise<void> {
  const taken: string[] = [];
  setHandler(takenQuery, () => taken);
  setHandler(
    decideUpdate,
    async ({ decision, personId, by }) => {
      taken.push(`${decision} ${personId ?? '-'} ${by}`);
      if (decision === STUCK) await condition(() => false);
      return { accepted: true };
    },
    {
      validator: ({ decision }) => {
        if (decision === 'showed')
          throw ApplicationFailure.nonRetryable('this task takes another decision', 'DecisionRefused');
        if (decision === 'canceled') throw ApplicationFailure.nonRetryable('decided already', 'TaskSettled');
      },
    },
  );
  await condition(() => false);
}
