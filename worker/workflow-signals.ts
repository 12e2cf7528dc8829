/**
 * How this process reaches workflows: signal-with-start, so that it does not matter whether a run is there.
 */
import type { Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { WorkflowSignals } from '../activities/deps';
import type { FactType } from '../domain/facts';
import { sourceOfBooking } from '../domain/ids';
import {
  BOOKINGS_TASK_QUEUE,
  bookingWorkflowId,
  connectionStart,
  crmAppointmentStart,
  decidedSignal,
  lookAgainSignal,
  parkedSignal,
  probeNowSignal,
  searchAttributes,
  SIGNAL_OF_FACT,
  undoStart,
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
    const source = sourceOfBooking(bookingId);
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
        ...connectionStart(connection, 'crm'),
        signal: parkedSignal,
        signalArgs: [{ reason }],
      });
    },
    sourceDown: async ({ connection, reason }) => {
      await client.workflow.signalWithStart('connection', {
        ...connectionStart(connection, 'source'),
        signal: parkedSignal,
        signalArgs: [{ reason }],
      });
    },
    crmAppointment: async (of) => {
      await client.workflow.signalWithStart('crmAppointment', {
        ...crmAppointmentStart(of),
        signal: lookAgainSignal,
        signalArgs: [],
      });
    },
    undo: async ({ undoId, ordinal }) => {
      const start = undoStart(undoId, ordinal);
      await client.workflow.start('undo', { ...start, workflowIdConflictPolicy: 'USE_EXISTING' });
    },
    probeNow: async ({ connection, role }) => {
      await client.workflow.signalWithStart('connection', {
        ...connectionStart(connection, role),
        signal: probeNowSignal,
        signalArgs: [],
      });
    },
    ensureConnection: async (connection) => {
      await client.workflow.start('connection', {
        ...connectionStart(connection, 'crm'),
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
    },
  };
}
