/** What of the ledger goes back, to what, and what is left. */
import {
  askedUndo,
  judgeUndo,
  MAPPED_KINDS,
  planUndo,
  undoSubject,
  undoWords,
  type LedgerLine,
  type UndoPlan,
} from '../../domain/undo';

const at = (stageId: string, pipelineId = 'sales') => ({ pipelineId, stageId });
let count = 0;
const aLine = (action: string, given: Partial<LedgerLine> = {}): LedgerLine => ({
  id: String((count += 1)),
  bookingId: 'calcom/a',
  connection: 'hub',
  type: 'opportunity',
  action,
  crmId: '1',
  before: null,
  after: null,
  ...given,
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

describe('records whose fields go back one by one', () => {
  const shown = (status: string, startMs = 0) => ({ status, startMs, endMs: startMs + 60_000 });
  const updated = (from: string, to: string, more: object = {}) =>
    aLine('update', { type: 'appointment', before: shown(from), after: { ...shown(to), ...more } });

  test('an appointment names its time, its outcome, and what else is sealed', () => {
    const line = aLine('update', {
      type: 'appointment',
      before: shown('scheduled'),
      after: { ...shown('canceled', 1_000), words: ['title', 'owner'] },
    });
    expect(planFor([line], [line])).toEqual({
      kind: 'fields',
      how: 'restore',
      fields: ['outcome', 'time', 'title', 'owner'],
      words: 'outcome canceled → scheduled, time, title, owner',
    });
  });

  test('one that was made here is canceled, with everything that was written to it since', () => {
    const lines = [aLine('create', { type: 'appointment', after: shown('scheduled') }), updated('scheduled', 'showed')];
    const [item] = planUndo(lines, ids(...lines));
    expect(item?.plan).toMatchObject({ kind: 'fields', how: 'cancel' });
    expect(item?.writeIds).toEqual(lines.map(({ id }) => id));
    expect(planFor(lines, [lines[1]!])).toMatchObject({ how: 'restore', words: 'outcome showed → scheduled' });
  });

  test('what a person changed there is a border, and no write of ours', () => {
    const [first, second] = [updated('scheduled', 'showed'), updated('no_show', 'canceled')];
    const theirs = aLine('changed_there', { type: 'appointment', before: shown('showed'), after: shown('no_show') });
    const lines = [first, theirs, second, aLine('own_write', { type: 'appointment' })];
    const [item] = planUndo(lines, ids(...lines));
    expect(item).toMatchObject({ writeIds: [second.id], plan: { words: 'outcome canceled → no_show' } });
    expect(planUndo([first, theirs], ids(first, theirs))[0]?.writeIds).toEqual([first.id]);
  });

  test.each([
    [
      'a person who was made here',
      [
        ['create', null],
        ['capture', null],
      ],
      /nothing is deleted/,
    ],
    ['a person of whom nobody wrote down what was there', [['link', { filled: ['phone'] }]], /not written down/],
    ['a surplus appointment', [['cancel_surplus', null]], /surplus/],
    ['anything else', [['update', null]], /not taken back/],
  ] as const)('%s is left, and why', (what, actions, why) => {
    const type = what.includes('person') ? 'person' : what.includes('appointment') ? 'appointment' : 'something';
    const lines = actions.map(([action, after]) => aLine(action, { type, after }));
    expect(planFor(lines, lines)).toMatchObject({ kind: 'leave', why: expect.stringMatching(why) as unknown });
  });

  test('a person’s fields, a lead’s status and tags, and a note say what would go back', () => {
    const person = aLine('link', { type: 'person', after: { filled: ['phone'], words: ['phone'] } });
    expect(planFor([person], [person])).toMatchObject({ how: 'restore', words: 'phone' });
    const lead = aLine('update', {
      type: 'lead',
      before: { values: { state: 'met' } },
      after: { values: { state: 'lost' }, added: ['no-show'], removed: ['booked'] },
    });
    expect(planFor([lead], [lead])).toMatchObject({ fields: ['state', 'tag no-show', 'tag booked'] });
    const note = aLine('create', { type: 'note', after: { says: 'showed' } });
    expect(planFor([note], [note])).toMatchObject({
      how: 'amend',
      words: expect.stringMatching(/no longer/) as unknown,
    });
  });

  test('of a mapping, what it does not decide is left until its kind is named', () => {
    const lines = [moved('new', 'lost'), updated('scheduled', 'canceled')];
    const plans = planUndo(lines, ids(...lines), MAPPED_KINDS).map(({ plan }) => plan);
    expect(plans).toMatchObject([
      { kind: 'revert' },
      { kind: 'leave', why: expect.stringMatching(/name the kind/) as unknown },
    ]);
    expect(undoWords(plans[0]!)).toBe('lost → new');
  });
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
  const found = aLine('link', { type: 'person', after: { matchedOn: 'email', filled: [] } });
  const nothing = [aLine('adopt'), aLine('undo'), found];
  expect(planUndo(nothing, ids(...nothing))).toEqual([]);
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

test('a task names the record and the run that it asks about', () => {
  const run = { undoId: 'run-1', ordinal: 2 };
  const about = undoSubject({ connection: 'hub', type: 'lead', crmId: '7' });
  expect(about).toBe('undo-hub/lead/7');
  expect(askedUndo({ about, evidence: { ...run, fields: ['state'] } })).toEqual({ ...run, shown: null });
  const deal = undoSubject({ connection: 'hub', type: 'opportunity', crmId: '7' });
  expect(deal).toBe('undo-hub/7');
  expect(askedUndo({ about: deal, evidence: { ...run, crm: at('won') } })).toEqual({ ...run, shown: at('won') });
  expect(askedUndo({ about: deal, evidence: run })).toBeNull();
  expect(askedUndo({ about: 'hub:slot', evidence: { ...run, fields: [] } })).toBeNull();
});
