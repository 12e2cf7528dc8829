/**
 * What becomes of a connection that was found down, or up again: its health, its one task, its alert.
 * Invariant: what a person has to mend is one open task per connection, however many bookings wait, and it closes by itself.
 */
import { saveHealth } from '../db/connection-health';
import { planAlert } from '../db/alerts';
import { withTransaction } from '../db/pool';
import { withdrawConnectionTasks } from '../db/tasks';
import { restUntilMs, type AskedRest } from '../domain/connection-rest';
import { needsPerson, type ConnectionRole, type PersonReason } from '../domain/connections';
import { isCrm } from '../integrations/registry';
import { sendAlert } from './alert';
import type { ActivityDeps, ActivitySettings } from './deps';
import { engineNow } from './engine-clock';
import { askPerson, openedTask, type OpenTask } from './open-task';

/** A connection that is not configured any more counts as a source: nothing waits for it. */
export function roleOf(settings: Pick<ActivitySettings, 'connections'>, connection: string): ConnectionRole {
  const known = settings.connections[connection];
  return known !== undefined && isCrm(known) ? 'crm' : 'source';
}

/** Until when nobody may call this CRM, after this refusal of it; null: only the caller has to wait. */
export function restOf(deps: ActivityDeps, connection: string, refused: AskedRest): number | null {
  const zone = deps.settings.connections[connection]?.timeZone ?? null;
  return restUntilMs(refused, { nowMs: engineNow(), zone, clock: deps.wallClock });
}

/** Notes that it is down. Returns the task that asks a person, where one can mend it. */
export async function connectionDown(
  deps: ActivityDeps,
  trouble: { readonly connection: string; readonly reason: string; readonly untilMs: number | null },
): Promise<OpenTask | null> {
  const { connection, reason } = trouble;
  await saveHealth(deps.pool, { ...trouble, state: 'down', nowMs: engineNow() });
  return needsPerson(reason) ? personAsked(deps, { connection, reason }) : null;
}

/** The task that asks a person about the connection: the open one, or a new one, which is told to whoever watches. */
export async function personAsked(
  deps: ActivityDeps,
  of: { readonly connection: string; readonly reason: PersonReason },
): Promise<OpenTask> {
  const nowMs = engineNow();
  const { task, isNew } = await withTransaction(deps.pool, async (tx) => {
    const opened = await askPerson(tx, deps, {
      kind: 'reauthorize',
      bookingId: null,
      about: of.connection,
      evidence: { reason: of.reason },
      nowMs,
    });
    return { task: opened, isNew: await planAlert(tx, { key: opened.workflowId, ...of, nowMs }) };
  });
  if (isNew) {
    const fields = { code: 'connection_down', connection: of.connection, reason: of.reason, task: task.id };
    deps.log.error(fields, 'a connection is down until a person mends it');
  }
  await sendAlert(deps, { key: task.workflowId, ...of });
  return openedTask(deps, task);
}

/** Notes that it is up, and closes what was asked about it. Returns the ids of the tasks' workflows. */
export function connectionUp(deps: ActivityDeps, connection: string): Promise<readonly string[]> {
  const nowMs = engineNow();
  return withTransaction(deps.pool, async (tx) => {
    await saveHealth(tx, { connection, state: 'up', reason: null, untilMs: null, nowMs });
    return withdrawConnectionTasks(tx, { connection, by: 'connection', nowMs });
  });
}
