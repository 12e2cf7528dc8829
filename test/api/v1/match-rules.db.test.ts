/** `/api/v1/match-rules` against a real database. */
import { randomUUID } from 'node:crypto';
import * as schemas from '../../../api/v1/schemas';
import { addMatchRule, readMatchRule } from '../../../db/match-rules';
import { withTransaction } from '../../../db/pool';
import type { ContactChoice } from '../../../domain/facts';
import { checked, operatorOfThisFile, refusalOf } from './operator';
import { seedBooking, T0_MS } from './seed';

const operator = operatorOfThisFile();
const CRM = 'hubspot-main';

/** A guest with one booking, and what was decided about them, one after the other. */
async function aGuest(uid: string, ...choices: ContactChoice[]): Promise<string> {
  const { pool } = operator();
  const personId = randomUUID();
  await pool.query(`INSERT INTO person (id, wrapped_key, sealed) VALUES ($1, '', '')`, [personId]);
  const bookingId = await seedBooking(pool, { chain: [uid], picture: { personId } });
  for (const choice of choices) {
    const rule = { connection: CRM, personId, choice, bookingId, by: 'front-desk', nowMs: T0_MS };
    await withTransaction(pool, (tx) => addMatchRule(tx, rule));
  }
  return personId;
}

const listed = async (query = '') => operator().get(`/api/v1/match-rules${query}`, schemas.matchRuleListSchema);

test('rules are listed newest first, each with what was decided, by whom, when, and for how many bookings', async () => {
  await aGuest('a', { choice: 'no_contact' });
  await aGuest('b', { choice: 'use_contact', crmPersonId: '101' });
  const { rules } = await listed();
  expect(rules).toMatchObject([
    { choice: 'use_contact', personId: '101', booking: 'calcom-sales/b', bookings: 1, decidedBy: 'front-desk' },
    { choice: 'no_contact', personId: null, booking: 'calcom-sales/a' },
  ]);
  expect(rules[0]!.why).toBe('front-desk decided on 2026-11-24: the guest is this contact');
  const page = await listed('?limit=1');
  const next = await listed(`?limit=1&cursor=${page.nextCursor}`);
  expect([...page.rules, ...next.rules].map(({ id }) => id)).toEqual(rules.map(({ id }) => id));
  expect((await listed('?connection=another')).rules).toEqual([]);
});

test('of several decisions about one guest only the last is a rule', async () => {
  const personId = await aGuest('c', { choice: 'no_contact' }, { choice: 'create_contact' });
  expect((await listed()).rules.map(({ choice }) => choice)).toEqual(['create_contact']);
  expect(await readMatchRule(operator().pool, { connection: CRM, personId })).toEqual({ choice: 'create_contact' });
});

test('a rule that is removed counts no more, not even the one before it; its removal is in the audit', async () => {
  const personId = await aGuest('d', { choice: 'no_contact' }, { choice: 'use_contact', crmPersonId: '7' });
  const [rule] = (await listed()).rules;
  const remove = () => operator().api.ask('DELETE', `/api/v1/match-rules/${rule!.id}`);
  expect(checked(await remove(), schemas.removedMatchRuleSchema)).toEqual({ removed: rule!.id });
  expect((await listed()).rules).toEqual([]);
  expect(await readMatchRule(operator().pool, { connection: CRM, personId })).toBeNull();
  expect(refusalOf(await remove())).toEqual([404, 'match_rule_not_found']);
  const { rows } = await operator().pool.query('SELECT action, subject FROM audit_entry');
  expect(rows).toEqual([{ action: 'match_rule.removed', subject: rule!.id }]);
});

test('a rule that never was is answered 404', async () => {
  const reply = await operator().api.ask('DELETE', `/api/v1/match-rules/${randomUUID()}`);
  expect(refusalOf(reply)).toEqual([404, 'match_rule_not_found']);
});
