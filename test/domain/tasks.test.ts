/** Which contact a person may name in a decision about a task. */
import { whyDecisionIsRefused } from '../../domain/tasks';

const use = (personId: string) => whyDecisionIsRefused('match_contact', { decision: 'use_contact', personId });

test.each(['42', 'a_B-9', 'x'.repeat(64)])('an id of the CRM may be named: %s', (personId) => {
  expect(use(personId)).toBeNull();
});

test.each(['jane@example.com', 'Jane Doe', '<42', '42>', 'x'.repeat(65)])(
  'what is no such id must not get into a history: %s',
  (personId) => expect(use(personId)).toMatch(/letters, digits/),
);

test('an empty id is none, and where no contact is used there is no place for one', () => {
  expect(use('')).toMatch(/needs "personId"/);
  expect(whyDecisionIsRefused('crm_refused', { decision: 'retry', personId: '42' })).toMatch(/not with retry/);
  expect(whyDecisionIsRefused('match_contact', { decision: 'create_contact', personId: '' })).not.toBeNull();
});

test('a decision of another kind of task is refused', () => {
  expect(whyDecisionIsRefused('source_refused', { decision: 'keep_waiting' })).toBe(
    '"keep_waiting" is not a decision of a source_refused task; allowed are retry, skip',
  );
});
