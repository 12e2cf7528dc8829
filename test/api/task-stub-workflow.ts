/** The workflows of a task and of a booking reduced to their updates: what the engine test needs of them. Count how often a decision reached them. */
import { ActivityFailure, ApplicationFailure, condition, defineQuery, setHandler } from '@temporalio/workflow';
import { decideBookingUpdate, decideUpdate, type BookingInput } from '../../workflows/contract';

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

/** Refuses keep_waiting as a validator does, canceled as the activity of a merged booking does. */
export async function booking({ bookingId }: BookingInput): Promise<void> {
  const taken: string[] = [];
  setHandler(takenQuery, () => [bookingId, ...taken]);
  setHandler(
    decideBookingUpdate,
    async ({ decision, startMs, by }) => {
      if (decision === 'canceled') {
        const merged = ApplicationFailure.nonRetryable('it turned out to be another booking', 'BookingMerged');
        throw new ActivityFailure(
          'decideBooking failed',
          'decideBooking',
          '1',
          'NON_RETRYABLE_FAILURE',
          'worker',
          merged,
        );
      }
      taken.push(`${decision} ${startMs ?? '-'} ${by}`);
      await Promise.resolve();
      return { accepted: true };
    },
    {
      validator: ({ decision }) => {
        if (decision === 'keep_waiting')
          throw ApplicationFailure.nonRetryable('nothing is waited for', 'DecisionRefused');
      },
    },
  );
  await condition(() => taken.includes('showed - closes-it'));
}
