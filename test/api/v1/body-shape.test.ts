import { bodyShapeOf } from '../../../api/v1/body-shape';

const shapeOf = (text: string) => bodyShapeOf(Buffer.from(text));

describe('the shape of a stored body', () => {
  it('keeps keys and shows types instead of values', () => {
    const body = JSON.stringify({
      triggerEvent: 'BOOKING_CREATED',
      payload: { attendees: [{ email: 'pat@example.com', phone: '+12025550101' }], seats: 3, paid: false, note: null },
    });
    expect(shapeOf(body)).toEqual({
      kind: 'json',
      bytes: body.length,
      shape: {
        triggerEvent: 'string',
        payload: { attendees: [{ email: 'string', phone: 'string' }], seats: 'number', paid: 'boolean', note: 'null' },
      },
    });
  });

  it('does not show keys that could be data', () => {
    const shown = JSON.stringify(shapeOf('{"pat@example.com": 1, "+1 202 555 0101": 2, "Pat said hello": 3}'));
    expect(shown).not.toMatch(/pat@|0101|hello/i);
    expect(shown).toContain('(key 1)');
  });

  it('treats __proto__ as a key like any other', () => {
    const shape = shapeOf('{"__proto__": {"isAdmin": true}}');
    expect(JSON.stringify(shape)).toContain('"__proto__":{"isAdmin":"boolean"}');
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });

  it('stops at a depth, a number of items and a number of keys', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(JSON.stringify(shapeOf(deep)).length).toBeLessThan(500);
    expect(shapeOf('[1,2,3,4,5,6,7]')).toMatchObject({
      shape: ['number', 'number', 'number', 'number', 'number', 'and 2 more'],
    });
    const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 130 }, (_, n) => [`k${n}`, n])));
    expect(shapeOf(wide)).toMatchObject({ shape: { '(more keys)': 30 } });
  });

  it('says when there is nothing to read', () => {
    expect(shapeOf('{"half":')).toEqual({ kind: 'unreadable', bytes: 8 });
    expect(bodyShapeOf(null)).toEqual({ kind: 'gone' });
  });
});
