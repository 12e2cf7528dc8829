/**
 * What becomes of a webhook on its way: lost, doubled, held back.
 * Invariant: every webhook draws the same number of chances, so one setting does not shift the fates of another.
 */
import type { Chances } from './chances';

/** Shares from 0 to 1. */
export interface LineQuality {
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
}

export interface Fate {
  readonly isLost: boolean;
  /** Sent so often: 1 or 2. */
  readonly copies: number;
  /** Held back until so many later ones are out; 0: not at all. */
  readonly behind: number;
}

const MOST_BEHIND = 3;

export function drawFate(chances: Chances, line: LineQuality): Fate {
  const [loss, duplicate, reorder, distance] = [chances.next(), chances.next(), chances.next(), chances.next()];
  return {
    isLost: loss < line.loss,
    copies: duplicate < line.duplicate ? 2 : 1,
    behind: reorder < line.reorder ? 1 + Math.floor(distance * MOST_BEHIND) : 0,
  };
}
