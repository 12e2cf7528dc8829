/**
 * What an undo would do, record by record, in words: what we wrote, what the CRM holds now, what was there before.
 * Invariant: a CRM is asked about the first records only and within a bound; what was not read is said to be not read.
 */
import type { DealPlace, UndoItem, UndoPlan } from '../../domain/undo';
import { judgeUndo } from '../../domain/undo';
import type { Crm, OpportunitySnapshot } from '../../integrations/ports';
import { within } from '../within';
import type { ConsoleDeps } from './console';
import { fieldsShown, type Ask } from './undo-fields';
import { IF_OURS, STANDS_ALREADY, STILL_OURS, type UndoChange, type UndoLine } from './views/undo-view';

const READ_RECORDS = 20;
const CRM_WITHIN_MS = 800;

type Revert = Extract<UndoPlan, { kind: 'revert' }>;

export async function undoLines(deps: ConsoleDeps, items: readonly UndoItem[]): Promise<UndoLine[]> {
  let read = 0;
  return Promise.all(
    items.map((item) => {
      const isRead = item.plan.kind !== 'leave' && (read += 1) <= READ_RECORDS;
      return lineOf(deps, item, asking(isRead ? deps.crm(item.connection) : null, item.crmId));
    }),
  );
}

function asking(crm: Crm | null, crmId: string): Ask {
  return async (call) => {
    if (crm === null) return 'away';
    try {
      const signal = AbortSignal.timeout(CRM_WITHIN_MS);
      return await within(CRM_WITHIN_MS, call(crm, { operationKey: `console/undo/${crmId}`, signal }));
    } catch {
      return 'away';
    }
  };
}

async function lineOf(deps: ConsoleDeps, item: UndoItem, ask: Ask): Promise<UndoLine> {
  const { bookingId, connection, type, crmId, plan } = item;
  const record = { bookingId, connection, type, crmId };
  if (plan.kind === 'leave') return { ...record, changes: [], end: 'stays', what: plan.why };
  if (plan.kind === 'fields') return { ...record, ...(await fieldsShown(deps, { ...item, plan }, ask)) };
  const now = await ask((crm, call) => crm.readOpportunity(crmId, call));
  return { ...record, changes: changesOf(plan, now), ...endOf(plan, now) };
}

/** 'away': not read. Null: the CRM has no such record any more. */
type Now = OpportunitySnapshot | null | 'away';

/** The stage; the pipeline where it is another one. */
function changesOf({ expect, restore }: Revert, now: Now): UndoChange[] {
  const there = now === 'away' ? null : now;
  const change = (field: string, of: keyof DealPlace): UndoChange => ({
    field,
    ours: expect[of],
    before: restore[of],
    now: there === null ? (now === 'away' ? null : 'gone') : (there[of] ?? 'none'),
  });
  const isMoved =
    expect.pipelineId !== restore.pipelineId || (there !== null && there.pipelineId !== expect.pipelineId);
  return [change('Stage', 'stageId'), ...(isMoved ? [change('Pipeline', 'pipelineId')] : [])];
}

function endOf(plan: Revert, now: Now): Pick<UndoLine, 'end' | 'what'> {
  if (now === 'away') return { end: 'back', what: IF_OURS };
  const verdict = judgeUndo(plan, now);
  switch (verdict.kind) {
    case 'revert':
      return { end: 'back', what: STILL_OURS };
    case 'done':
      return { end: 'back', what: STANDS_ALREADY };
    case 'conflict':
      return { end: 'asked', what: `${verdict.why}: it stays where it is, and a task asks.` };
    case 'leave':
      return { end: 'stays', what: verdict.why };
  }
}
