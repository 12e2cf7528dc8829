/**
 * Ids and chances of the simulated account.
 * Invariant: everything follows from the seed; nothing is drawn from the machine.
 */
import { createHash } from 'node:crypto';

export interface Chances {
  /** The next number, 0 included, 1 excluded. */
  next(): number;
  reseed(seed: number): void;
}

/** The generator "mulberry32": 32 bits of state, good enough to draw fates. */
export function createChances(seed: number): Chances {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
    reseed(next) {
      state = next >>> 0;
    },
  };
}

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const UID_LENGTH = 22;

/** A booking's uid: 22 characters, as Cal.com's look. */
export function shortId(name: string): string {
  let rest = BigInt(`0x${digest(name)}`);
  let text = '';
  while (text.length < UID_LENGTH) {
    text += BASE58[Number(rest % 58n)] ?? '';
    rest /= 58n;
  }
  return text;
}

/** A UUID, as Cal.com's ids of seats, subscriptions and slots look. */
export function uuid(name: string): string {
  const hex = digest(name);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function digest(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}
