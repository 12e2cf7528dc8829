/**
 * Cursors of lists: opaque to callers, a position to the database.
 * Invariant: a cursor that was not made here is refused, never guessed at.
 */
import { type z } from 'zod';
import { HttpError } from '../errors';

/** Base64url of the position as JSON. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** The position of the given shape, or null without a cursor. Throws `HttpError` 400 for a cursor of another list or none of ours. */
export function decodeCursor<T>(cursor: string | undefined, shape: z.ZodType<T>): T | null {
  if (cursor === undefined) return null;
  const parsed = shape.safeParse(jsonOrUndefined(Buffer.from(cursor, 'base64url').toString()));
  if (parsed.success) return parsed.data;
  throw new HttpError({
    status: 400,
    code: 'bad_cursor',
    message: 'This cursor was not given out by this list. Pass the "nextCursor" of the page before, unchanged.',
  });
}

/** A page one longer than asked for tells whether another follows. */
export function pageOf<T>(rows: readonly T[], limit: number, positionOf: (last: T) => unknown) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(positionOf(last)) : null };
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
