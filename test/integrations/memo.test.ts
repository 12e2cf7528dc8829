import { createMemo } from '../../integrations/memo';

describe('what the adapter keeps for a time', () => {
  const kept = () => {
    let nowMs = 0;
    const memo = createMemo<{ readonly n: number }>({ keepMs: 1_000, now: () => nowMs });
    let asked = 0;
    const load = () => Promise.resolve({ n: (asked += 1) });
    return { memo, load, advance: (ms: number) => void (nowMs += ms) };
  };

  it('is asked for once, also by those who ask while the answer is under way', async () => {
    const { memo, load } = kept();
    expect(await Promise.all([memo.get('a', load), memo.get('a', load)])).toEqual([{ n: 1 }, { n: 1 }]);
    expect(await memo.get('a', load)).toEqual({ n: 1 });
    expect(await memo.get('b', load)).toEqual({ n: 2 });
  });

  it('is asked for again when its time is over, and may be told without asking', async () => {
    const { memo, load, advance } = kept();
    await memo.get('a', load);
    advance(999);
    expect(memo.held('a')).toEqual({ n: 1 });
    advance(1);
    expect(memo.held('a')).toBeUndefined();
    expect(await memo.get('a', load)).toEqual({ n: 2 });
    memo.keep('a', { n: 9 });
    expect(await memo.get('a', load)).toEqual({ n: 9 });
  });

  it('is forgotten altogether when it has become too much', async () => {
    const { memo, load } = kept();
    await memo.get('first', load);
    for (let n = 0; n < 999; n += 1) memo.keep(`other ${n}`, { n });
    expect(memo.held('first')).toEqual({ n: 1 });
    memo.keep('one more', { n: 0 });
    expect(memo.held('first')).toBeUndefined();
    expect(memo.held('one more')).toEqual({ n: 0 });
  });

  it('is never a failure', async () => {
    const { memo, load } = kept();
    await expect(memo.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await memo.get('a', load)).toEqual({ n: 1 });
  });
});
