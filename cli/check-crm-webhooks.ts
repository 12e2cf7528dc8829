/**
 * Does this service take a CRM's webhooks, and can the CRM know where to send them?
 * Invariant: looks at settings only, and never tells a secret or an address.
 */
import type { ConnectionConfig } from '../config/config';
import { crmWebhooksOf } from '../integrations/registry';
import { note, ok, type CheckLine } from './check-line';

/** What has to be set for a kind's signatures to be checked. */
const NEEDED: Readonly<Record<string, string>> = {
  hubspot: '`webhookSecrets` (the client secrets of the app) and `webhookUrl`',
  gohighlevel: '`webhookKeys`, or leave it out for the published key',
};

export function checkCrmWebhooks(connection: string, settings: ConnectionConfig): CheckLine[] {
  const subject = `${connection} webhooks`;
  if (crmWebhooksOf(settings) === null) {
    const needed = NEEDED[settings.kind] ?? 'its secrets';
    return [note(subject, `not taken: what a rep changes there is not heard of at once; set ${needed}`)];
  }
  const { webhookUrl } = settings;
  if (webhookUrl === null) {
    return [note(subject, 'taken; set `webhookUrl` to the address that was given to the CRM, to have it checked')];
  }
  if (!new URL(webhookUrl).pathname.endsWith(`/webhooks/${connection}`)) {
    const path = `/webhooks/${connection}`;
    return [note(subject, `taken at ${path}; \`webhookUrl\` ends otherwise, so a proxy has to lead it there`)];
  }
  return [ok(subject, 'taken, and signatures are checked')];
}
