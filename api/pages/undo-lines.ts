/**
 * What an undo would do, record by record, in words: what we wrote, what the CRM holds now, what was there before.
 * Invariant: a CRM is asked about the first records only and within a bound; what was not read is said to be not read, and kinds that
 * are not known here are shown by what their plan says.
 */
import type { DealPlace, UndoItem, UndoPlan } from '../../domain/undo';
import { judgeUndo } from '../../domain/undo';
import type { Crm, OpportunitySnapshot } from '../../integrations/ports';
import { within } from '../within';
import type { ConsoleDeps } from './console';
import type { UndoChange, UndoLine } from './views/undo-view';

const READ_RECORDS = 20;
const CRM_WITHIN_MS = 800;

type Revert = Extract<UndoPlan, { kind: 'revert' }>;

export async function undoLines(deps: Pick<ConsoleDeps, 'crm'>, items: readonly UndoItem[]): Promise<UndoLine[]> {
  return Promise.all(items.map((item, index) => lineOf(item, index < READ_RECORDS ? deps.crm(item.connection) : null)));
}

async function lineOf(item: UndoItem, crm: Crm | null): Promise<UndoLine> {
  const { bookingId, connection, type, crmId, plan } = item;
  const record = { bookingId, connection, type, crmId };
  if (plan.kind === 'leave') return { ...record, changes: [], end: 'stays', what: plan.why };
  if (plan.kind !== 'revert') return { ...record, changes: namesIn(plan), end: 'back', what: wordsIn(plan) };
  const now = await readDeal(crm, crmId);
  return { ...record, changes: changesOf(plan, now), ...endOf(plan, now) };
}

/** 'away': not read. Null: the CRM has no such record any more. */
type Now = OpportunitySnapshot | null | 'away';

async function readDeal(crm: Crm | null, crmId: string): Promise<Now> {
  if (crm === null) return 'away';
  try {
    const call = { operationKey: `console/undo/${crmId}`, signal: AbortSignal.timeout(CRM_WITHIN_MS) };
    return await within(CRM_WITHIN_MS, crm.readOpportunity(crmId, call));
  } catch {
    return 'away';
  }
}

/** The stage; the pipeline where it is another one. */
function changesOf({ expect, restore }: Revert, now: Now): UndoChange[] {
  const there = now === 'away' ? null : now;
  const change = (field: keyof DealPlace): UndoChange => ({
    ...{ field, ours: expect[field], before: restore[field] },
    now: there === null ? (now === 'away' ? null : 'gone') : (there[field] ?? 'none'),
  });
  const isMoved =
    expect.pipelineId !== restore.pipelineId || (there !== null && there.pipelineId !== expect.pipelineId);
  return [change('stageId'), ...(isMoved ? [change('pipelineId')] : [])];
}

function endOf(plan: Revert, now: Now): Pick<UndoLine, 'end' | 'what'> {
  if (now === 'away') return { end: 'back', what: IF_OURS };
  const verdict = judgeUndo(plan, now);
  switch (verdict.kind) {
    case 'revert':
      return { end: 'back', what: 'The CRM still holds what we wrote.' };
    case 'done':
      return { end: 'back', what: 'It stands there already; only our own record of it changes.' };
    case 'conflict':
      return { end: 'asked', what: `${verdict.why}: it stays where it is, and a task asks.` };
    case 'leave':
      return { end: 'stays', what: verdict.why };
  }
}

const IF_OURS = 'Where the CRM still holds what we wrote; else it stays, and a task asks.';

/** Of a plan whose values are not told: names of fields, and its own words. */
function namesIn(plan: object): UndoChange[] {
  const names: unknown = 'fields' in plan ? plan.fields : [];
  const fields = Array.isArray(names) ? names.map(String) : [];
  return fields.map((field) => ({ field, ours: null, now: null, before: null }));
}

const wordsIn = (plan: object): string =>
  'words' in plan && typeof plan.words === 'string' ? `${plan.words}. ${IF_OURS}` : IF_OURS;
