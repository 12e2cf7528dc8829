/**
 * The arithmetic of the benchmarks: percentiles of one round, spreads over rounds, and how both are written.
 * Invariant: rounds are compared with rounds of the same moment, never averages with averages.
 */

/** Over rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Nearest rank; `share` from 0 to 1. Throws for an empty list. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new Error('A percentile of no values was asked for: nothing was measured');
  return found;
}

/** The median of an even number of values is the mean of the middle two. */
export function spreadOf(values: readonly number[]): Spread {
  const middle = (percentile(values, 0.5) + [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!) / 2;
  return { median: middle, min: Math.min(...values), max: Math.max(...values) };
}

/** `0.81 (0.73-1.13)` */
export function writeSpread({ median, min, max }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
}

/** Columns as wide as their widest cell; numbers are given as text. */
export function writeTable(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((known, row) => row.map((cell, i) => Math.max(known[i] ?? 0, cell.length)), []);
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('   ')}`.trimEnd()).join('\n');
}

/** One line of the table at the end. */
export interface Verdict {
  readonly figure: string;
  readonly measured: string;
  readonly target: string;
  readonly reached: boolean;
}

export function writeVerdicts(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((one) => [one.figure, one.measured, one.target, one.reached ? 'reached' : 'MISSED']);
  return writeTable([['figure', 'median of rounds (min to max)', 'target', ''], ...rows]);
}
