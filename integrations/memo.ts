/**
 * Answers that are kept for a time: what an account rarely changes is not asked for with every booking.
 * Invariant: a failure is never kept, those who ask at once share one call, and no more than a thousand answers are kept.
 */
export interface Memo<T> {
  /** What is kept under the key, else what `load` answers, which is then kept. Rejects with what `load` throws. */
  get(key: string, load: () => Promise<T>): Promise<T>;
  /** Without a call; undefined where nothing is kept. */
  held(key: string): T | undefined;
  keep(key: string, value: T): void;
}

const MOST_KEPT = 1_000;

/** `now` in epoch ms. */
export function createMemo<T extends object | null>(options: {
  readonly keepMs: number;
  readonly now: () => number;
}): Memo<T> {
  const { keepMs, now } = options;
  const kept = new Map<string, { readonly value: T; readonly untilMs: number }>();
  const underWay = new Map<string, Promise<T>>();
  const held = (key: string): T | undefined => {
    const entry = kept.get(key);
    return entry !== undefined && entry.untilMs > now() ? entry.value : undefined;
  };
  const keep = (key: string, value: T): void => {
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(key, { value, untilMs: now() + keepMs });
  };
  const ask = (key: string, load: () => Promise<T>): Promise<T> => {
    const asked = load()
      .then((value) => {
        keep(key, value);
        return value;
      })
      .finally(() => underWay.delete(key));
    underWay.set(key, asked);
    return asked;
  };
  return {
    held,
    keep,
    get(key, load) {
      const value = held(key);
      return value === undefined ? (underWay.get(key) ?? ask(key, load)) : Promise.resolve(value);
    },
  };
}
