/**
 * The section `sync[].leads` of booksync.yaml: source, owner, score and note of a new lead.
 * Invariant: a rule tests one thing, and a note is only asked for where there is a score.
 */
import { z } from 'zod';
import type { ScoreRule } from '../domain/lead-score';
import type { LeadCapture } from '../domain/settings';
import { flag, list, number, section, url, word } from './schema-parts';

const POINTS = { min: -1_000, max: 1_000 };
const points = number.pipe(
  z
    .int('expected whole points')
    .min(POINTS.min, `expected at least ${POINTS.min}`)
    .max(POINTS.max, `expected at most ${POINTS.max}`),
);

const scoreRule = section({
  answer: word,
  is: word.optional(),
  contains: word.optional(),
  atLeast: number.optional(),
  points,
}).transform(({ answer, points: given, is, contains, atLeast }, context): ScoreRule => {
  const tests: ScoreRule['test'][] = [
    ...(is === undefined ? [] : [{ kind: 'is' as const, text: is }]),
    ...(contains === undefined ? [] : [{ kind: 'contains' as const, text: contains }]),
    ...(atLeast === undefined ? [] : [{ kind: 'at_least' as const, number: atLeast }]),
  ];
  const [test] = tests;
  if (test !== undefined && tests.length === 1) return { answer, test, points: given };
  context.addIssue({ code: 'custom', message: 'expected exactly one of is, contains, atLeast' });
  return z.NEVER;
});

const address = word.regex(/^[^<>@\s]+@[^<>@\s]+$/, 'expected an e-mail address of a user of the CRM');
const owner = z
  .union([z.literal('host'), list(address, 'e-mail addresses').min(1, 'expected at least one e-mail address')], {
    error: 'expected host, or a list of e-mail addresses that take turns',
  })
  .transform((value): LeadCapture['owner'] =>
    value === 'host' ? { kind: 'host' } : { kind: 'round_robin', owners: value },
  );

const note = section({
  atLeast: number.pipe(z.int('expected whole points')),
  name: flag.default(false),
  link: url(['https:', 'http:'], 'https://booksync.example.com/bookings/{booking}')
    .refine((text) => text.includes('{booking}'), 'expected {booking} where the booking goes')
    .nullable()
    .default(null),
});

export const leads = section({
  source: word.max(200, 'expected at most 200 characters').nullable().default(null),
  owner: owner.nullable().default(null),
  score: list(scoreRule, 'rules').default([]),
  note: note.nullable().default(null),
}).superRefine((value, context) => {
  if (value.note !== null && value.score.length === 0) {
    context.addIssue({ code: 'custom', path: ['note'], message: 'needs rules under score' });
  }
});
