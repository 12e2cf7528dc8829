/**
 * Checks what callers send against a schema.
 * Invariant: a refusal names every field and what it should be, and quotes no value.
 */
import type { z } from 'zod';
import { HttpError } from '../errors';

/** The parsed value, or `HttpError` 400 that lists every problem. `part` is what the caller calls it: query, path, body. */
export function validate<S extends z.ZodType>(schema: S, value: unknown, part: 'query' | 'path' | 'body'): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const field = issue.path.join('.');
    return field === '' ? issue.message : `${field}: ${issue.message}`;
  });
  throw new HttpError({
    status: 400,
    code: 'invalid_request',
    message: `The ${part} is not as expected: ${problems.join('; ')}.`,
  });
}
