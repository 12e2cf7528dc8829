/**
 * One kind of records: read at once by id, and as an index saw them some time ago.
 * Invariant: ids look like HighLevel's (20 letters and digits), follow from a counter and never come back.
 */
import { createHash } from 'node:crypto';

export interface BaseRecord {
  readonly id: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly isDeleted: boolean;
}

export interface RecordStore<T extends BaseRecord> {
  add(fields: Omit<T, keyof BaseRecord>): T;
  /** Throws for an id that was never given out. */
  change(id: string, changes: Partial<Omit<T, keyof BaseRecord>>): T;
  remove(id: string): T;
  /** The live record, or null. */
  find(id: string): T | null;
  /** Deleted ones too. */
  findAny(id: string): T | null;
  /** Oldest first. */
  live(): readonly T[];
  /** Live records as they were `lagMs` ago. */
  asOf(lagMs: number): readonly T[];
  all(): readonly T[];
  restore(records: readonly T[]): void;
  clear(): void;
}

const KEPT_PICTURES = 20;

export function createRecordStore<T extends BaseRecord>(options: {
  readonly clock: () => number;
  readonly nextId: () => string;
}): RecordStore<T> {
  const { clock, nextId } = options;
  let records = new Map<string, T>();
  /** What records were before, oldest first, for indexes that lag. */
  let earlier = new Map<string, T[]>();

  const put = (id: string, changes: object): T => {
    const before = records.get(id);
    if (before === undefined) throw new Error('There is no record with this id in the store.');
    const updatedAtMs = Math.max(clock(), before.updatedAtMs);
    const after = { ...before, ...changes, updatedAtMs };
    earlier.set(id, [...(earlier.get(id) ?? []), before].slice(-KEPT_PICTURES));
    records.set(id, after);
    return after;
  };
  const live = (): readonly T[] => [...records.values()].filter(({ isDeleted }) => !isDeleted);

  return {
    add(fields) {
      const now = clock();
      const meta: BaseRecord = { id: nextId(), createdAtMs: now, updatedAtMs: now, isDeleted: false };
      const record = { ...fields, ...meta } as T;
      records.set(record.id, record);
      return record;
    },
    change: put,
    remove: (id) => put(id, { isDeleted: true }),
    find: (id) => {
      const record = records.get(id) ?? null;
      return record === null || record.isDeleted ? null : record;
    },
    findAny: (id) => records.get(id) ?? null,
    live,
    asOf(lagMs) {
      if (lagMs === 0) return live();
      const untilMs = clock() - lagMs;
      return [...records.values()].flatMap((record) => {
        const pictures = [...(earlier.get(record.id) ?? []), record];
        const seen = pictures.findLast(({ updatedAtMs }) => updatedAtMs <= untilMs);
        return seen === undefined || seen.isDeleted ? [] : [seen];
      });
    },
    all: () => [...records.values()],
    restore(saved) {
      records = new Map(saved.map((record) => [record.id, record]));
      earlier = new Map();
    },
    clear() {
      records = new Map();
      earlier = new Map();
    },
  };
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 20;

/** The n-th id. */
export function idOf(n: number): string {
  let rest = BigInt(`0x${createHash('sha256').update(`gohighlevel ${n}`).digest('hex')}`);
  let text = '';
  while (text.length < ID_LENGTH) {
    text += BASE62[Number(rest % 62n)] ?? '';
    rest /= 62n;
  }
  return text;
}
