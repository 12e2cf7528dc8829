/** What a schema did not like, in one sentence. Invariant: paths hold the schema's own keys only, so no values. */
import type { z } from 'zod';

/** The first complaint as `payload.attendees[0].email: expected a string`. */
export function firstComplaint(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'body: expected another shape';
  const path = issue.path.reduce<string>(
    (sofar, key) =>
      typeof key === 'number' ? `${sofar}[${key}]` : sofar === '' ? String(key) : `${sofar}.${String(key)}`,
    '',
  );
  return `${path === '' ? 'body' : path}: ${issue.message}`;
}
