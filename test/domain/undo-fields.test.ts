/** What of a record's fields goes back, and what is asked about. */
import {
  appointmentHeld,
  appointmentValues,
  changesOf,
  fieldWriteOf,
  judgeCancel,
  isTag,
  judgeFields,
  leadHeld,
  personHeld,
  slotIn,
  tagValues,
  type FieldValues,
} from '../../domain/undo-fields';

const AT_MS = Date.UTC(2026, 10, 24, 17);
const [open, asked] = [{ decided: false }, { decided: true }];
const names = (changes: readonly { field: string }[]) => changes.map(({ field }) => field);

test('a write is what it changed: times and outcomes in the clear, the rest as it was sealed', () => {
  const before = { status: 'scheduled', startMs: AT_MS, endMs: AT_MS + 60_000, rest: 'x' };
  const line = { type: 'appointment', before, after: { ...before, status: 'showed', rest: 'y' } };
  const words = { before: { title: 'Theirs' }, after: { title: 'Ours' } };
  expect(fieldWriteOf(line, words)).toEqual({
    before: { outcome: 'scheduled', title: 'Theirs' },
    after: { outcome: 'showed', title: 'Ours' },
  });
  // Nobody knew what was there before: nothing can go back to it.
  expect(fieldWriteOf({ ...line, before: null }, null)).toEqual({ before: {}, after: {} });
});

test('of a lead, what a person had put there is restored, and only a tag that was given or taken here', () => {
  const line = {
    type: 'lead',
    before: { values: { state: 'met' }, tags: ['met'] },
    after: { values: { state: 'lost' }, tags: ['lost', 'vip'], added: ['lost'], removed: ['met'] },
  };
  const tags = { 'tag lost': null, 'tag met': 'on' };
  expect(fieldWriteOf(line, null).before).toEqual({ state: 'met', ...tags });
  const words = { before: { state: 'Call her!' }, after: { state: 'lost' } };
  expect(fieldWriteOf(line, words).before).toEqual({ state: 'Call her!', ...tags });
  expect(tagValues([' LOST ', 'vip'], ['state', 'tag lost', 'tag met'])).toEqual({ 'tag lost': 'on', 'tag met': null });
});

test('several writes are one change from what the last one left to what was there first; none is left of one to and fro', () => {
  const to = (from: string | null, state: string | null) => ({ before: { state: from }, after: { state } });
  expect(changesOf([to(null, 'a'), to('a', 'b')])).toEqual([{ field: 'state', expect: 'b', restore: null }]);
  expect(changesOf([to('a', 'b'), to('b', 'a')])).toEqual([]);
});

describe('a record as the CRM shows it', () => {
  const changes = [
    { field: 'outcome', expect: 'canceled', restore: 'scheduled' },
    { field: 'phone', expect: '+12025550143', restore: null },
  ];
  const judged = (now: FieldValues, how = open) => {
    const { back, held } = judgeFields(changes, now, how);
    return [names(back), names(held)];
  };

  test('goes back where it holds what we wrote, also where the CRM writes it in its own way', () => {
    expect(judged({ outcome: 'canceled', phone: '(202) 555-0143' })).toEqual([['outcome', 'phone'], []]);
  });
  test('needs nothing where it is as before', () => {
    expect(judged({ outcome: 'scheduled' })).toEqual([[], []]);
  });
  test('is asked about where somebody changed it, and goes back once a person decided so', () => {
    expect(judged({ outcome: 'showed', phone: '+12025550143' })).toEqual([['phone'], ['outcome']]);
    expect(judged({ outcome: 'showed', phone: '+12025550199' }, asked)).toEqual([['outcome', 'phone'], []]);
  });
});

test('an appointment that was made here is canceled unless somebody moved or marked it', () => {
  const written = appointmentValues({ status: 'scheduled', startMs: AT_MS, endMs: null });
  const cancel = (now: FieldValues, how = open) => {
    const { back, held } = judgeCancel(written, now, how);
    return [names(back), names(held)];
  };
  expect(cancel(written)).toEqual([['outcome'], []]);
  expect(cancel({ ...written, outcome: 'canceled' })).toEqual([[], []]);
  expect(cancel({ ...written, time: 'later' })).toEqual([[], ['time']]);
  expect(cancel({ ...written, outcome: 'showed' }, asked)).toEqual([['outcome'], []]);
});

test('a time is read as it was written down', () => {
  const { time } = appointmentValues({ startMs: AT_MS + 500, endMs: AT_MS + 60_000 });
  expect(slotIn(time!)).toEqual({ startMs: AT_MS, endMs: AT_MS + 60_000 });
  expect(slotIn(appointmentValues({ startMs: AT_MS }).time!)).toEqual({ startMs: AT_MS, endMs: null });
  expect(appointmentValues(null)).toEqual({});
});

describe('what a CRM holds now, under the names of the ledger', () => {
  const found = {
    archived: false,
    title: 'Call',
    ownerId: 'owner-1',
    status: 'showed',
    startMs: AT_MS,
    endMs: AT_MS + 60_000,
  };

  test('an appointment: outcome, time, title and owner', () => {
    expect(appointmentHeld(found)).toEqual({
      outcome: 'showed',
      time: '2026-11-24T17:00:00Z/2026-11-24T17:01:00Z',
      title: 'Call',
      owner: 'owner-1',
    });
    expect(appointmentHeld({ ...found, archived: true })).toBeNull();
    expect(appointmentHeld(null)).toBeNull();
  });
  test('a person, unless somebody else was found in their place', () => {
    const current = { email: 'jane@example.com', phone: null, firstName: 'Jane', lastName: 'Sample', company: 'Acme' };
    const { company: _company, ...held } = current;
    expect(personHeld('p1', { id: 'p1', current })).toEqual(held);
    expect(personHeld('p1', { id: 'p2', current })).toBeNull();
    expect(personHeld('p1', null)).toBeNull();
  });
  test('a lead: its values, and the tags that are asked for', () => {
    const lead = { values: { state: 'met' }, tags: ['vip', 'lost'] };
    expect(leadHeld(lead, ['state', 'tag lost', 'tag met'])).toEqual({
      state: 'met',
      'tag lost': 'on',
      'tag met': null,
    });
    expect(leadHeld(null, ['state'])).toBeNull();
    expect([isTag('tag lost'), isTag('state'), isTag('no tag ')]).toEqual([true, false, false]);
  });
  test('a time without an end, or without a start', () => {
    expect(slotIn('')).toEqual({ startMs: NaN, endMs: NaN });
    expect(appointmentHeld({ archived: false, title: null, ownerId: null })).toEqual({ title: null, owner: null });
  });
});

test('texts that differ in blanks only are the same, and an empty one is none', () => {
  const change = { field: 'title', expect: 'Ours', restore: null };
  const judged = (title: string | null) => judgeFields([change], { title }, open);
  expect(judged(' Ours ').back).toEqual([change]);
  expect(judged('  ')).toEqual({ back: [], held: [] });
  expect(judged('Theirs').held).toEqual([change]);
});
