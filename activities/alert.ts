/**
 * Tells by e-mail, where an address is configured, that a connection is down until a person mends it.
 * Invariant: at most one message per key; it names the connection and our own words, nobody's data.
 */
import { claimAlert, setAlertState, type AlertState } from '../db/alerts';
import { TROUBLE_WORDS, type PersonReason } from '../domain/connections';
import type { SendResult } from '../integrations/ports';
import type { ActivityDeps } from './deps';

/** What a mail server did not take over is sent with the next probe; what it may have taken over never again. */
const STATE_AFTER: Readonly<Record<SendResult['kind'], AlertState>> = {
  sent: 'sent',
  not_sent: 'planned',
  refused: 'refused',
  unknown: 'unknown',
};

/** Does nothing when it was sent before, or when nobody is to be told. Never throws for a mail server's sake. */
export async function sendAlert(
  deps: ActivityDeps,
  alert: { readonly key: string; readonly connection: string; readonly reason: PersonReason },
): Promise<void> {
  const { key, connection, reason } = alert;
  const address = deps.settings.alerts?.email ?? null;
  if (address === null || !(await claimAlert(deps.pool, key))) return;
  const result = await deps.messenger.send({
    id: `alert/${key}`,
    to: { address, name: null },
    subject: `${connection} has to be connected again`,
    text: textOf(connection, reason),
    calendar: null,
  });
  await setAlertState(deps.pool, key, STATE_AFTER[result.kind]);
  if (result.kind !== 'sent') deps.log.warn({ connection, reason: result.reason }, 'an alert could not be sent');
}

function textOf(connection: string, reason: PersonReason): string {
  return [
    `The connection ${connection} is down: it ${TROUBLE_WORDS[reason]}.`,
    'Nothing is lost: what has to be written waits, and goes on by itself as soon as the connection answers.',
    `What to do: run "booksync connect ${connection}" where the account was connected with OAuth, else put a new token into the settings; then decide the task "reauthorize" with "reconnected".`,
    'There is one such message per outage.',
  ].join('\n\n');
}
