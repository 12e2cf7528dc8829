/**
 * tellOwner: tells the owner of a task by e-mail, and the team in Slack, that it was opened, is due, was handed on or woke.
 * Invariant: a notice names kind, owner and times only, nobody's data; each is sent at most once for its occasion.
 */
import { ApplicationFailure } from '@temporalio/activity';
import { claimNotice, setNoticeState, type NoticeState } from '../db/task-notices';
import { linkToken } from '../db/signed-links';
import { lockTask, type TaskRow } from '../db/tasks';
import { TASK_WORDS } from '../domain/task-words';
import { EVERYONE } from '../domain/task-steps';
import { timeInWords } from '../domain/time-in-words';
import type { SendResult } from '../integrations/ports';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';

export interface TellOwnerInput {
  readonly taskId: string;
  readonly occasion: 'opened' | 'remind' | 'escalate' | 'wake' | 'reassigned';
  /** Counts the notices of the task. */
  readonly n: number;
}

const LINK_MS = 30 * 24 * 3_600_000;

const OCCASIONS: Readonly<Record<TellOwnerInput['occasion'], string>> = {
  opened: 'A task for',
  remind: 'Still open, for',
  escalate: 'Overdue, now for',
  wake: 'Awake again, for',
  reassigned: 'Handed to',
};

const STATE_AFTER: Readonly<Record<Exclude<SendResult['kind'], 'not_sent'>, NoticeState>> = {
  sent: 'sent',
  refused: 'refused',
  unknown: 'unknown',
};

export interface Notice {
  readonly subject: string;
  readonly text: string;
  /** Null: nobody has said where browsers reach this service. */
  readonly url: string | null;
}

export function createTellOwner(deps: ActivityDeps) {
  return async function tellOwner(input: TellOwnerInput): Promise<void> {
    const task = await lockTask(deps.pool, input.taskId);
    if (task?.state !== 'open') return;
    const notice = composeNotice(deps, task, input.occasion);
    const key = (to: string): string => `${input.taskId}/${input.n}/${to}`;
    const missed: string[] = [];
    const send = async (to: string, call: () => Promise<SendResult>): Promise<void> => {
      if (!(await claimNotice(deps.pool, { key: key(to), taskId: task.id, nowMs: engineNow() }))) return;
      const result = await call();
      if (result.kind === 'not_sent') missed.push(to);
      await setNoticeState(deps.pool, key(to), result.kind === 'not_sent' ? 'planned' : STATE_AFTER[result.kind]);
    };
    for (const { owner, address } of readersOf(deps, task.owner)) {
      const mail = { id: `notice/${key(owner)}`, to: { address, name: null }, subject: notice.subject, calendar: null };
      const text = [notice.text, ...(notice.url === null ? [] : [`Open it: ${notice.url}`])].join('\n\n');
      await send(owner, () => deps.messenger.send({ ...mail, text }));
    }
    const { notifier } = deps;
    if (notifier && deps.settings.tasks.notices?.slack) {
      const link = notice.url === null ? null : { url: notice.url, words: 'Open the task' };
      await send('slack', () => notifier.post({ text: `${notice.subject}. ${notice.text}`, link }));
    }
    // What was not taken over is tried again; what was is in the table.
    if (missed.length > 0)
      throw ApplicationFailure.create({ message: `not told: ${missed.join(', ')}`, type: 'NotSent' });
  };
}

function readersOf({ settings }: ActivityDeps, owner: string): { readonly owner: string; readonly address: string }[] {
  const all = Object.entries(settings.tasks.notices?.emails ?? {}).map(([id, address]) => ({ owner: id, address }));
  return owner === EVERYONE ? all : all.filter((reader) => reader.owner === owner);
}

export function composeNotice(
  deps: Pick<ActivityDeps, 'settings' | 'vault' | 'wallClock'>,
  task: Pick<TaskRow, 'id' | 'kind' | 'owner' | 'dueAtMs'>,
  occasion: TellOwnerInput['occasion'],
): Notice {
  const { label, question } = TASK_WORDS[task.kind];
  const zone = deps.settings.tasks.businessHours?.zone ?? deps.settings.account?.zone ?? 'UTC';
  const due = timeInWords(deps.wallClock.localTime(task.dueAtMs, zone));
  return {
    subject: `${OCCASIONS[occasion]} ${task.owner}: ${label}`,
    text: `${question} Due ${due}.`,
    url: taskLink(deps, task),
  };
}

function taskLink(
  { settings, vault }: Pick<ActivityDeps, 'settings' | 'vault'>,
  task: { id: string; dueAtMs: number },
) {
  const { publicUrl } = settings;
  if (publicUrl == null) return null;
  const link = { purpose: 'open_task', subject: [task.id], decision: null, untilMs: task.dueAtMs + LINK_MS } as const;
  return `${publicUrl.replace(/\/+$/, '')}/task/${linkToken(vault, link)}`;
}
