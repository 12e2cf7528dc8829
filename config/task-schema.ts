/**
 * The section `tasks` of booksync.yaml: whose tasks are whose, when they are due, who comes next, how owners are told.
 * Invariant: owners are opaque ids, because they get into workflow histories; addresses stand under `people` only.
 */
import { z } from 'zod';
import { WEEKDAYS } from '../domain/business-hours';
import type { TaskSettings } from '../domain/settings';
import { EVERYONE } from '../domain/task-steps';
import { TASK_KINDS, type TaskKind } from '../domain/tasks';
import { flag, list, section, span, UNIT_MS, word } from './schema-parts';
import { isZone } from './zones';

const ownerId = word.regex(/^[\w-]{1,64}$/, 'expected the id of an owner: letters, digits, _ and - only');

const clock = word
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'expected a time of day such as "08:30"')
  .transform((text) => {
    const [hour = 0, minute = 0] = text.split(':').map(Number);
    return hour * 60 + minute;
  });

const businessHours = section({
  zone: word.refine(isZone, 'expected an IANA zone such as America/Denver'),
  days: list(z.enum(WEEKDAYS, `expected days such as mon, of ${WEEKDAYS.join(', ')}`), 'days')
    .min(1, 'expected at least one day')
    .default(['mon', 'tue', 'wed', 'thu', 'fri']),
  from: clock,
  to: clock,
})
  .refine(({ from, to }) => to - from >= 60, { path: ['to'], message: 'expected at least an hour after from' })
  .transform(({ zone, days, from, to }) => ({ zone, days, fromMinute: from, toMinute: to }));

const ownerRule = section({
  kind: z
    .enum(TASK_KINDS as readonly [TaskKind, ...TaskKind[]], `expected a kind of ${TASK_KINDS.join(', ')}`)
    .optional(),
  connection: word.optional(),
  owner: ownerId,
}).refine(({ kind, connection }) => kind !== undefined || connection !== undefined, {
  message: 'expected a kind, a connection, or both; without a rule a task is the owner’s',
});

const person = section({
  email: word.regex(/^[^\s<>,;"@]+@[^\s<>,;"@]+$/, 'expected one address such as desk@example.com'),
});

export const tasks = section({
  owner: ownerId.refine((id) => id !== EVERYONE, `${EVERYONE} is the end of escalateTo; expected one owner`),
  owners: list(ownerRule, 'rules').default([]),
  dueAfter: span.default(4 * UNIT_MS.h),
  remindAfter: span.default(2 * UNIT_MS.h),
  escalateTo: list(ownerId, 'owners').default([]),
  businessHours: businessHours.nullable().default(null),
  people: z.record(ownerId, person, 'expected a section with owners').default({}),
  slack: flag.default(false),
})
  .refine((value) => value.remindAfter <= value.dueAfter, {
    path: ['remindAfter'],
    message: 'is after dueAfter; expected the same or earlier',
  })
  .transform((value): TaskSettings => ({
    owner: value.owner,
    owners: value.owners,
    escalateTo: value.escalateTo,
    dueAfterMs: value.dueAfter,
    remindAfterMs: value.remindAfter,
    businessHours: value.businessHours,
    notices: {
      emails: Object.fromEntries(Object.entries(value.people).map(([id, { email }]) => [id, email])),
      slack: value.slack,
    },
  }));
