/**
 * connection: one per CRM connection, and one per source that was found down. It probes, alone; what a person has to mend is its one
 * task; when a CRM is back it wakes every parked booking.
 * Invariant: a booking that parked is always followed by a probe after it, so none is left behind.
 */
import { condition, continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { minuteOf } from '../domain/deadlines';
import { connectionHealth } from './activity-options';
import { endConnectionTasks, startConnectionTask } from './connection-tasks';
import * as contract from './contract';

const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 5 * 60_000;

export async function connection(input: contract.ConnectionInput): Promise<never> {
  const { probeConnection, wakeParked } = connectionHealth(input);
  // A fresh run probes at once: it may follow a lost one, with bookings parked before.
  let somebodyParked = true;
  let probeNow = false;
  let downSinceMs: number | null = null;
  let probes = 0;
  /** The task that this run has started. */
  let asked: string | null = null;

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
      const { connection: id } = input;
      const atOnce = probeNow;
      somebodyParked = false;
      probeNow = false;
      probes += 1;
      const result = await probeConnection.executeWithOptions({ summary: `Probe ${id}` }, [
        atOnce ? { connection: id, atOnce } : { connection: id },
      ]);
      if (result.ok) {
        asked = null;
        await endConnectionTasks(result.withdrawn ?? []);
        break;
      }
      downSinceMs ??= Date.now();
      setCurrentDetails(`**down** since ${minuteOf(downSinceMs)} (${result.reason}), probed ${probes} times`);
      if (result.task && result.task.id !== asked) {
        asked = result.task.id;
        await startConnectionTask(result.task);
      }
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof connection>(input);
      const restMs = Math.max(waitMs, (result.untilMs ?? 0) - Date.now());
      const summary = `Probe ${id} again, ${minuteOf(Date.now() + restMs)}`;
      await condition(() => probeNow, restMs, { summary });
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
    downSinceMs = null;
    setCurrentDetails('**up**');
    if (input.role !== 'source') await wakeParked.executeWithOptions({ summary: 'Wake parked bookings' }, [input]);
    if (workflowInfo().continueAsNewSuggested && !somebodyParked) await continueAsNew<typeof connection>(input);
  }
}
