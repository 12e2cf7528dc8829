/**
 * Chances of a simulated account.
 * Invariant: everything follows from the seed; nothing is drawn from the machine.
 */

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
