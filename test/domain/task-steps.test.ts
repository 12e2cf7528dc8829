/** Whose a task is, when it is due, who comes next, and what a rest does to all of it. */
import { wallClock } from '../../config/zones';
import type { TaskSettings } from '../../domain/settings';
import { afterRest, planTask, taskSteps, whyRestIsRefused } from '../../domain/task-steps';
import type { TaskKind } from '../../domain/tasks';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-11-27T23:00:00Z');
const always = { hours: null, clock: wallClock };
const settings: TaskSettings = {
  owner: 'front-desk',
  dueAfterMs: 4 * HOUR,
  remindAfterMs: 3 * HOUR,
  escalateTo: ['manager', 'everyone'],
  owners: [
    { kind: 'conflict', connection: 'hubspot-main', owner: 'sales-ops' },
    { kind: 'crm_refused', owner: 'crm-admin' },
    { connection: 'calcom-north', owner: 'north' },
  ],
};
const ownerOf = (kind: TaskKind, bookingId: string | null, about: string): string =>
  planTask({ kind, bookingId, about }, settings, { nowMs: NOW, ...always }).owner;

test.each<[TaskKind, string | null, string, string]>([
  ['match_contact', 'calcom-sales/u1', 'hubspot-main', 'front-desk'],
  ['crm_refused', 'calcom-sales/u1', 'hubspot-main', 'crm-admin'],
  ['conflict', 'calcom-sales/u1', 'hubspot-main:slot', 'sales-ops'],
  ['conflict', 'calcom-sales/u1', 'undo-hubspot-main/42', 'sales-ops'],
  ['conflict', 'calcom-sales/u1', 'gohighlevel-main:slot', 'front-desk'],
  ['no_show_review', 'calcom-north/u1', 'outcome', 'north'],
  ['reauthorize', null, 'calcom-north', 'north'],
  ['crm_refused', 'calcom-north/u1', 'hubspot-main', 'crm-admin'],
])('a %s of %s about %s is of %s', (kind, bookingId, about, owner) => {
  expect(ownerOf(kind, bookingId, about)).toBe(owner);
});

test('a task is reminded of, then goes along the chain, each with the time between reminder and due time', () => {
  const plan = planTask({ kind: 'conflict', bookingId: 'a/b', about: 'x' }, settings, { nowMs: NOW, ...always });
  expect(plan).toMatchObject({ remindAtMs: NOW + 3 * HOUR, dueAtMs: NOW + 4 * HOUR });
  expect(taskSteps(plan, settings, always)).toEqual([
    { atMs: NOW + 3 * HOUR, what: 'remind' },
    { atMs: NOW + 4 * HOUR, what: 'escalate', to: 'manager' },
    { atMs: NOW + 5 * HOUR, what: 'escalate', to: 'everyone' },
  ]);
});

describe('in business hours', () => {
  const hours = { zone: 'America/Denver', days: ['mon', 'fri'], fromMinute: 480, toMinute: 1_080 } as const;
  const open = { hours, clock: wallClock };
  const at = (text: string): number => Date.parse(`2026-${text}:00Z`);

  it('a task of Friday afternoon is due on Monday', () => {
    const plan = planTask({ kind: 'conflict', bookingId: 'a/b', about: 'x' }, settings, { nowMs: NOW, ...open });
    expect(plan).toMatchObject({ remindAtMs: at('11-30T16:00'), dueAtMs: at('11-30T17:00') });
    expect(taskSteps(plan, settings, open).map(({ atMs }) => atMs)).toEqual([
      at('11-30T16:00'),
      at('11-30T17:00'),
      at('11-30T18:00'),
    ]);
  });

  it('a rest leaves as much business time as there was', () => {
    const rest = { fromMs: NOW, untilMs: at('12-04T16:00'), ...open };
    // Four hours were left: two on Friday, two on Monday.
    expect(afterRest(at('11-30T17:00'), rest)).toBe(at('12-04T20:00'));
  });
});

test('what was due already is due when the rest ends, and waking early gives the time back', () => {
  const rest = { fromMs: NOW, untilMs: NOW + DAY, ...always };
  expect(afterRest(NOW - HOUR, rest)).toBe(NOW + DAY);
  const due = afterRest(NOW + 2 * HOUR, rest);
  expect(afterRest(due, { fromMs: NOW + DAY, untilMs: NOW + HOUR, ...always })).toBe(NOW + 3 * HOUR);
});

test.each([
  [NOW, /future/],
  [NOW - 1, /future/],
  [NaN, /instant/],
  [NOW + 91 * DAY, /90 days/],
])('a rest until %s is refused', (untilMs, why) => expect(whyRestIsRefused(untilMs, NOW)).toMatch(why));
test('a rest of up to ninety days is fine', () => {
  expect(whyRestIsRefused(NOW + 1, NOW)).toBeNull();
  expect(whyRestIsRefused(NOW + 90 * DAY, NOW)).toBeNull();
});
