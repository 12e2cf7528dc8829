/**
 * Lives are played and replayed at once. `RECORD_HISTORIES=1 npx jest test/workflows/replay/lives` also keeps them as fixtures:
 * do so whenever workflow commands change on purpose and nothing with the old ones is running anywhere.
 */
import { Worker } from '@temporalio/worker';
import { recordedNames, saveHistory, scrubbed } from '../../support/histories';
import { LIVES } from '../../support/recorded-lives';
import { workflowBundle } from '../../support/temporal';
import { aWorld, type World } from '../../support/world';

let world: World;
const played: string[] = [];
beforeAll(async () => {
  world = await aWorld({ expectsFailures: true });
});

test.each(Object.entries(LIVES))(
  '%s: what just happened can be replayed',
  async (_title, live) => {
    for (const [name, { workflowId, runId }] of Object.entries(await live(world))) {
      const history = scrubbed(await world.env.client.workflow.getHandle(workflowId, runId).fetchHistory());
      await Worker.runReplayHistory({ workflowBundle: workflowBundle() }, history, workflowId);
      if (process.env.RECORD_HISTORIES === '1') saveHistory(name, history);
      played.push(name);
    }
  },
  60_000,
);

test('each of these runs is recorded, and nothing else is', () => {
  expect(recordedNames()).toEqual(played.sort());
});
