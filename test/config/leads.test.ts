/** `sync[].leads` of booksync.yaml: what is left out is not done, and what is wrong is told with what was expected. */
import { ConfigError, parseConfig } from '../../config/config';

const withLeads = (leads: string): string => `
connections:
  cal: { kind: calcom, webhookSecrets: [s1] }
sync:
  - source: cal
    crms: []
    leads: ${leads}
messages: { from: desk@example.com, smtp: "smtp://127.0.0.1:2525" }
tasks: { owner: desk }
`;

function problemsOf(text: string): string {
  try {
    parseConfig(text, {}, 'file.yaml');
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

const leadsIn = (leads: string) => parseConfig(withLeads(leads), {}, 'file.yaml').sync[0]?.leads;

test('what is left out is not done', () => {
  expect(leadsIn('null')).toBeNull();
  expect(leadsIn('{}')).toEqual({ source: null, owner: null, score: [], note: null });
});

test('source, owners, rules and note', () => {
  const rules = '[{ answer: budget, atLeast: 10000, points: 40 }, { answer: what, contains: roof, points: -5 }]';
  const note = '{ atLeast: 50, name: true, link: "https://desk.example.com/bookings/{booking}" }';
  expect(leadsIn(`{ source: Web, owner: [a@example.com, b@example.com], score: ${rules}, note: ${note} }`)).toEqual({
    source: 'Web',
    owner: { kind: 'round_robin', owners: ['a@example.com', 'b@example.com'] },
    score: [
      { answer: 'budget', test: { kind: 'at_least', number: 10_000 }, points: 40 },
      { answer: 'what', test: { kind: 'contains', text: 'roof' }, points: -5 },
    ],
    note: { atLeast: 50, name: true, link: 'https://desk.example.com/bookings/{booking}' },
  });
  expect(leadsIn('{ owner: host }')).toMatchObject({ owner: { kind: 'host' } });
});

test.each([
  ['{ owner: anybody }', /owner: expected host, or a list of e-mail addresses that take turns/],
  ['{ owner: [ana] }', /owner.*: expected (an e-mail address of a user|host, or a list)/],
  [
    '{ score: [{ answer: a, is: x, contains: y, points: 1 }] }',
    /score\.0: expected exactly one of is, contains, atLeast/,
  ],
  ['{ score: [{ answer: a, points: 1 }] }', /score\.0: expected exactly one of is, contains, atLeast/],
  ['{ score: [{ answer: a, is: x, points: 1.5 }] }', /points: expected whole points/],
  ['{ note: { atLeast: 1 } }', /note: needs rules under score/],
  [
    '{ score: [{ answer: a, is: x, points: 1 }], note: { atLeast: 1, link: "https://x.example.com" } }',
    /expected \{booking\}/,
  ],
])('%s is refused', (leads, words) => {
  expect(problemsOf(withLeads(leads))).toMatch(words);
});
