/** Decisions over a real Temporal server, with a worker that runs a task's stub. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createEngine, type Engine } from '../../api/engine';
import { cleanUp } from '../support/clean-up';
import { freePort } from '../../local/ports';
import { BOOKINGS_TASK_QUEUE, bookingWorkflowId } from '../../workflows/contract';
import { devServer, quietTemporal, type DevServer } from '../support/temporal';
import { STUCK, takenQuery, taskStub } from './task-stub-workflow';

let server: DevServer;
let client: Client;
let engine: Engine;
let connections = 0;

beforeAll(async () => {
  quietTemporal();
  server = await devServer();
  const connection = await NativeConnection.connect({ address: server.address });
  const worker = await Worker.create({
    connection,
    taskQueue: BOOKINGS_TASK_QUEUE,
    workflowsPath: require.resolve('./task-stub-workflow'),
  });
  const running = worker.run();
  cleanUp(async () => {
    worker.shutdown();
    await running;
    await connection.close();
  });
  client = await connect();
  engine = createEngine(connect, { decisionTimeoutMs: 3_000 });
  cleanUp(() => Promise.all([engine.close(), client.connection.close()]));
});

async function connect(): Promise<Client> {
  connections += 1;
  return new Client({ connection: await Connection.connect({ address: server.address }) });
}

async function startTask(): Promise<{ id: string; workflowId: string }> {
  const id = randomUUID();
  const workflowId = `task/match_contact/calcom-sales/${id}/hubspot-main/1`;
  await client.workflow.start(taskStub, { workflowId, taskQueue: BOOKINGS_TASK_QUEUE });
  return { id, workflowId };
}
const takenBy = (task: { workflowId: string }) => client.workflow.getHandle(task.workflowId).query(takenQuery);

it('a decision reaches the workflow of its task, said to be by an operator', async () => {
  const task = await startTask();
  expect(await engine.decide(task, { decision: 'use_contact', personId: '101' }, 'operator')).toEqual({
    kind: 'accepted',
  });
  expect(await takenBy(task)).toEqual(['use_contact 101 operator']);
});

it('the same decision sent again, or twice at once, reaches it once; another one is another', async () => {
  const task = await startTask();
  const same = { decision: 'no_contact' };
  await Promise.all([engine.decide(task, same, 'operator'), engine.decide(task, same, 'operator')]);
  expect(await engine.decide(task, same, 'operator')).toEqual({ kind: 'accepted' });
  await engine.decide(task, { decision: 'create_contact' }, 'operator');
  expect(await takenBy(task)).toEqual(['no_contact - operator', 'create_contact - operator']);
});

it("the workflow's refusal comes back in its own words", async () => {
  const refused = { kind: 'refused', reason: 'this task takes another decision' };
  expect(await engine.decide(await startTask(), { decision: 'showed' }, 'operator')).toEqual(refused);
  expect(await engine.decide(await startTask(), { decision: 'canceled' }, 'operator')).toEqual({ kind: 'settled' });
});

it('a decision that is not answered in time is unconfirmed, and so is one about a workflow that does not run', async () => {
  const stuck = await engine.decide(await startTask(), { decision: STUCK }, 'operator');
  expect(stuck).toEqual({ kind: 'unconfirmed', reason: 'the workflow engine did not answer in time' });
  const gone = await engine.decide(
    { id: randomUUID(), workflowId: 'task/nowhere' },
    { decision: 'no_contact' },
    'operator',
  );
  expect(gone).toEqual({ kind: 'unconfirmed', reason: "the task's workflow is not running right now" });
});

describe('a decision about a booking', () => {
  const aBooking = (version = 1) => ({ id: `calcom-sales/${randomUUID()}`, version });
  const showed = { decision: 'showed', startMs: null, by: 'op-7' } as const;
  const takenByBooking = ({ id }: { id: string }) =>
    client.workflow.getHandle(bookingWorkflowId(id)).query<readonly string[]>(takenQuery);

  it('starts the workflow where none runs, and reaches one that does', async () => {
    const booking = aBooking();
    expect(await engine.decideBooking(booking, showed)).toEqual({ kind: 'accepted' });
    const moved = { decision: 'rescheduled', startMs: 1_800_000_000_000, by: 'op-7' } as const;
    expect(await engine.decideBooking(booking, moved)).toEqual({ kind: 'accepted' });
    expect(await takenByBooking(booking)).toEqual([booking.id, 'showed - op-7', 'rescheduled 1800000000000 op-7']);
  });

  it('is one, however often it is sent, until the booking has changed', async () => {
    const booking = aBooking();
    await Promise.all([engine.decideBooking(booking, showed), engine.decideBooking(booking, showed)]);
    await engine.decideBooking(booking, showed);
    expect(await takenByBooking(booking)).toEqual([booking.id, 'showed - op-7']);
    await engine.decideBooking({ ...booking, version: 2 }, showed);
    expect(await takenByBooking(booking)).toHaveLength(3);
  });

  it('starts a workflow again that has closed', async () => {
    const booking = aBooking();
    await engine.decideBooking(booking, { ...showed, by: 'closes-it' });
    await client.workflow.getHandle(bookingWorkflowId(booking.id)).result();
    expect(await engine.decideBooking({ ...booking, version: 2 }, showed)).toEqual({ kind: 'accepted' });
    expect(await takenByBooking(booking)).toEqual([booking.id, 'showed - op-7']);
  });

  it('that the workflow, or the activity behind it, refuses comes back in its own words', async () => {
    const [keep, cancel] = [
      { ...showed, decision: 'keep_waiting' } as const,
      { ...showed, decision: 'canceled' } as const,
    ];
    expect(await engine.decideBooking(aBooking(), keep)).toEqual({ kind: 'refused', reason: 'nothing is waited for' });
    const merged = { kind: 'merged', reason: 'it turned out to be another booking' };
    expect(await engine.decideBooking(aBooking(), cancel)).toEqual(merged);
  });
});

it('one connection serves all of this', async () => {
  await engine.ping(2_000);
  expect(connections).toBe(2);
});

it('a server that is away makes a decision unconfirmed, and is connected to when it is there', async () => {
  let isThere = false;
  const away = `127.0.0.1:${await freePort()}`;
  const late = createEngine(
    async () => {
      if (isThere) return connect();
      return new Client({ connection: await Connection.connect({ address: away, connectTimeout: 300 }) });
    },
    { decisionTimeoutMs: 3_000 },
  );
  const task = await startTask();
  const unreachable = { kind: 'unconfirmed', reason: 'the workflow engine can not be reached' };
  expect(await late.decide(task, { decision: 'no_contact' }, 'operator')).toEqual(unreachable);
  await expect(late.ping(1_000)).rejects.toThrow();
  isThere = true;
  await late.ping(2_000);
  expect(await late.decide(task, { decision: 'no_contact' }, 'operator')).toEqual({ kind: 'accepted' });
  await late.close();
});

it('a server that goes away under an open connection makes a decision unconfirmed in time', async () => {
  const task = await startTask();
  await server.kill9();
  const startedAtMs = performance.now();
  expect((await engine.decide(task, { decision: 'no_contact' }, 'operator')).kind).toBe('unconfirmed');
  expect(performance.now() - startedAtMs).toBeLessThan(6_000);
});
