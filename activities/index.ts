/**
 * All activities over their dependencies. `workflows/` imports the type only.
 */
import { createBookCrmAppointment } from './book-crm-appointment';
import { createCheckMapping } from './check-mapping';
import { createCheckSubscription } from './check-subscription';
import { createCloseBooking } from './close-booking';
import { createProbeConnection, createWakeParked } from './connection-health';
import { createDecideTask, createReassignTask } from './decide-task';
import { createDecideBooking } from './decide-booking';
import type { ActivityDeps } from './deps';
import { createParkBooking } from './park-booking';
import { createPollLeads } from './poll-leads';
import { createPollSource } from './poll-source';
import { createReadBack } from './read-back';
import { createReadCrm } from './read-crm';
import { createRecord } from './record';
import { createSendMessage } from './send-message';
import { createSendWeeklyReport } from './send-weekly-report';
import { createSnoozeTask } from './snooze-task';
import { createSyncCrm } from './sync-crm';
import { createTellOwner } from './tell-owner';
import { createListUndo, createUndoRecord } from './undo-record';
import { createWriteSource } from './write-source';

export function createActivities(deps: ActivityDeps) {
  return {
    record: createRecord(deps),
    sendMessage: createSendMessage(deps),
    closeBooking: createCloseBooking(deps),
    parkBooking: createParkBooking(deps),
    decideTask: createDecideTask(deps),
    decideBooking: createDecideBooking(deps),
    assignTask: createReassignTask(deps),
    snoozeTask: createSnoozeTask(deps),
    tellOwner: createTellOwner(deps),
    probeConnection: createProbeConnection(deps),
    wakeParked: createWakeParked(deps),
    syncCrm: createSyncCrm(deps),
    readCrm: createReadCrm(deps),
    readBack: createReadBack(deps),
    writeSource: createWriteSource(deps),
    listUndo: createListUndo(deps),
    undoRecord: createUndoRecord(deps),
    pollSource: createPollSource(deps),
    pollLeads: createPollLeads(deps),
    checkSubscription: createCheckSubscription(deps),
    checkMapping: createCheckMapping(deps),
    bookCrmAppointment: createBookCrmAppointment(deps),
    sendWeeklyReport: createSendWeeklyReport(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
