/**
 * connection: one per CRM connection. While the CRM is down it probes, alone; when it is back it wakes every parked booking.
 * Invariant: a booking that parked is always followed by a probe after it, so none is left behind.
 */
import { condition, continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { minuteOf } from '../domain/deadlines';
import { connectionHealth } from './activity-options';
import * as contract from './contract';

const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 5 * 60_000;

export async function connection(input: contract.ConnectionInput): Promise<never> {
  const { probeConnection, wakeParked } = connectionHealth(input.connection);
  // A fresh run probes at once: it may follow a lost one, with bookings parked before.
  let somebodyParked = true;
  let probeNow = false;
  let downSinceMs: number | null = null;
  let probes = 0;

  setHandler(contract.parkedSignal, () => void (somebodyParked = true), { description: 'A booking was parked' });
  setHandler(contract.probeNowSignal, () => void (probeNow = true), { description: 'Probe now' });
  setHandler(
    contract.connectionViewQuery,
    (): contract.ConnectionView => ({ state: downSinceMs === null ? 'up' : 'down', sinceMs: downSinceMs, probes }),
    { description: 'Up or down, and since when' },
  );

  for (;;) {
    await condition(() => somebodyParked || probeNow);
    let waitMs = FIRST_WAIT_MS;
    for (;;) {
      somebodyParked = false;
      probeNow = false;
      probes += 1;
      const result = await probeConnection.executeWithOptions({ summary: `Probe ${input.connection}` }, [input]);
      if (result.ok) break;
      downSinceMs ??= Date.now();
      setCurrentDetails(`**down** since ${minuteOf(downSinceMs)} (${result.reason}), probed ${probes} times`);
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof connection>(input);
      const summary = `Probe ${input.connection} again, ${minuteOf(Date.now() + waitMs)}`;
      await condition(() => probeNow, waitMs, { summary });
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
    downSinceMs = null;
    setCurrentDetails('**up**');
    await wakeParked.executeWithOptions({ summary: 'Wake parked bookings' }, [input]);
    if (workflowInfo().continueAsNewSuggested && !somebodyParked) await continueAsNew<typeof connection>(input);
  }
}
