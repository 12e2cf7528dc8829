/** F-wf: the least that a durable engine does for one event: one signal, one workflow task, one activity. */
import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

export const FLOOR_TASK_QUEUE = 'bench-floor';
export const arrivedSignal = defineSignal<[{ readonly uid: string }]>('arrived');

export interface FloorActivities {
  callCrm(uid: string): Promise<void>;
}

const { callCrm } = proxyActivities<FloorActivities>({ startToCloseTimeout: '1m' });

export async function floor(): Promise<void> {
  let uid: string | null = null;
  setHandler(arrivedSignal, (event) => void (uid = event.uid));
  await condition(() => uid !== null);
  if (uid !== null) await callCrm(uid);
}
