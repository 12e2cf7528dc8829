/** `tasks` of booksync.yaml: owners, business hours, people; what is wrong is told with what was expected. */
import { ConfigError, parseConfig } from '../../config/config';

const withTasks = (tasks: string): string => `
connections:
  cal: { kind: calcom, webhookSecrets: [s1] }
messages: { from: desk@example.com, smtp: "smtp://127.0.0.1:2525" }
tasks: ${tasks}
`;

function problemsOf(tasks: string): string {
  try {
    parseConfig(withTasks(tasks), {}, 'file.yaml');
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

test('owners by kind and connection, business hours, and people who are told', () => {
  const hours = '{ zone: America/Denver, from: "08:30", to: "24:00" }';
  const people = '{ desk: { email: desk@example.com } }';
  const owners = '[{ kind: crm_refused, owner: admin }, { connection: cal, owner: north }]';
  const text = `{ owner: desk, owners: ${owners}, businessHours: ${hours}, people: ${people}, slack: true }`;
  expect(parseConfig(withTasks(text), {}, 'file.yaml').tasks).toMatchObject({
    owners: [
      { kind: 'crm_refused', owner: 'admin' },
      { connection: 'cal', owner: 'north' },
    ],
    businessHours: {
      zone: 'America/Denver',
      days: ['mon', 'tue', 'wed', 'thu', 'fri'],
      fromMinute: 510,
      toMinute: 1_440,
    },
    notices: { emails: { desk: 'desk@example.com' }, slack: true },
  });
});

test.each([
  ['{ owner: jane@example.com }', /owner: expected the id of an owner/],
  ['{ owner: everyone }', /owner: everyone is the end of escalateTo/],
  ['{ owner: desk, escalateTo: [Jane Doe] }', /expected the id of an owner/],
  ['{ owner: desk, owners: [{ owner: admin }] }', /expected a kind, a connection, or both/],
  ['{ owner: desk, owners: [{ kind: match, owner: admin }] }', /expected a kind of match_contact/],
  ['{ owner: desk, businessHours: { zone: Denver, from: "08:00", to: "18:00" } }', /expected an IANA zone/],
  ['{ owner: desk, businessHours: { zone: UTC, from: "8", to: "18:00" } }', /expected a time of day such as/],
  [
    '{ owner: desk, businessHours: { zone: UTC, from: "18:00", to: "08:00" } }',
    /to: expected at least an hour after from/,
  ],
  ['{ owner: desk, businessHours: { zone: UTC, days: [], from: "08:00", to: "18:00" } }', /expected at least one day/],
  ['{ owner: desk, people: { desk: { email: nobody } } }', /expected one address such as/],
])('%s is refused', (tasks, problem) => expect(problemsOf(tasks)).toMatch(problem));
