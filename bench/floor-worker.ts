/** F-wf's worker: a process of its own with one bare workflow, whose one activity makes one look-up in the simulated CRM. */
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { serveParent } from './child';
import { FLOOR_TASK_QUEUE, type FloorActivities } from './floor-workflow';
import { emailOf } from './webhook-bodies';

const { TEMPORAL_ADDRESS, BENCH_CRM_URL = '' } = process.env;

const activities: FloorActivities = {
  async callCrm(uid) {
    const path = `/crm/objects/2026-09/contacts/${encodeURIComponent(emailOf(uid))}?idProperty=email&properties=email`;
    const response = await fetch(BENCH_CRM_URL + path, { headers: { authorization: 'Bearer pat-demo' } });
    await response.text();
  },
};

async function main(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
  const connection = await NativeConnection.connect({ address: TEMPORAL_ADDRESS ?? '127.0.0.1:7233' });
  const workflowsPath = require.resolve('./floor-workflow');
  const worker = await Worker.create({ connection, taskQueue: FLOOR_TASK_QUEUE, workflowsPath, activities });
  serveParent({}, () => ({}));
  await worker.run();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
