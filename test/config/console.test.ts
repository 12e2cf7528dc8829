/** `console` of booksync.yaml: operators with a token of their own. */
import { parseConfig } from '../../config/config';

const operatorsIn = (section: string, env: NodeJS.ProcessEnv = {}) =>
  parseConfig(
    `
connections:
  cal: { kind: calcom, webhookSecrets: [s1] }
messages: { from: desk@example.com, smtp: "smtp://127.0.0.1:2525" }
tasks: { owner: desk }
${section}
`,
    env,
    'file.yaml',
  ).console.operators;
const TOKENS = { ANNA: 'a'.repeat(24), BEN: 'b'.repeat(24) };

test('there are none unless the file names some, with tokens from the environment', () => {
  expect(operatorsIn('')).toEqual([]);
  const named = 'console: { operators: [{ id: anna-1, token: "env:ANNA" }, { id: ben_2, token: "env:BEN" }] }';
  expect(operatorsIn(named, TOKENS)).toEqual([
    { id: 'anna-1', token: TOKENS.ANNA },
    { id: 'ben_2', token: TOKENS.BEN },
  ]);
});

test.each([
  ['a name', '[{ id: "Anna Alder", token: "env:ANNA" }]', /opaque id .*no name, no address/],
  ['a short token', '[{ id: a, token: short-secret }]', /at least 16 characters/],
  ['one id twice', '[{ id: a, token: "env:ANNA" }, { id: a, token: "env:BEN" }]', /the same id/],
  ['one token twice', '[{ id: a, token: "env:ANNA" }, { id: b, token: "env:ANNA" }]', /the same token/],
])('%s is refused, without showing a token', (_what, operators, words) => {
  const read = () => operatorsIn(`console: { operators: ${operators} }`, TOKENS);
  expect(read).toThrow(words);
  expect(read).not.toThrow(/short-secret|aaaa/);
});
