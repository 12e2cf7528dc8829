/**
 * All activities over their dependencies. `workflows/` imports the type only.
 */
import { createCloseBooking } from './close-booking';
import { createProbeConnection, createWakeParked } from './connection-health';
import { createDecideTask, createReassignTask } from './decide-task';
import type { ActivityDeps } from './deps';
import { createParkBooking } from './park-booking';
import { createRecord } from './record';
import { createSendMessage } from './send-message';
import { createSyncCrm } from './sync-crm';

export function createActivities(deps: ActivityDeps) {
  return {
    record: createRecord(deps),
    sendMessage: createSendMessage(deps),
    closeBooking: createCloseBooking(deps),
    parkBooking: createParkBooking(deps),
    decideTask: createDecideTask(deps),
    assignTask: createReassignTask(deps),
    probeConnection: createProbeConnection(deps),
    wakeParked: createWakeParked(deps),
    syncCrm: createSyncCrm(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
