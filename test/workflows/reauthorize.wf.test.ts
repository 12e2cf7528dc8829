/**
 * HubSpot no longer accepts us: one task and one e-mail for the connection, however many bookings wait, and all go on when it is back.
 */
import { connectionTaskWorkflowId, connectionWorkflowId } from '../../domain/ids';
import { bookingCreated } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { decideUpdate } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { aWorld, CRM, DAY, HOUR, MINUTE, type World } from '../support/world';
import { endWorkflows, writesOf } from '../support/world-records';

const EMAIL = 'ops@example.com';
const BOOKINGS = 20;

let world: World;
beforeAll(async () => {
  world = await aWorld({ expectsFailures: true, settings: { alerts: { email: EMAIL } } });
});
afterEach(async () => {
  world.simulators.hubspot.changeSettings({ token: 'accepted', missingScopes: [] });
  await endWorkflows(world);
  await world.database.pool.query('TRUNCATE connection_health');
});

interface ConnectionTask {
  readonly workflow_id: string;
  readonly state: string;
  readonly owner: string;
  readonly decided_by: string | null;
  readonly evidence: { readonly reason?: string };
}
const tasks = async (): Promise<ConnectionTask[]> =>
  (
    await world.database.pool.query<ConnectionTask>(
      `SELECT workflow_id, state, owner, decided_by, evidence FROM task WHERE kind = 'reauthorize' ORDER BY n`,
    )
  ).rows;
const openTasks = async (): Promise<ConnectionTask[]> => (await tasks()).filter(({ state }) => state === 'open');
const alerts = () => world.mails({ email: EMAIL });
const statusOf = async (workflowId: string): Promise<string> =>
  (await world.env.client.workflow.getHandle(workflowId).describe()).status.name;

/** `trouble` begins when the guests are known to HubSpot, and before they book. */
async function bookedByMany(
  count: number,
  trouble: { readonly token?: 'revoked'; readonly missingScopes?: string[] } = {},
): Promise<BookingOptions[]> {
  const guests: BookingOptions[] = [];
  for (let n = 0; n < count; n += 1) guests.push(await world.aGuest(5 * DAY + n * MINUTE));
  world.simulators.hubspot.changeSettings(trouble);
  await world.hear(...guests.map((guest) => bookingCreated(guest)));
  return guests;
}
const allAre = async (guests: readonly BookingOptions[], state: string): Promise<void> => {
  for (const { uid } of guests) await world.until(uid, state, (b) => b.crm[0]?.state === state);
};

test(`a revoked token is one task and one e-mail for ${BOOKINGS} bookings; deciding it probes at once, and all are written`, async () => {
  const guests = await bookedByMany(1);
  await allAre(guests, 'synced');
  const waiting = await bookedByMany(BOOKINGS, { token: 'revoked' });
  await allAre(waiting, 'parked');
  await eventually(async () => expect(await openTasks()).toHaveLength(1), { what: 'the task' });
  await world.sleep(2 * HOUR);

  const [task, ...others] = await tasks();
  expect(others).toEqual([]);
  expect(task).toMatchObject({
    workflow_id: connectionTaskWorkflowId({ kind: 'reauthorize', connection: CRM, n: 1 }),
    state: 'open',
    evidence: { reason: 'reauth_required' },
  });
  expect(await statusOf(task!.workflow_id)).toBe('RUNNING');
  expect(alerts()).toEqual([expect.objectContaining({ subject: `${CRM} has to be connected again` })]);
  for (const { uid } of waiting) expect((await world.booking(uid)).tasks).toEqual([]);

  const decide = (workflowId: string) =>
    world.env.client.workflow
      .getHandle(workflowId)
      .executeUpdate(decideUpdate, { args: [{ decision: 'reconnected', by: 'operator' }] });
  // Too early: the probe says that it is not true, and asks again.
  await decide(task!.workflow_id);
  await eventually(async () => expect(await openTasks()).toHaveLength(1), { what: 'the second task' });
  expect((await tasks()).map(({ state }) => state)).toEqual(['decided', 'open']);
  const second = (await openTasks())[0]!;
  await eventually(() => statusOf(second.workflow_id), { what: 'the workflow of the second task' });

  const afterwards = world.countCrmRequests();
  world.simulators.hubspot.changeSettings({ token: 'accepted' });
  await decide(second.workflow_id);
  await allAre(waiting, 'synced');
  expect(writesOf(afterwards(), 'POST', 'meetings')).toHaveLength(BOOKINGS);
  expect(await openTasks()).toEqual([]);
});

test('a connection that answers again by itself withdraws its task', async () => {
  const guests = await bookedByMany(2, { token: 'revoked' });
  await allAre(guests, 'parked');
  await eventually(async () => expect(await openTasks()).toHaveLength(1), { what: 'the task' });
  const [task] = await openTasks();
  world.simulators.hubspot.changeSettings({ token: 'accepted' });
  await world.sleep(6 * MINUTE);
  await allAre(guests, 'synced');
  expect(await openTasks()).toEqual([]);
  expect((await tasks()).at(-1)).toMatchObject({ state: 'withdrawn', decided_by: 'connection' });
  await eventually(async () => expect(await statusOf(task!.workflow_id)).toBe('COMPLETED'), { what: 'its end' });
});

test('a missing scope is one task although probes are answered, and few calls are made until it is granted', async () => {
  const guests = await bookedByMany(3, { missingScopes: ['crm.objects.deals.write'] });
  await allAre(guests, 'parked');
  const tried = world.countCrmRequests();
  const before = (await tasks()).length;
  await world.sleep(2 * HOUR);
  const [task, ...others] = await openTasks();
  expect(others).toEqual([]);
  expect(task).toMatchObject({ evidence: { reason: 'scope_missing' } });
  expect((await tasks()).length).toBeLessThanOrEqual(before + 1);
  // One booking is tried with every probe, every five minutes.
  expect(tried().length).toBeLessThan(200);

  world.simulators.hubspot.changeSettings({ missingScopes: [] });
  await world.sleep(11 * MINUTE);
  await allAre(guests, 'synced');
  await eventually(async () => expect(await openTasks()).toEqual([]), { what: 'its withdrawal' });
  const view = await world.env.client.workflow.getHandle(connectionWorkflowId(CRM)).describe();
  expect(view.status.name).toBe('RUNNING');
});
