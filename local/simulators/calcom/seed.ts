/**
 * What the simulated account has before anybody books: two hosts, one event type of each kind, one OAuth client.
 * Invariant: ids and slugs never change. The hosts are the owners of the HubSpot simulator.
 */

export interface Host {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly username: string;
  readonly zone: string;
}

const HOST: Host = {
  id: 9001,
  name: 'Sample Host',
  email: 'host@example.com',
  username: 'sample-host',
  zone: 'America/Denver',
};
const ESTIMATOR: Host = {
  id: 9002,
  name: 'Sample Estimator',
  email: 'estimator@example.com',
  username: 'sample-estimator',
  zone: 'America/Denver',
};

/** The first one owns the event types and the credentials. */
export const owner = HOST;
export const hosts: readonly Host[] = [HOST, ESTIMATOR];

export const eventTypeSlugs = ['plain', 'opt-in', 'paid', 'paid-opt-in', 'seats', 'series', 'series-opt-in'] as const;
export type EventTypeSlug = (typeof eventTypeSlugs)[number];

export interface EventType {
  readonly id: number;
  readonly slug: EventTypeSlug;
  readonly title: string;
  readonly minutes: number;
  /** The host has to confirm what a guest asks for. */
  readonly confirms: boolean;
  /** In cents; 0 for nothing to pay. */
  readonly price: number;
  readonly seats: number | null;
  /** Weekly occurrences of one booking. */
  readonly recurring: { readonly freq: 2; readonly count: number; readonly interval: 1 } | null;
}

const basic = { minutes: 30, confirms: false, price: 0, seats: null, recurring: null };
const weekly = { freq: 2, count: 4, interval: 1 } as const;

export const eventTypes: readonly EventType[] = [
  { ...basic, id: 101, slug: 'plain', title: 'Strategy call' },
  { ...basic, id: 102, slug: 'opt-in', title: 'Estimate on site', confirms: true },
  { ...basic, id: 103, slug: 'paid', title: 'Paid consultation', price: 5_000 },
  { ...basic, id: 104, slug: 'paid-opt-in', title: 'Paid inspection', price: 9_000, confirms: true },
  { ...basic, id: 105, slug: 'seats', title: 'Open house', minutes: 60, seats: 10 },
  { ...basic, id: 106, slug: 'series', title: 'Weekly coaching', recurring: weekly },
  { ...basic, id: 107, slug: 'series-opt-in', title: 'Weekly site visit', recurring: weekly, confirms: true },
];

/** OAuth2 for the demo and tests; the code can be exchanged once for a first pair of tokens, the refresh token is valid from the start. */
export const oauthClient = {
  id: 'demo-oauth-client',
  secret: 'demo-oauth-secret',
  redirectUri: 'http://127.0.0.1/oauth/calcom',
  code: 'demo-oauth-code',
  refreshToken: 'demo-refresh-token',
} as const;
