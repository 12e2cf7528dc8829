/** The simulated Slack takes what Slack takes from this service, counts everything else as a violation, and keeps the channel. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulators } from '../../../../local/simulators/server';
import { cleanUp } from '../../../support/clean-up';

const PATH = '/slack/services/T0DEMO/B0DEMO/demo';

async function slack(stateDir: string | null = null) {
  const simulators = await startSimulators({ port: 0, stateDir });
  const post = (body: string, path = PATH, type = 'application/json') =>
    fetch(`${simulators.url}${path}`, { method: 'POST', headers: { 'content-type': type }, body });
  return { simulators, post };
}

test('a note is answered with "ok", shown on the page as text, and there again after a restart', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'slack-'));
  cleanUp(() => rm(stateDir, { recursive: true }));
  const { simulators, post } = await slack(stateDir);
  const response = await post(JSON.stringify({ text: '<b>60 points</b>' }));
  expect([response.status, await response.text()]).toEqual([200, 'ok']);
  const page = await (await fetch(`${simulators.url}/slack/`)).text();
  expect(page).toContain('&lt;b>60 points');
  await simulators.close();
  const again = await slack(stateDir);
  cleanUp(() => again.simulators.close());
  expect(again.simulators.slack.notes()).toMatchObject([{ n: 1, text: '<b>60 points</b>' }]);
});

test.each([
  ['no JSON', 'text=hi', PATH, 'application/json', 400, 'invalid_payload'],
  ['another content type', '{"text":"hi"}', PATH, 'text/plain', 400, 'invalid_payload'],
  ['an unknown field', '{"text":"hi","to":"x"}', PATH, 'application/json', 400, 'invalid_payload'],
  ['an empty text', '{"text":" "}', PATH, 'application/json', 400, 'no_text'],
  ['a text without end', JSON.stringify({ text: 'x'.repeat(40_001) }), PATH, 'application/json', 400, 'msg_too_long'],
  ['another path', '{"text":"hi"}', '/slack/services/none', 'application/json', 404, 'no_service'],
])('%s is refused and counted', async (_what, body, path, type, status, word) => {
  const { simulators, post } = await slack();
  cleanUp(() => simulators.close());
  const response = await post(body, path, type);
  expect([response.status, await response.text()]).toEqual([status, word]);
  expect(simulators.slack.notes()).toEqual([]);
  expect(simulators.slack.violations()).toBe(1);
});
