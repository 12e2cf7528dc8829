/**
 * Tells by e-mail, where an address is configured, that a connection is down until a person mends it.
 * Invariant: at most one message per key; it names the connection and our own words, nobody's data.
 */
import { TROUBLE_WORDS, type PersonReason } from '../domain/connections';
import type { ActivityDeps } from './deps';
import { sendOnce } from './send-once';

/** Does nothing when it was sent before, or when nobody is to be told. Never throws for a mail server's sake. */
export async function sendAlert(
  deps: ActivityDeps,
  alert: { readonly key: string; readonly connection: string; readonly reason: PersonReason },
): Promise<void> {
  const { key, connection, reason } = alert;
  const address = deps.settings.alerts?.email ?? null;
  if (address === null) return;
  const subject = `${connection} has to be connected again`;
  const result = await sendOnce(deps, key, { address, subject, text: textOf(connection, reason) });
  if (result !== null && result.kind !== 'sent')
    deps.log.warn({ connection, reason: result.reason }, 'an alert could not be sent');
}

function textOf(connection: string, reason: PersonReason): string {
  return [
    `The connection ${connection} is down: it ${TROUBLE_WORDS[reason]}.`,
    'Nothing is lost: what has to be written waits, and goes on by itself as soon as the connection answers.',
    `What to do: run "booksync connect ${connection}" where the account was connected with OAuth, else put a new token into the settings; then decide the task "reauthorize" with "reconnected".`,
    'There is one such message per outage.',
  ].join('\n\n');
}
