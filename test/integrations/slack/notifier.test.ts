/** A note reaches Slack once or not at all, and whoever asks learns which, or that nobody knows. */
import { createSlackNotifier, textOf } from '../../../integrations/slack/notifier';
import { startSimulators, type Simulators } from '../../../local/simulators/server';
import { freePort } from '../../../local/ports';
import type { HttpFaultInput } from '../../../local/simulators/faults';

const NOTE = { text: 'New lead, 60 points', link: { url: 'https://desk.example.com/b/1', words: 'Open' } };
let simulators: Simulators;

beforeAll(async () => {
  simulators = await startSimulators({ port: 0 });
});
beforeEach(() => simulators.slack.reset());
afterAll(async () => {
  expect(simulators.slack.violations()).toBe(0);
  await simulators.close();
});

const notifier = (webhookUrl = `${simulators.url}/slack/services/T0DEMO/B0DEMO/demo`) =>
  createSlackNotifier({ webhookUrl, timeLimitMs: 500 });
const posted = (): string[] => simulators.slack.notes().map(({ text }) => text);

test('a note is posted with its link', async () => {
  expect(await notifier().post(NOTE)).toEqual({ kind: 'sent', providerId: null });
  expect(posted()).toEqual(['New lead, 60 points <https://desk.example.com/b/1|Open>']);
});

test.each([
  ['A <!channel> & more', null, 'A &lt;!channel&gt; &amp; more'],
  ['x', { url: 'https://a.example.com/?a=1&b=|2', words: 'a|b>' }, 'x <https://a.example.com/?a=1&amp;b=%7C2|a/b&gt;>'],
])('signs that mean something to Slack are text: %s', (text, link, written) => {
  expect(textOf({ text, link })).toBe(written);
});

test.each<[string, HttpFaultInput, string, RegExp, number]>([
  ['asks to wait', { status: 429 }, 'not_sent', /^Slack answered HTTP 429 rate_limited$/, 0],
  ['refuses for good', { status: 404, body: 'no_service' }, 'refused', /^Slack answered HTTP 404 no_service$/, 0],
  ['says something of its own', { status: 400, body: 'Dear Ann, no' }, 'refused', /^Slack answered HTTP 400$/, 0],
  ['fails', { status: 500 }, 'unknown', /^Slack answered HTTP 500 rollup_error$/, 0],
  ['fails after it posted', { status: 503, apply: true }, 'unknown', /^Slack answered HTTP 503/, 1],
  ['cuts the line after it posted', { connection: 'reset_after' }, 'unknown', /^no answer \(/, 1],
  ['is silent', { delayMs: 5_000 }, 'unknown', /^no answer \(timeout\)$/, 1],
])('a Slack that %s: %j is %s', async (_what, fault, kind, reason, times) => {
  simulators.slack.setFaults([fault]);
  expect(await notifier().post(NOTE)).toEqual({ kind, reason: expect.stringMatching(reason) as string });
  expect(posted()).toHaveLength(times);
  expect(simulators.slack.requests()).toHaveLength(1);
});

test('a Slack that can not be reached got nothing, and the address of the webhook is in no reason', async () => {
  const result = await notifier(`http://127.0.0.1:${await freePort()}/services/T1/B1/secret`).post(NOTE);
  expect(result).toMatchObject({ kind: 'not_sent' });
  expect(JSON.stringify(result)).not.toContain('secret');
});

test('an app that was removed refuses every note', async () => {
  simulators.slack.changeSettings({ revoked: true });
  expect(await notifier().post(NOTE)).toEqual({ kind: 'refused', reason: 'Slack answered HTTP 403 invalid_token' });
});
