/**
 * What the customer's automations and notifications did because of a write: what leads would see.
 * Invariant: counted for writes of the API and of reps alike; never a name or an address.
 */

export type EffectKind = 'guest_notified' | 'stage_moved' | 'opportunity_created' | 'status_changed';

export interface SideEffect {
  readonly kind: EffectKind;
  /** Of the appointment or the opportunity. */
  readonly id: string;
  readonly atMs: number;
}

export interface SideEffects {
  note(kind: EffectKind, id: string): void;
  /** The last ones, oldest first. */
  list(): readonly SideEffect[];
  counts(): Readonly<Record<EffectKind, number>>;
  restore(counts: Readonly<Record<EffectKind, number>>): void;
  clear(): void;
}

const KEPT = 5_000;
const NONE = { guest_notified: 0, stage_moved: 0, opportunity_created: 0, status_changed: 0 } as const;

export function createSideEffects(clock: () => number): SideEffects {
  let list: SideEffect[] = [];
  let counts: Record<EffectKind, number> = { ...NONE };
  return {
    note(kind, id) {
      counts[kind] += 1;
      list.push({ kind, id, atMs: clock() });
      if (list.length > KEPT) list = list.slice(-KEPT);
    },
    list: () => [...list],
    counts: () => ({ ...counts }),
    restore(saved) {
      counts = { ...saved };
    },
    clear() {
      list = [];
      counts = { ...NONE };
    },
  };
}
