/**
 * Notices about tasks that left by e-mail or Slack: one per task, occasion and channel.
 * Invariant: `sending` is committed before anything is sent, and only `planned` becomes `sending`: none is ever sent twice.
 */
import type { Db } from './pool';

export type NoticeState = 'planned' | 'sending' | 'sent' | 'refused' | 'unknown';

/** False: somebody else sends it, or it was sent. */
export async function claimNotice(
  db: Db,
  notice: { readonly key: string; readonly taskId: string; readonly nowMs: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO task_notice AS n (key, task_id, state, at) VALUES ($1, $2, 'sending', $3)
     ON CONFLICT (key) DO UPDATE SET state = 'sending', at = excluded.at WHERE n.state = 'planned'`,
    [notice.key, notice.taskId, new Date(notice.nowMs)],
  );
  return rowCount === 1;
}

export async function setNoticeState(db: Db, key: string, state: NoticeState): Promise<void> {
  await db.query('UPDATE task_notice SET state = $2 WHERE key = $1', [key, state]);
}
