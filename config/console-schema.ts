/**
 * The section `console` of booksync.yaml: operators with a token of their own.
 * Invariant: no two operators share an id or a token, and no refusal shows a token.
 */
import { z } from 'zod';
import { list, section } from './schema-parts';

/** Whoever signs in with the token decides under the id. */
export interface OperatorToken {
  readonly id: string;
  readonly token: string;
}

const SHORTEST = 16;

const operator = section({
  id: z
    .string('expected an id')
    .regex(/^[\w-]{1,64}$/, 'expected an opaque id of letters, digits, _ and -: no name, no address'),
  // Not trimmed: every byte of a secret counts.
  token: z.string('expected a token').min(SHORTEST, `expected a token of at least ${SHORTEST} characters`),
});

const isOnce = (values: readonly string[]): boolean => new Set(values).size === values.length;

export const consoleSection = section({
  operators: list(operator, 'operators, each with id and token')
    .refine((all) => isOnce(all.map(({ id }) => id)), 'two operators have the same id; expected one each')
    .refine((all) => isOnce(all.map(({ token }) => token)), 'two operators have the same token; expected one each')
    .default([]),
});
