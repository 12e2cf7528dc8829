/**
 * checkMapping: does the mapping in force fit the live CRM account? The question of `booksync doctor`, asked at start-up and nightly.
 * Invariant: it only looks and tells; a CRM that does not answer is asked again, one that refuses us leaves the last findings.
 */
import { saveMappingFindings } from '../db/mapping-versions';
import { mappingProblems } from '../domain/mapping-check';
import { CrmError, type CrmErrorClass } from '../integrations/ports';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { retryLater } from './sync-outcome';

export type MappingCheck =
  | { readonly kind: 'checked'; readonly findings: number }
  /** Nothing is mapped to this CRM. */
  | { readonly kind: 'not_mapped' }
  /** It refuses our credentials: the connection's own trouble, which its task tells. */
  | { readonly kind: 'refused'; readonly reason: CrmErrorClass };

const TIME_LIMIT_MS = 20_000;
const PASSES: readonly CrmErrorClass[] = ['rate_limited', 'unavailable', 'unknown_outcome'];

export function createCheckMapping(deps: ActivityDeps) {
  return async function checkMapping({ connection }: { readonly connection: string }): Promise<MappingCheck> {
    const mapping = deps.settings.mapping[connection];
    if (!mapping) return { kind: 'not_mapped' };
    const crm = deps.crm(connection);
    try {
      const signal = AbortSignal.timeout(TIME_LIMIT_MS);
      const { pipelines, personFields } = await crm.describe({ operationKey: `${connection}/check-mapping`, signal });
      const findings = mappingProblems(mapping, { pipelines, personFields, ...crm.capabilities });
      await saveMappingFindings(deps.pool, { connection, findings, nowMs: engineNow() });
      for (const problem of findings) deps.log.warn({ connection, problem }, 'the mapping does not fit the CRM');
      return { kind: 'checked', findings: findings.length };
    } catch (error) {
      if (!(error instanceof CrmError)) throw error;
      // Not the error itself: the engine logs what it is thrown, and a CRM may have quoted somebody in it.
      if (PASSES.includes(error.errorClass))
        throw retryLater(`${error.errorClass}: ${error.message}`, error.retryAfterMs ?? undefined);
      deps.log.warn({ connection, errorClass: error.errorClass }, 'the mapping could not be checked');
      return { kind: 'refused', reason: error.errorClass };
    }
  };
}
