/**
 * Two chains of three that turn out to be one, A→B→C and X→Y→Z: every order in which its deliveries can arrive, with up to two lost.
 * Invariant: depth first, so that each order shares as long a beginning as can be with the one before it.
 */
export const CHAIN = ['A', 'B', 'C', 'X', 'Y', 'Z'] as const;
export type Link = (typeof CHAIN)[number];

const MOST_LOST = 2;

/** 720 without a loss, 6 × 120 with one, 15 × 24 with two. */
export const MERGE_ORDERS: readonly (readonly Link[])[] = arrangements(CHAIN, CHAIN.length - MOST_LOST);

/** Every arrangement of at least `fewest` of the items, each right before those that it is the beginning of. */
export function arrangements<T>(items: readonly T[], fewest: number): T[][] {
  const longer = items.flatMap((item, at) =>
    arrangements(items.toSpliced(at, 1), fewest - 1).map((rest) => [item, ...rest]),
  );
  return fewest > 0 ? longer : [[], ...longer];
}

/** What never arrives, oldest first. */
export function lostIn(order: readonly Link[]): Link[] {
  return CHAIN.filter((link) => !order.includes(link));
}

/** The link that this one replaces; null: it is the first. */
export function linkBefore(link: Link): Link | null {
  return CHAIN[CHAIN.indexOf(link) - 1] ?? null;
}

/** `count` of the items from all over. Every step begins elsewhere, because orders with two losses come at regular distances. */
export function spread<T>(items: readonly T[], count: number): T[] {
  const step = Math.floor(items.length / count);
  return Array.from({ length: count }, (_, nth) => items[nth * step + ((nth * 7) % step)]!);
}
