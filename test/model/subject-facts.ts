/**
 * Facts as worker/placing.ts and activities/decide-booking.ts make them of events and decisions; a person's name stands for their id.
 */
import type { Fact } from '../../domain/facts';
import type { SourceEvent } from '../../integrations/ports';
import { nameOf } from './source-events';
import type { DecidedHere } from './world';

interface Made {
  readonly id: string;
  readonly atMs: number;
}

export function factOf(event: SourceEvent, { id, atMs }: Made): Fact {
  return {
    id,
    type: event.type,
    uid: event.uid,
    predecessorUid: event.predecessorUid === event.uid ? null : event.predecessorUid,
    ancestry: event.ancestry,
    slot: event.slot,
    sequence: event.sequence,
    eventType: event.eventType,
    receivedAtMs: atMs,
    personId: nameOf(event.guest),
    hostId: nameOf(event.host),
    aboutPersonId: nameOf(event.about),
    readAtMs: event.readAtMs,
    ...(event.calledOffBy && { calledOffBy: event.calledOffBy }),
    by: 'source',
    decision: null,
  };
}

export function decisionFactOf({ uid, decision }: DecidedHere, { id, atMs }: Made): Fact {
  const waits = decision === 'keep_waiting';
  return {
    id,
    type: waits ? 'hold_decided' : 'outcome_decided',
    uid,
    predecessorUid: null,
    ancestry: [],
    slot: null,
    sequence: null,
    eventType: null,
    receivedAtMs: atMs,
    personId: null,
    hostId: null,
    aboutPersonId: null,
    readAtMs: null,
    by: 'operator',
    decision: waits
      ? { kind: 'hold', action: 'keep_waiting' }
      : { kind: 'outcome', outcome: decision.outcome, ...(decision.slot && { slot: decision.slot }) },
  };
}
