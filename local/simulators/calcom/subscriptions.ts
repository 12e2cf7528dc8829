/**
 * Who is told about bookings: the account's webhook subscriptions.
 * Invariant: every active subscription with the trigger is told, also when two of them have the same address.
 */
import { notFound } from './errors';
import { uuid } from './random';
import { owner } from './seed';

/** What this simulator sends. */
export const sentTriggers = [
  'BOOKING_CREATED',
  'BOOKING_PAYMENT_INITIATED',
  'BOOKING_PAID',
  'BOOKING_RESCHEDULED',
  'BOOKING_REQUESTED',
  'BOOKING_CANCELLED',
  'BOOKING_REJECTED',
  'BOOKING_NO_SHOW_UPDATED',
  'MEETING_STARTED',
  'MEETING_ENDED',
  'AFTER_HOSTS_CAL_VIDEO_NO_SHOW',
  'AFTER_GUESTS_CAL_VIDEO_NO_SHOW',
] as const;
export type SentTrigger = (typeof sentTriggers)[number];

/** What a subscription may ask for. */
export const triggers = [
  ...sentTriggers,
  'FORM_SUBMITTED',
  'FORM_SUBMITTED_NO_EVENT',
  'RECORDING_READY',
  'RECORDING_TRANSCRIPTION_GENERATED',
  'INSTANT_MEETING',
  'OOO_CREATED',
  'DELEGATION_CREDENTIAL_ERROR',
  'WRONG_ASSIGNMENT_REPORT',
] as const;
export type Trigger = (typeof triggers)[number];

export interface Subscription {
  readonly id: string;
  readonly userId: number;
  readonly url: string;
  /** Null: its deliveries say `no-secret-provided`. */
  readonly secret: string | null;
  readonly triggers: readonly Trigger[];
  readonly active: boolean;
  readonly payloadTemplate: string | null;
  /** Video calls are counted so many minutes after the start; null: never, which is what the API leaves it at. */
  readonly noShowAfterMinutes: number | null;
}

export type NewSubscription = Pick<Subscription, 'url' | 'triggers'> &
  Partial<Omit<Subscription, 'id' | 'userId' | 'url' | 'triggers'>>;

export interface SubscriptionStore {
  add(given: NewSubscription): Subscription;
  /** Throws 404. */
  get(id: string): Subscription;
  change(id: string, patch: Partial<Omit<Subscription, 'id' | 'userId'>>): Subscription;
  remove(id: string): Subscription;
  /** Oldest first. */
  all(): readonly Subscription[];
  /** Active ones with this trigger; of head counts only those that say when to count. */
  listening(trigger: Trigger): readonly Subscription[];
  restore(saved: readonly Subscription[]): void;
  clear(): void;
}

export function createSubscriptionStore(nextId: () => number): SubscriptionStore {
  let byId = new Map<string, Subscription>();
  const get = (id: string): Subscription => {
    const found = byId.get(id);
    if (found === undefined) throw notFound('The webhook');
    return found;
  };
  const put = (subscription: Subscription): Subscription => {
    byId.set(subscription.id, subscription);
    return subscription;
  };

  return {
    add: (given) =>
      put({
        secret: null,
        active: true,
        payloadTemplate: null,
        noShowAfterMinutes: null,
        ...given,
        id: uuid(`webhook ${nextId()}`),
        userId: owner.id,
      }),
    get,
    change: (id, patch) => put({ ...get(id), ...patch }),
    remove(id) {
      const removed = get(id);
      byId.delete(id);
      return removed;
    },
    all: () => [...byId.values()],
    listening: (trigger) =>
      [...byId.values()].filter(
        (one) =>
          one.active &&
          one.triggers.includes(trigger) &&
          (one.noShowAfterMinutes !== null || !trigger.endsWith('_CAL_VIDEO_NO_SHOW')),
      ),
    restore(saved) {
      byId = new Map(saved.map((one) => [one.id, one]));
    },
    clear() {
      byId = new Map();
    },
  };
}
