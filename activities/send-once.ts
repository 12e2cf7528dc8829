/**
 * E-mails about the service itself, to people of the team: alerts, the weekly report.
 * Invariant: at most one message per key; what a mail server may have taken over is never sent again.
 */
import { claimAlert, setAlertState, type AlertState } from '../db/alerts';
import type { OutgoingMessage, SendResult } from '../integrations/ports';
import type { ActivityDeps } from './deps';

/** What a mail server did not take over is sent with the next attempt. */
const STATE_AFTER: Readonly<Record<SendResult['kind'], AlertState>> = {
  sent: 'sent',
  not_sent: 'planned',
  refused: 'refused',
  unknown: 'unknown',
};

/** Sends what was planned under the key. Null: it was sent before, or is being sent. Never throws for a mail server's sake. */
export async function sendOnce(
  { pool, messenger }: Pick<ActivityDeps, 'pool' | 'messenger'>,
  key: string,
  message: Pick<OutgoingMessage, 'subject' | 'text'> & { readonly address: string },
): Promise<SendResult | null> {
  if (!(await claimAlert(pool, key))) return null;
  const { address, subject, text } = message;
  const result = await messenger.send({
    id: `alert/${key}`,
    to: { address, name: null },
    subject,
    text,
    calendar: null,
  });
  await setAlertState(pool, key, STATE_AFTER[result.kind]);
  return result;
}
