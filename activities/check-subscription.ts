/**
 * checkSubscription: is the source's subscription to our webhook as it should be? The watchdog's one question.
 * Invariant: it only looks and tells; mending is `booksync doctor --fix`, because that needs a person's consent.
 */
import { saveFindings } from '../db/source-polls';
import type { SourceApi, SubscriptionFinding } from '../integrations/ports';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { heartbeating } from './heartbeating';
import { readFailure, REFUSAL_WORDS, tellRefusal } from './source-trouble';

export type SubscriptionCheck =
  | { readonly kind: 'checked'; readonly findings: number }
  /** The settings give no API, or not the address that the source should call. */
  | { readonly kind: 'not_checkable' };

export function createCheckSubscription(deps: ActivityDeps) {
  return async function checkSubscription({ connection }: { readonly connection: string }): Promise<SubscriptionCheck> {
    const api = deps.sourceApi(connection);
    const webhookUrl = deps.settings.connections[connection]?.webhookUrl ?? null;
    if (api === null || webhookUrl === null) return { kind: 'not_checkable' };
    const findings = await heartbeating(() => findingsOf(deps, { connection, api, webhookUrl }));
    await saveFindings(deps.pool, { connection, findings, nowMs: engineNow() });
    for (const { problem, fixable } of findings) {
      const remedy = fixable ? '`booksync doctor --fix` mends it' : 'a person has to mend it at the source';
      deps.log.warn({ connection, problem, remedy }, 'the subscription at the source is not as it should be');
    }
    return { kind: 'checked', findings: findings.length };
  };
}

/** A source that refuses to be asked is a finding too; one that does not answer is asked again. */
async function findingsOf(
  deps: ActivityDeps,
  { connection, api, webhookUrl }: { connection: string; api: SourceApi; webhookUrl: string },
): Promise<readonly SubscriptionFinding[]> {
  try {
    return await api.checkSubscription({ webhookUrl });
  } catch (error) {
    const trouble = readFailure(error);
    if ('failure' in trouble) throw trouble.failure;
    await tellRefusal(deps, connection, trouble.refusal);
    return [{ problem: `the source could not be asked for it: ${REFUSAL_WORDS[trouble.refusal]}`, fixable: false }];
  }
}
