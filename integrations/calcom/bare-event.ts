/**
 * The event that only says that something happened to a uid: what every other one is built from.
 * Invariant: everything that is not said is null, empty or false.
 */
import type { SourceFactType } from '../../domain/facts';
import type { SourceEvent } from '../ports';

export function bareEvent(type: SourceFactType, uid: string): SourceEvent {
  return {
    type,
    uid,
    predecessorUid: null,
    ancestry: [],
    iCalUid: null,
    slot: null,
    sequence: null,
    eventType: null,
    guest: null,
    host: null,
    details: null,
    seat: null,
    about: null,
    series: false,
    readAtMs: null,
    meaning: null,
  };
}
