import { CAL_TRIGGERS, readDelivery } from '../../../integrations/calcom/events';
import type { ReadDelivery, SourceEvent } from '../../../integrations/ports';
import { fixtureBytes, fixtureWith } from './fixtures';

const UID = 'fixTessFirst0000000001';
const START_MS = Date.parse('2027-03-16T16:00:00Z');

const read = (body: Buffer | string, headers: Record<string, string> = {}): ReadDelivery =>
  readDelivery(Buffer.from(body), headers);

function onlyEvent(body: Buffer): SourceEvent {
  const result = read(body);
  if (result.kind !== 'events') throw new Error(`expected events, got ${result.kind}: ${result.reason}`);
  expect(result.events).toHaveLength(1);
  return result.events[0] as SourceEvent;
}

function reasonOf(result: ReadDelivery): string {
  if (result.kind !== 'unreadable') throw new Error(`expected an unreadable delivery, got ${result.kind}`);
  return result.reason;
}

const created = (payload: Readonly<Record<string, unknown>>): Buffer => fixtureWith('BOOKING_CREATED', payload);

describe('deliveries that nobody can act on', () => {
  it.each(['PING', 'BOOKING_TELEPORTED', 'constructor', '__proto__', 'toString'])(
    'ignores the unknown trigger %s',
    (trigger) => {
      expect(read(JSON.stringify({ triggerEvent: trigger, payload: {} }))).toEqual({
        kind: 'ignored',
        trigger,
        reason: 'unknown trigger',
      });
    },
  );

  it('keeps an unknown payload version as unreadable, to be replayed when it is understood', () => {
    const result = read(fixtureBytes('BOOKING_CREATED'), { 'x-cal-webhook-version': '2027-01-01' });
    expect(result.trigger).toBe('BOOKING_CREATED');
    expect(reasonOf(result)).toContain('unknown payload version');
    expect(reasonOf(result)).not.toContain('2027-01-01');
  });

  it.each([
    ['no bytes', Buffer.alloc(0), 'expected JSON'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'UTF-8'],
    ['text that is not JSON', Buffer.from('{"triggerEvent":'), 'expected JSON'],
    ['a list', Buffer.from('[]'), 'found an array'],
    ['a bare value', Buffer.from('null'), 'found a bare value'],
    ['no trigger', Buffer.from('{}'), 'triggerEvent'],
    ['a trigger that is a sentence', Buffer.from('{"triggerEvent":"Tess booked a call"}'), 'triggerEvent'],
    ['100,000 nested lists', Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)), 'nesting'],
    ['100,000 nested objects that never end', Buffer.from('{"a":'.repeat(100_000)), 'nesting'],
  ])('finds %s unreadable', (_title, body, words) => {
    expect(reasonOf(read(body))).toContain(words);
  });

  it('finds deep nesting unreadable wherever it hides, and brackets inside a text harmless', () => {
    const deep: unknown = JSON.parse('['.repeat(500) + ']'.repeat(500));
    expect(reasonOf(read(created({ customInputs: deep })))).toContain('nesting');
    expect(onlyEvent(created({ additionalNotes: `\\"${'['.repeat(500)}` })).type).toBe('scheduled');
  });

  it('says that it found a form', () => {
    const result = read('triggerEvent=BOOKING_CREATED&uid=1', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(reasonOf(result)).toBe('body: expected JSON, found a form');
  });

  it.each([
    ['a missing uid', { uid: undefined }, 'payload.uid'],
    ['an empty uid', { uid: '' }, 'payload.uid'],
    ['a uid of 256 characters', { uid: 'u'.repeat(256) }, 'payload.uid'],
    ['a uid whose bytes would not fit into a workflow id', { uid: '予'.repeat(200) }, 'payload.uid'],
    ['a uid with a control character', { uid: 'a\u0000b' }, 'payload.uid'],
    ['a uid with a line break', { uid: 'a\nb' }, 'payload.uid'],
    ['a uid with a lone surrogate', { uid: 'a\ud800b' }, 'payload.uid'],
    ['a uid that is a number', { uid: 7 }, 'payload.uid'],
    ['an unusable predecessor', { rescheduleUid: 'a\u0007' }, 'payload.rescheduleUid'],
    ['a start without offset', { startTime: '2027-03-16T16:00:00' }, 'payload.startTime'],
    ['a start on 30 February', { startTime: '2027-02-30T16:00:00Z' }, 'payload.startTime'],
    ['a start far out of any calendar', { startTime: '9999-01-01T00:00:00Z' }, 'payload.startTime'],
    ['a start that is a number', { startTime: START_MS }, 'payload.startTime'],
    ['an end at the start', { endTime: '2027-03-16T16:00:00Z' }, 'payload.endTime'],
    ['attendees that are no list', { attendees: {} }, 'payload.attendees'],
    ['an attendee without e-mail', { attendees: [{ name: 'Tess' }] }, 'payload.attendees[0].email'],
    ['1,001 attendees', { attendees: Array(1001).fill(0) }, 'payload.attendees'],
    ['an organizer that is a text', { organizer: 'Hanna' }, 'payload.organizer'],
  ])('finds %s unreadable and names the place', (_title, payload, path) => {
    const result = read(created(payload));
    expect(result.trigger).toBe('BOOKING_CREATED');
    expect(reasonOf(result).split(':')[0]).toBe(path);
  });

  it('accepts a uid of exactly 255 characters', () => {
    expect(onlyEvent(created({ uid: 'u'.repeat(255) })).uid).toHaveLength(255);
  });

  it.each(CAL_TRIGGERS)('finds a %s without its payload unreadable', (trigger) => {
    const result = read(JSON.stringify({ triggerEvent: trigger, createdAt: '2027-01-01T00:00:00.000Z' }));
    expect(result).toMatchObject({ kind: 'unreadable', trigger });
  });

  it.each([
    ['no attendee', { attendees: [] }, 'payload.attendees'],
    [
      'a mark that is a word',
      { attendees: [{ email: 'a@example.com', noShow: 'yes' }] },
      'payload.attendees[0].noShow',
    ],
    ['a uid under the wrong name', { bookingUid: undefined, uid: UID }, 'payload.bookingUid'],
  ])('finds a no-show update with %s unreadable', (_title, payload, path) => {
    expect(reasonOf(read(fixtureWith('BOOKING_NO_SHOW_UPDATED', payload))).split(':')[0]).toBe(path);
  });

  it('never quotes a value in a reason', () => {
    const canary = 'canary-7f3a';
    const bodies = [
      created({ uid: `${canary}\n` }),
      created({ startTime: canary }),
      created({ attendees: [{ email: { [canary]: canary } }] }),
      created({ requestReschedule: canary }),
      created({ attendees: canary }),
      Buffer.from(`{"triggerEvent":"${canary} x","payload":{}}`),
      Buffer.from(`{"${canary}`),
    ];
    for (const body of bodies) expect(reasonOf(read(body))).not.toContain(canary);
  });
});
