/**
 * Waiting without asking the workflow, and the life that the budget speaks of.
 * Invariant: no query is made: the time-skipping server writes a workflow task into the history for each.
 */
import { bookingCancelled, bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import { bookingWorkflowId } from '../../domain/ids';
import { eventually } from './eventually';
import { DAY, HOUR, MINUTE, type World } from './world';

/** Waits until all facts are recorded and every CRM of the booking is in `state` for them. Returns the booking's id. */
export async function inStep(world: World, uid: string, state = 'synced'): Promise<string> {
  const { id } = await world.booking(uid);
  await eventually(
    async () => {
      const { rows } = await world.database.pool.query<{
        state: string;
        behind: number;
        pending: number;
        sending: number;
      }>(
        `SELECT s.state, b.version - s.written_version AS behind,
           (SELECT count(*)::int FROM booking_event e WHERE e.booking_id = b.id AND e.outcome IS NULL) AS pending,
           (SELECT count(*)::int FROM message m WHERE m.booking_id = b.id AND m.kind = 'confirmation'
              AND m.state IN ('planned', 'sending')) AS sending
         FROM booking b JOIN crm_sync s ON s.booking_id = b.id WHERE b.id = $1`,
        [id],
      );
      const behind = state === 'synced' ? 0 : expect.anything();
      expect(rows).toEqual([{ state, behind, pending: 0, sending: 0 }]);
    },
    { what: `${uid} to be ${state}` },
  );
  return id;
}

/** Waits until so many reminders of the booking are sent. */
export async function reminded(world: World, uid: string, count: number): Promise<void> {
  await world.until(uid, `${count} reminders`, ({ messages }) => {
    return messages.filter(({ kind, state }) => kind === 'reminder' && state === 'sent').length === count;
  });
}

/** Waits until the run of the workflow has ended. */
export async function ended(world: World, workflowId: string): Promise<void> {
  const handle = world.env.client.workflow.getHandle(workflowId);
  await eventually(async () => (await handle.describe()).status.name === 'COMPLETED', { what: `${workflowId} to end` });
}

/** Created, moved four times, reminded twice, canceled, closed. Returns the workflow's id. */
export async function wholeLife(world: World): Promise<string> {
  const guest = await world.aGuest(10 * DAY);
  await world.hear(bookingCreated(guest));
  let workflowId = bookingWorkflowId(await inStep(world, guest.uid));
  let now = guest;
  for (const sequence of [1, 2, 3, 4]) {
    await world.sleep(HOUR);
    const next = { ...guest, uid: `${guest.uid}-${sequence}`, startMs: guest.startMs + sequence * DAY };
    await world.hear(bookingRescheduled({ ...next, sequence, previous: now }));
    workflowId = bookingWorkflowId(await inStep(world, guest.uid));
    now = next;
  }
  for (const [index, beforeMs] of [72 * HOUR, 24 * HOUR].entries()) {
    await world.sleepUntil(now.startMs - beforeMs + MINUTE);
    await reminded(world, guest.uid, index + 1);
  }
  await world.hear(bookingCancelled({ ...now, sequence: 5 }));
  await inStep(world, guest.uid);
  await world.sleep(world.settings.outcome.closeAfterMs + MINUTE);
  await ended(world, workflowId);
  return workflowId;
}
