/**
 * Named points between two steps at which a crash test stops the process or lets it wait. Off unless BOOKSYNC_FAIL_POINT is set.
 * Invariant: in normal use a fail point is one comparison with null.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export const FAIL_POINTS = [
  /** api: the delivery is committed, the answer not sent. */
  'delivery-committed',
  /** worker: deliveries are waiting, none is taken. */
  'dispatch-begins',
  /** worker: facts are committed, the booking is not told. */
  'facts-before-signal',
  /** worker: the booking is told, the delivery not marked done. */
  'signal-before-done',
  /** worker: inside the transaction of `record`. */
  'record',
  /** worker: the CRM has answered, the ledger does not know. */
  'crm-applied-before-ledger',
  /** worker: `sending` is committed, nothing was handed over. */
  'message-sending-before-smtp',
  /** worker: the messenger has answered, the message is not marked. */
  'message-sent-before-ledger',
  /** worker: a task's decision is committed, the booking is not told. */
  'task-decided-before-signal',
  /** worker: the source has taken a decision over, the ledger does not know. */
  'source-applied-before-ledger',
  /** worker: inside the transaction that makes one booking out of two. */
  'merge',
] as const;
export type FailPoint = (typeof FAIL_POINTS)[number];

/**
 * `BOOKSYNC_FAIL_POINT` is `<name>=kill` (SIGKILL to ourselves) or `<name>=pause:<file>`: writes `<file>.reached`
 * and waits until `<file>` exists, so that the test can kill something else meanwhile. Each fires once per process.
 */
export function failPointsFrom(setting: string | undefined): (name: string) => Promise<void> | void {
  if (!setting) return () => undefined;
  const [name, action = ''] = setting.split(/=(.*)/s);
  if (!FAIL_POINTS.includes(name as FailPoint)) {
    throw new Error(`BOOKSYNC_FAIL_POINT names "${name}"; known are ${FAIL_POINTS.join(', ')}`);
  }
  let fired = false;
  return async (reached) => {
    if (reached !== name || fired) return;
    fired = true;
    if (action === 'kill') process.kill(process.pid, 'SIGKILL');
    const file = action.replace(/^pause:/, '');
    writeFileSync(`${file}.reached`, '');
    while (!existsSync(file)) await delay(20);
  };
}
