import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf } from '../../../api/v1/cursor';

const shape = z.object({ at: z.number(), id: z.string() });

describe('cursors', () => {
  it('bring back the position that they were made of', () => {
    expect(decodeCursor(encodeCursor({ at: 1, id: 'a' }), shape)).toEqual({ at: 1, id: 'a' });
    expect(decodeCursor(undefined, shape)).toBeNull();
  });

  it.each(['', 'garbage', encodeCursor({ at: '1', id: 'a' }), encodeCursor(null), encodeCursor([1, 'a'])])(
    'refuse what was not made by the same list: %j',
    (cursor) => {
      expect(() => decodeCursor(cursor, shape)).toThrow(expect.objectContaining({ status: 400, code: 'bad_cursor' }));
    },
  );

  it('are given only when another page follows', () => {
    const position = (n: number) => ({ n });
    expect(pageOf([1, 2, 3], 2, position)).toEqual({ page: [1, 2], nextCursor: encodeCursor({ n: 2 }) });
    expect(pageOf([1, 2], 2, position)).toEqual({ page: [1, 2], nextCursor: null });
    expect(pageOf([], 2, position)).toEqual({ page: [], nextCursor: null });
  });
});
