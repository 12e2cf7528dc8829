/** A task of every kind, and of every form of evidence, as rows of one booking: for pages that show them; no workflow waits for a decision. */
import type { Db } from '../../db/pool';
import { openTask } from '../../db/tasks';
import { TASK_KINDS, type TaskKind } from '../../domain/tasks';
import { connectionTaskWorkflowId, taskWorkflowId } from '../../workflows/contract';

const CRM = 'hubspot-main';
const HOUR_MS = 3_600_000;
const slot = (startMs: number, status: string) => ({ status, startMs, endMs: startMs + HOUR_MS });
const place = (stageId: string) => ({ pipelineId: 'default', stageId });

type Sample = readonly [kind: TaskKind, about: string, evidence: Readonly<Record<string, unknown>>];

const samples = (nowMs: number): readonly Sample[] => [
  ['match_contact', CRM, { candidates: [{ id: '101', agrees: ['name'], differs: ['email'] }, '102'] }],
  ['match_contact', 'ghl-main', { candidates: [] }],
  ['no_show_review', 'outcome', { slotEndMs: nowMs - HOUR_MS }],
  ['crm_refused', CRM, { errorClass: 'invalid_data', fields: ['phone'], status: 400 }],
  ['stale_reschedule', 'hold', { sinceMs: nowMs - 72 * HOUR_MS }],
  ['source_refused', 'source', { errorClass: 'invalid_data', status: 400 }],
  ['message_unknown', 'reminder', { reason: 'no answer (timeout)' }],
  ['reauthorize', CRM, { reason: 'reauth_required' }],
  [
    'conflict',
    `${CRM}:slot`,
    {
      field: 'slot',
      connection: CRM,
      crmId: '9001',
      booking: slot(nowMs, 'scheduled'),
      crm: slot(nowMs + HOUR_MS, 'scheduled'),
    },
  ],
  [
    'conflict',
    `undo-${CRM}/77`,
    { record: 'opportunity', crmId: '77', ours: place('won'), before: place('new'), crm: place('lost') },
  ],
];

/** Returns the tasks' ids. Throws where a kind of task has no sample. */
export async function plantTasks(
  db: Db,
  of: { readonly bookingId: string; readonly nowMs: number },
): Promise<string[]> {
  const all = samples(of.nowMs);
  const missing = TASK_KINDS.filter((kind) => !all.some(([known]) => known === kind));
  if (missing.length > 0) throw new Error(`No sample of ${missing.join(', ')}; expected one of each kind`);
  const ids: string[] = [];
  for (const [kind, about, evidence] of all) {
    const bookingId = kind === 'reauthorize' ? null : of.bookingId;
    const task = await openTask(db, {
      kind,
      about,
      evidence,
      bookingId,
      nowMs: of.nowMs,
      plan: { owner: 'front-desk', dueAtMs: of.nowMs + HOUR_MS, remindAtMs: of.nowMs + HOUR_MS },
      workflowId: (n) =>
        bookingId === null
          ? connectionTaskWorkflowId({ kind, connection: about, n })
          : taskWorkflowId({ kind, about, bookingId, n }),
    });
    ids.push(task.id);
  }
  return ids;
}
