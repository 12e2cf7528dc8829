/**
 * pollLeads: asks a CRM which people are new, so that the report knows who might have booked.
 * Invariant: the cursor moves after everything before it is stored; of a person only the CRM's id and when they were added is kept.
 */
import { hearOfLeads, readLeadPoll, saveLeadPoll, saveLeadPollTrouble } from '../db/leads';
import { isExcludedGuest } from '../domain/report-exclusion';
import { localDate } from '../domain/wall-clock';
import { CrmError, type CrmErrorClass, type ListedPerson } from '../integrations/ports';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { heartbeating } from './heartbeating';
import { retryLater } from './sync-outcome';

export type LeadPollResult =
  | { readonly kind: 'polled'; readonly read: number }
  /** No source feeds this CRM. */
  | { readonly kind: 'not_fed' }
  /** It refuses us: the connection's own trouble, which its task tells. */
  | { readonly kind: 'refused'; readonly reason: CrmErrorClass };

const DAY_MS = 24 * 3_600_000;
const FIRST_LOOK_BACK_MS = 30 * DAY_MS;
/** Read again at every poll: searches show new people late, and clocks differ. */
const OVERLAP_MS = 10 * 60_000;
const CALL_MS = 20_000;
const PASSES: readonly CrmErrorClass[] = ['rate_limited', 'unavailable', 'unknown_outcome'];

export function createPollLeads(deps: ActivityDeps) {
  return async function pollLeads({ connection }: { readonly connection: string }): Promise<LeadPollResult> {
    const source = deps.settings.sync.find(({ crms }) => crms.includes(connection))?.source;
    if (source === undefined) return { kind: 'not_fed' };
    try {
      return { kind: 'polled', read: await heartbeating(() => poll(deps, connection, source)) };
    } catch (error) {
      if (!(error instanceof CrmError)) throw error;
      // Not the error itself: the engine logs what it is thrown, and a CRM may have quoted somebody in it.
      if (PASSES.includes(error.errorClass))
        throw retryLater(`${error.errorClass}: ${error.message}`, error.retryAfterMs ?? undefined);
      deps.log.warn({ connection, errorClass: error.errorClass }, 'the CRM was not asked for new people');
      await saveLeadPollTrouble(deps.pool, { crm: connection, reason: error.errorClass, nowMs: engineNow() });
      return { kind: 'refused', reason: error.errorClass };
    }
  };
}

async function poll(deps: ActivityDeps, connection: string, source: string): Promise<number> {
  const crm = deps.crm(connection);
  const nowMs = engineNow();
  const untilMs = await readLeadPoll(deps.pool, connection);
  const sinceMs = untilMs === null ? nowMs - FIRST_LOOK_BACK_MS : untilMs - OVERLAP_MS - crm.capabilities.searchLagMs;
  let read = 0;
  for (let cursor: string | null = null; ;) {
    const call = { operationKey: `${connection}/poll-leads`, signal: AbortSignal.timeout(CALL_MS) };
    const page: { readonly people: readonly ListedPerson[]; readonly next: string | null } = await crm.listPeopleSince(
      { sinceMs, cursor },
      call,
    );
    await store(deps, { connection, source, people: page.people });
    read += page.people.length;
    if (page.next === null) break;
    cursor = page.next;
  }
  await saveLeadPoll(deps.pool, { crm: connection, untilMs: nowMs, nowMs });
  return read;
}

async function store(
  { pool, settings: { report }, wallClock }: ActivityDeps,
  from: { readonly connection: string; readonly source: string; readonly people: readonly ListedPerson[] },
): Promise<void> {
  const leads = from.people
    .filter(({ email }) => !isExcludedGuest(email, report.exclude))
    .map(({ id, createdAtMs }) => ({
      crmId: id,
      enteredAtMs: createdAtMs,
      enteredDate: localDate(wallClock, createdAtMs, report.zone),
    }));
  if (leads.length === 0) return;
  await hearOfLeads(pool, { crm: from.connection, source: from.source, zone: report.zone, leads });
}
