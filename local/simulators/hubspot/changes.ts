/**
 * What happened to records and who did it: told to the app's webhooks, and counted where it sets off the portal's automations.
 * Invariant: every change is heard once, with its author; a write that changes no value is no change.
 */
import type { RecordChange } from './record';
import { objectTypeIds } from './schema';
import type { ObjectType } from './schema';
import { APP_ID, PORTAL_ID, REP_USER_ID } from './seed';
import { subscriptions } from './subscriptions';
import type { AppSubscription, SubscriptionType } from './subscriptions';

/** One event as it is sent. Field names: HubSpot's webhooks guide; instants are epoch milliseconds. */
export interface WebhookEvent {
  readonly eventId: number;
  readonly subscriptionId: number;
  readonly portalId: number;
  readonly appId: number;
  readonly occurredAt: number;
  readonly subscriptionType: SubscriptionType;
  readonly attemptNumber: number;
  readonly objectId: number;
  readonly objectTypeId?: string;
  readonly propertyName?: string;
  /** Dates as epoch milliseconds; `""` for a property that was cleared. */
  readonly propertyValue?: string;
  readonly isSensitive?: boolean;
  readonly changeFlag?: 'CREATED' | 'DELETED';
  readonly changeSource: 'INTEGRATION' | 'CRM_UI';
  readonly sourceId: string;
  readonly primaryObjectId?: number;
  readonly mergedObjectIds?: readonly number[];
  readonly newObjectId?: number;
}

/** What an app's writes set off in a portal that has automations on stages and on lifecycle stages. */
export interface Automations {
  readonly stageMoves: number;
  readonly lifecycleChanges: number;
}

export interface Merge {
  readonly survivorId: string;
  readonly primaryId: string;
  readonly loserIds: readonly string[];
}

export interface Changes {
  heard(change: RecordChange): void;
  merged(merge: Merge): void;
  /** What is done in it is done by the rep; everything else by an app. */
  asRep<T>(run: () => T): T;
  /** Nobody hears what is done in it. */
  quietly<T>(run: () => T): T;
  /** Record id → what apps set off there. Records without any are absent. */
  automations(): Readonly<Record<string, Automations>>;
  restore(automations: Readonly<Record<string, Automations>>): void;
  clear(): void;
}

const FIRST_EVENT_ID = 3_000;

export function createChanges(parts: {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly emit: (events: readonly WebhookEvent[]) => void;
}): Changes {
  const counts = new Map<string, Automations>();
  let author: 'app' | 'rep' = 'app';
  let isQuiet = false;
  let lastEventId = FIRST_EVENT_ID;

  const eventOf = (subscription: AppSubscription, objectId: string, rest: Partial<WebhookEvent>): WebhookEvent => {
    lastEventId += 1;
    return {
      eventId: lastEventId,
      subscriptionId: subscription.id,
      portalId: PORTAL_ID,
      appId: APP_ID,
      occurredAt: parts.clock(),
      subscriptionType: subscription.type,
      attemptNumber: 0,
      objectId: Number(objectId),
      ...(subscription.type.startsWith('object.') ? { objectTypeId: objectTypeIds[subscription.objectType] } : {}),
      ...rest,
      changeSource: author === 'rep' ? 'CRM_UI' : 'INTEGRATION',
      sourceId: author === 'rep' ? `userId:${REP_USER_ID}` : String(APP_ID),
    };
  };
  const eventsOf = (change: RecordChange): WebhookEvent[] => {
    const { type, id } = change.after;
    return subscriptions
      .filter(({ objectType }) => objectType === type)
      .flatMap((subscription) => {
        const rest = newsOf(change, subscription);
        return rest === null ? [] : [eventOf(subscription, id, rest)];
      });
  };
  const count = ({ before, after }: RecordChange): void => {
    if (before === null || author !== 'app') return;
    const moved = (type: ObjectType, name: string): number =>
      after.type === type && before.properties[name] !== after.properties[name] ? 1 : 0;
    const [stages, lifecycles] = [moved('deals', 'dealstage'), moved('contacts', 'lifecyclestage')];
    if (stages + lifecycles === 0) return;
    const { stageMoves, lifecycleChanges } = counts.get(after.id) ?? { stageMoves: 0, lifecycleChanges: 0 };
    counts.set(after.id, { stageMoves: stageMoves + stages, lifecycleChanges: lifecycleChanges + lifecycles });
  };
  const during = <T>(set: () => void, run: () => T): T => {
    const before = [author, isQuiet] as const;
    set();
    try {
      return run();
    } finally {
      [author, isQuiet] = before;
    }
  };

  return {
    heard(change) {
      if (isQuiet) return;
      count(change);
      const events = eventsOf(change);
      if (events.length > 0) parts.emit(events);
    },
    merged({ survivorId, primaryId, loserIds }) {
      const rest = {
        primaryObjectId: Number(primaryId),
        mergedObjectIds: loserIds.map(Number),
        newObjectId: Number(survivorId),
      };
      const told = subscriptions.filter(({ type }) => type === 'contact.merge');
      parts.emit(told.map((subscription) => eventOf(subscription, survivorId, rest)));
    },
    asRep: (run) => during(() => (author = 'rep'), run),
    quietly: (run) => during(() => (isQuiet = true), run),
    automations: () => Object.fromEntries(counts),
    restore(automations) {
      for (const [id, counted] of Object.entries(automations)) counts.set(id, counted);
    },
    clear() {
      counts.clear();
      lastEventId = FIRST_EVENT_ID;
    },
  };
}

/** What a change is to a subscription; null: nothing. */
function newsOf({ before, after }: RecordChange, subscription: AppSubscription): Partial<WebhookEvent> | null {
  if (subscription.type.endsWith('.creation')) return before === null ? { changeFlag: 'CREATED' } : null;
  if (subscription.type.endsWith('.deletion')) return after.archived ? { changeFlag: 'DELETED' } : null;
  const { propertyName } = subscription;
  if (before === null || after.archived || propertyName === null) return null;
  const value = after.properties[propertyName] ?? null;
  if (value === (before.properties[propertyName] ?? null)) return null;
  const isInstant = propertyName.endsWith('_time');
  const propertyValue = isInstant && value !== null ? String(Date.parse(value)) : (value ?? '');
  return { propertyName, propertyValue, isSensitive: false };
}
