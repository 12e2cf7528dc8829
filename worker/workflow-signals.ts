/**
 * How this process reaches workflows: signal-with-start, so that it does not matter whether a run is there.
 */
import type { Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { WorkflowSignals } from '../activities/deps';
import type { FactType } from '../domain/facts';
import {
  BOOKINGS_TASK_QUEUE,
  bookingWorkflowId,
  connectionWorkflowId,
  decidedSignal,
  parkedSignal,
  searchAttributes,
  SIGNAL_OF_FACT,
  wakeSignal,
  type BookingInput,
} from '../workflows/contract';

export interface BookingSignals extends WorkflowSignals {
  /** One signal for everything that a batch brought for one booking; `factType` is the newest of it. */
  factsArrived(to: { bookingId: string; factType: FactType; factIds: readonly string[] }): Promise<void>;
  /** Makes sure that the connection's workflow runs; a fresh run probes and wakes what was parked before. */
  ensureConnection(connection: string): Promise<void>;
}

/** `maxHistoryEvents` is given by tests only. */
export function createWorkflowSignals(client: Client, options: { maxHistoryEvents?: number } = {}): BookingSignals {
  const signalBooking = async (bookingId: string, signal: { name: string; args: [unknown] }): Promise<void> => {
    const input: BookingInput = { bookingId, ...options };
    const source = bookingId.slice(0, bookingId.indexOf('/'));
    await client.workflow.signalWithStart('booking', {
      workflowId: bookingWorkflowId(bookingId),
      taskQueue: BOOKINGS_TASK_QUEUE,
      args: [input],
      signal: signal.name,
      signalArgs: signal.args,
      staticSummary: `Booking heard from ${source}`,
      typedSearchAttributes: new TypedSearchAttributes([{ key: searchAttributes.Source, value: source }]),
    });
  };
  return {
    factsArrived: ({ bookingId, factType, factIds }) =>
      signalBooking(bookingId, { name: SIGNAL_OF_FACT[factType], args: [{ factIds }] }),
    factsRecorded: ({ bookingId, factIds }) =>
      signalBooking(bookingId, { name: decidedSignal.name, args: [{ factIds }] }),
    wake: ({ bookingId, reason, connection }) =>
      signalBooking(bookingId, { name: wakeSignal.name, args: [{ reason, ...(connection && { connection }) }] }),
    parked: async ({ connection, reason }) => {
      await client.workflow.signalWithStart('connection', {
        ...connectionStart(connection),
        signal: parkedSignal,
        signalArgs: [{ reason }],
      });
    },
    ensureConnection: async (connection) => {
      await client.workflow.start('connection', {
        ...connectionStart(connection),
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
    },
  };
}

function connectionStart(connection: string) {
  return {
    workflowId: connectionWorkflowId(connection),
    taskQueue: BOOKINGS_TASK_QUEUE,
    args: [{ connection }] as [{ connection: string }],
    staticSummary: `Connection ${connection}`,
  };
}
