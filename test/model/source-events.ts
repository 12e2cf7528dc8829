/**
 * What the adapter makes of Cal.com's webhooks and of the rows that its API shows.
 * Invariant: equal to what integrations/calcom reads from the same webhook or row, without texts; source-events.test.ts compares them.
 */
import type { SourceFactType } from '../../domain/facts';
import type { SourceEvent, SourcePerson } from '../../integrations/ports';
import { statusShown, type Hook, type Row, type Trigger } from './calcom';

const TYPES: Readonly<Record<Trigger, SourceFactType>> = {
  BOOKING_CREATED: 'scheduled',
  BOOKING_REQUESTED: 'requested',
  BOOKING_PAYMENT_INITIATED: 'payment_pending',
  BOOKING_PAID: 'paid',
  BOOKING_RESCHEDULED: 'rescheduled',
  BOOKING_CANCELLED: 'canceled',
  BOOKING_REJECTED: 'rejected',
  BOOKING_NO_SHOW_UPDATED: 'no_show',
  AFTER_GUESTS_CAL_VIDEO_NO_SHOW: 'no_show_suspected',
  AFTER_HOSTS_CAL_VIDEO_NO_SHOW: 'host_no_show',
  MEETING_ENDED: 'ended',
};

const persons = new Map<string, SourcePerson>();
const names = new Map<SourcePerson, string>();

/** Names in the model are short words; each is the local part of an address. */
export function personOf(name: string): SourcePerson {
  let person = persons.get(name);
  if (!person) {
    const nothing = { name: null, firstName: null, lastName: null, phone: null, zone: null, locale: null };
    person = { ...nothing, email: `${name}@example.com` };
    persons.set(name, person);
    names.set(person, name);
  }
  return person;
}

/** The name in the model of a person from `personOf`; null for nobody. */
export function nameOf(person: SourcePerson | null): string | null {
  return person === null ? null : (names.get(person) ?? null);
}

/** Field by field: this runs some twenty times a case, and spreading objects of many shapes costs as much as the fold. */
function event(type: SourceFactType, uid: string, more: Partial<SourceEvent>): SourceEvent {
  const said: SourceEvent = {
    type,
    uid,
    predecessorUid: more.predecessorUid ?? null,
    ancestry: more.ancestry ?? [],
    iCalUid: more.iCalUid ?? null,
    slot: more.slot ?? null,
    sequence: more.sequence ?? null,
    eventType: null,
    guest: more.guest ?? null,
    host: more.host ?? null,
    details: null,
    seat: more.seat ?? null,
    about: more.about ?? null,
    series: more.series ?? false,
    readAtMs: more.readAtMs ?? null,
    meaning: more.meaning ?? null,
  };
  return more.calledOffBy === undefined ? said : { ...said, calledOffBy: more.calledOffBy };
}

// ---------------------------------------------------------------- webhooks

const SERIES_ENDINGS: readonly SourceFactType[] = ['canceled', 'rejected', 'reschedule_requested'];

export function eventsOf(hook: Hook): SourceEvent[] {
  const { trigger, uid, slot } = hook;
  const meaning = `${trigger}|${uid}|${slot.startMs}`;
  switch (trigger) {
    case 'BOOKING_NO_SHOW_UPDATED':
      return [event(hook.mark!.absent ? 'no_show' : 'no_show_reverted', uid, { about: personOf(hook.mark!.email) })];
    case 'MEETING_ENDED':
      return [event('ended', uid, { iCalUid: hook.iCalUid, meaning })];
    case 'AFTER_GUESTS_CAL_VIDEO_NO_SHOW':
    case 'AFTER_HOSTS_CAL_VIDEO_NO_SHOW':
      return [event(TYPES[trigger], uid, { meaning })];
    default:
      return bookingEvents(hook, meaning);
  }
}

function bookingEvents(hook: Hook, prefix: string): SourceEvent[] {
  const { uid, slot, sequence } = hook;
  const type = hook.requestReschedule ? 'reschedule_requested' : TYPES[hook.trigger];
  const host = personOf(hook.host);
  const wholeMove = hook.rescheduleUid === uid;
  const predecessorUid = wholeMove ? null : hook.rescheduleUid;
  const series = hook.recurring && (SERIES_ENDINGS.includes(type) || (type === 'scheduled' && hook.optIn));
  const meaningOf = (who: string): string => `${prefix}|${type}|${who}|${sequence}`;
  // In the model guests cancel; a host asks for another time.
  const calledOff = type === 'canceled' ? ({ calledOffBy: 'guest' } as const) : {};
  if (!hook.seats) {
    const { email } = hook.attendees[0]!;
    const guest = personOf(email);
    const meaning = meaningOf(email);
    const own = { slot, sequence, host, predecessorUid, series, iCalUid: hook.iCalUid, guest, meaning };
    return [event(type, uid, { ...own, ...calledOff })];
  }
  if (wholeMove) return [event(type, uid, { slot, sequence, host, series })];
  const alone = hook.attendees.length === 1;
  return hook.attendees.map(({ email, seatId }) => {
    const seat = { id: alone ? seatId : null };
    const meaning = type === 'canceled' && seat.id === null ? null : meaningOf(seat.id ?? email);
    const guest = personOf(email);
    return event(type, uid, { slot, sequence, host, predecessorUid, series, seat, guest, meaning, ...calledOff });
  });
}

// ---------------------------------------------------------------- reads

const READ_TYPES: Readonly<Record<Row['status'], SourceFactType>> = {
  accepted: 'scheduled',
  pending: 'requested',
  cancelled: 'canceled',
  rejected: 'rejected',
};

/** How the API is read: when, in which step of the world, and whether it still shows what was before a change of this step. */
export interface Reading {
  readonly atMs: number;
  readonly tick: number;
  readonly lying: boolean;
}

/** A row that was moved away waits for its successor; the wish for a new time looks like a plain cancellation. */
function typeOfRow(row: Row, status: Row['status']): SourceFactType {
  if (status === 'cancelled' && row.to !== null) return 'reschedule_requested';
  return status === 'accepted' && row.from !== null ? 'rescheduled' : READ_TYPES[status];
}

export function readEventsOf(row: Row, reading: Reading): SourceEvent[] {
  const status = statusShown(row, reading.tick, reading.lying);
  const { atMs: readAtMs } = reading;
  const meaning = (type: SourceFactType, who: string): string => `${row.uid}|${type}|${who}|${readAtMs}`;
  const type = typeOfRow(row, status);
  if (row.attendees.length === 0) {
    const lone = { slot: row.slot, host: personOf(row.host), predecessorUid: row.from, iCalUid: row.iCalUid, readAtMs };
    return [event(type, row.uid, { ...lone, meaning: meaning(type, '') })];
  }
  const host = personOf(row.host);
  const { slot, from: predecessorUid } = row;
  const lives = row.attendees.slice(0, row.kind === 'seats' ? undefined : 1).map(({ email, seatId }) => {
    const seat = seatId === null ? null : { id: seatId };
    const iCalUid = seat ? null : row.iCalUid;
    const [guest, said] = [personOf(email), meaning(type, email)];
    return event(type, row.uid, { predecessorUid, slot, host, guest, readAtMs, iCalUid, seat, meaning: said });
  });
  const isDecidable = status === 'accepted' && slot.startMs <= readAtMs;
  const marks = row.attendees
    .filter(({ absent }) => absent || isDecidable)
    .sort((a, b) => Number(a.absent) - Number(b.absent))
    .map(({ email, seatId, absent }) => {
      const mark = absent ? 'no_show' : 'no_show_reverted';
      const about = personOf(email);
      const said = meaning(mark, email);
      if (seatId === null) return event(mark, row.uid, { about, readAtMs, meaning: said });
      return event(mark, row.uid, { about, guest: about, seat: { id: seatId }, readAtMs, meaning: said });
    });
  const absentHost = row.absentHost
    ? [event('host_no_show', row.uid, { readAtMs, meaning: meaning('host_no_show', '') })]
    : [];
  return [...lives, ...marks, ...absentHost];
}
