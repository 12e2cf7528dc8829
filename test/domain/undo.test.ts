/** What of the ledger goes back, to what, and what is left. */
import { judgeUndo, planUndo, type LedgerLine, type UndoPlan } from '../../domain/undo';

const at = (stageId: string, pipelineId = 'sales') => ({ pipelineId, stageId });
let count = 0;
const aLine = (action: string, given: Partial<LedgerLine> = {}): LedgerLine => ({
  ...{ id: String((count += 1)), bookingId: 'calcom/a', connection: 'hub', type: 'opportunity', action, crmId: '1' },
  ...{ before: null, after: null, ...given },
});
const made = (stageId: string) => aLine('create', { after: at(stageId) });
const moved = (from: string, to: string, given: Partial<LedgerLine> = {}) =>
  aLine('move', { before: at(from), after: at(to), ...given });
const ids = (...lines: LedgerLine[]) => new Set(lines.map(({ id }) => id));
const planFor = (lines: LedgerLine[], selected: LedgerLine[]): UndoPlan | undefined =>
  planUndo(lines, ids(...selected))[0]?.plan;

test('a deal goes back to where it was before the write, which is ours where we had put it', () => {
  const [first, second] = [made('new'), moved('new', 'lost')];
  const expected = { kind: 'revert', expect: at('lost'), restore: at('new') };
  expect(planFor([first, second], [second])).toEqual({ ...expected, lastWritten: at('new') });
  const found = aLine('adopt', { after: { stageId: 'new' } });
  expect(planFor([found, second], [second])).toEqual({ ...expected, lastWritten: null });
});

test('several writes go back in one step, also those of other bookings of the same deal', () => {
  const lines = [moved('new', 'met'), moved('met', 'lost', { bookingId: 'calcom/b' })];
  const [item] = planUndo(lines, ids(...lines));
  expect(item).toMatchObject({ bookingId: 'calcom/b', writeIds: lines.map(({ id }) => id) });
  expect(item?.plan).toMatchObject({ expect: at('lost'), restore: at('new') });
});

test('of writes that others follow, none goes back; of those after the last other one, all', () => {
  const [first, second, third] = [moved('new', 'met'), moved('met', 'lost'), moved('lost', 'won')];
  const stands = { kind: 'leave', why: 'a later write of ours stands on it' };
  expect(planFor([first, second], [first])).toEqual(stands);
  const [item] = planUndo([first, second, third], ids(first, third));
  expect(item?.writeIds).toEqual([third.id]);
  expect(item?.plan).toMatchObject({ restore: at('lost'), lastWritten: at('lost') });
});

test('what was made stays, and the moves after it go back to where it was made', () => {
  const [first, second] = [made('new'), moved('new', 'lost')];
  expect(planFor([first], [first])).toEqual({ kind: 'leave', why: 'it was made here, and nothing is deleted' });
  expect(planFor([first, second], [first, second])).toMatchObject({ kind: 'revert', restore: at('new') });
});

test.each([
  ['an appointment', 'appointment', /shows the booking itself/],
  ['a person', 'person', /does not depend on the mapping/],
  ['a lead status', 'lead', /follows their bookings/],
  ['anything else', 'something', /not taken back/],
])('%s is left, and why', (_what, type, why) => {
  const line = aLine('update', { type, before: { status: 'scheduled' }, after: { status: 'canceled' } });
  expect(planFor([line], [line])).toMatchObject({ kind: 'leave', why: expect.stringMatching(why) as unknown });
});

test('a line of the time before pipelines were written down', () => {
  const old = aLine('move', { before: { stageId: 'new' }, after: { stageId: 'lost' } });
  expect(planFor([old], [old])).toEqual({ kind: 'leave', why: 'what was there before was not written down' });
  const half = aLine('move', { before: { stageId: 'new' }, after: at('lost') });
  expect(planFor([half], [half])).toMatchObject({ kind: 'revert', restore: at('new') });
});

test('records are told apart by connection, kind and id; what was not asked for is not in the plan', () => {
  const lines = [moved('a', 'b'), moved('a', 'b', { crmId: '2' }), moved('a', 'b', { connection: 'other' })];
  expect(planUndo(lines, ids(...lines))).toHaveLength(3);
  expect(planUndo(lines, ids(lines[1]!)).map(({ crmId }) => crmId)).toEqual(['2']);
  expect(planUndo([aLine('adopt'), aLine('undo')], new Set(['1']))).toEqual([]);
});

describe('a deal as the CRM shows it', () => {
  const plan = { kind: 'revert', expect: at('lost'), restore: at('new'), lastWritten: null } as const;
  const judged = (stageId: string, pipelineId = 'sales', archived = false) =>
    judgeUndo(plan, { stageId, pipelineId, archived });

  test('goes back while it stands where we put it', () => expect(judged('lost')).toEqual({ kind: 'revert' }));
  test('needs nothing where it stands as before', () => expect(judged('new')).toEqual({ kind: 'done' }));
  test.each([['won'], ['lost', 'service'], ['new', 'service']])(
    'is a conflict where a person put it: %s %s',
    (...to) => {
      expect(judged(...(to as [string]))).toEqual({ kind: 'conflict', why: 'a person changed it since' });
    },
  );
  test('is left when it is gone', () => {
    expect(judgeUndo(plan, null)).toMatchObject({ kind: 'leave' });
    expect(judged('lost', 'sales', true)).toEqual({ kind: 'leave', why: 'the record is gone' });
  });
});
