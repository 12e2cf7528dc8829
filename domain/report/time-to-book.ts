/** How long leads take to their first booking. Invariant: every value is in exactly one bucket. */

export interface Bucket {
  readonly label: string;
  readonly count: number;
}

/** Each up to, and without, so many hours. */
const BUCKETS: readonly (readonly [string, number])[] = [
  ['Under 1 hour', 1],
  ['1–4 hours', 4],
  ['4–24 hours', 24],
  ['1–3 days', 72],
  ['3–7 days', 168],
  ['1–2 weeks', 336],
  ['2 weeks on', Infinity],
];

/** Of an even number, the mean of the two in the middle. Null: there is none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** Hours from entry to first booking, sorted into spans. Who booked before they were a lead counts as at once. */
export function timeToBookBuckets(hours: readonly number[]): Bucket[] {
  const counts = BUCKETS.map(() => 0);
  for (const value of hours) {
    const index = BUCKETS.findIndex(([, below]) => value < below);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return BUCKETS.map(([label], index) => ({ label, count: counts[index] ?? 0 }));
}

/** "40 min", "5 h", "3.5 days" */
export function hoursInWords(hours: number): string {
  if (hours < 1) return `${Math.max(0, Math.round(hours * 60))} min`;
  if (hours < 48) return `${Number(hours.toFixed(hours < 10 ? 1 : 0))} h`;
  return `${Number((hours / 24).toFixed(1))} days`;
}
