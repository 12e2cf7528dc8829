/**
 * What the app of the portal hears about: its webhook subscriptions, as its configuration would list them.
 * Contacts and deals go by their own names; meetings have none in HubSpot, so they go by `object.*` and their type id.
 */
import type { ObjectType } from './schema';

export type SubscriptionType =
  `${'contact' | 'deal' | 'object'}.${'creation' | 'deletion' | 'propertyChange'}` | 'contact.merge';

export interface AppSubscription {
  readonly id: number;
  readonly type: SubscriptionType;
  readonly objectType: ObjectType;
  /** Only of a property change. */
  readonly propertyName: string | null;
}

const PREFIXES = { contacts: 'contact', deals: 'deal', meetings: 'object' } as const;
const FIRST_ID = 22_000;

const heard: Readonly<Record<keyof typeof PREFIXES, readonly string[]>> = {
  contacts: ['email', 'phone', 'mobilephone', 'firstname', 'lastname', 'lifecyclestage', 'hs_lead_status'],
  deals: ['dealstage'],
  meetings: ['hs_meeting_outcome', 'hs_meeting_start_time', 'hs_meeting_end_time'],
};

function subscriptionsOf(objectType: keyof typeof PREFIXES): Omit<AppSubscription, 'id'>[] {
  const prefix = PREFIXES[objectType];
  return [
    { type: `${prefix}.creation`, objectType, propertyName: null },
    { type: `${prefix}.deletion`, objectType, propertyName: null },
    ...heard[objectType].map((propertyName) => ({ type: `${prefix}.propertyChange`, objectType, propertyName })),
  ] as Omit<AppSubscription, 'id'>[];
}

export const subscriptions: readonly AppSubscription[] = [
  ...(['contacts', 'deals', 'meetings'] as const).flatMap(subscriptionsOf),
  { type: 'contact.merge', objectType: 'contacts', propertyName: null } as const,
].map((subscription, index) => ({ id: FIRST_ID + index, ...subscription }));
