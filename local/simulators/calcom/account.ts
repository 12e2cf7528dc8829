/**
 * One simulated Cal.com account, and what an API operation gets of it.
 * Invariant: actions and operations are synchronous and change nothing before everything about them has been checked.
 */
import type { SimAnswer, SimRequest } from '../exchange';
import type { Booking, BookingStore } from './bookings';
import { eventTypes, hosts, owner } from './seed';
import type { EventType, Host } from './seed';
import type { CalcomSettings, Scope } from './settings';
import type { Limiter } from './limits';
import type { ReservationStore } from './reservations';
import type { SubscriptionStore } from './subscriptions';
import type { TokenStore } from './tokens';
import type { Webhook } from './webhook-bodies';

export interface Account {
  /** Epoch ms. */
  readonly clock: () => number;
  readonly bookings: BookingStore;
  readonly reservations: ReservationStore;
  readonly subscriptions: SubscriptionStore;
  readonly tokens: TokenStore;
  readonly limiter: Limiter;
  settings(): CalcomSettings;
  emit(webhook: Webhook): void;
}

export interface Call {
  readonly account: Account;
  readonly request: SimRequest;
  /** Values of the path's `{names}`, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** As in Cal.com's contract: `/v2/bookings/{bookingUid}`. */
  readonly template: string;
  /** Which `cal-api-version` it wants; null: none. */
  readonly version: string | null;
  /** Null: no credentials needed. */
  readonly scope: Scope | null;
  /** Query parameters that it takes; any other one is refused. */
  readonly query: readonly string[];
  run(call: Call): SimAnswer;
}

/** A parameter of the path that the template guarantees. */
export function param(call: Call, name: string): string {
  return call.params[name] ?? '';
}

/** `{status: 'success', data}` with what stands beside it. */
export function success(data: unknown, more: { readonly status?: number; readonly beside?: object } = {}): SimAnswer {
  return { status: more.status ?? 200, body: { status: 'success', data, ...more.beside } };
}

export function eventTypeOf(booking: Pick<Booking, 'eventTypeId'>): EventType {
  const found = eventTypes.find(({ id }) => id === booking.eventTypeId);
  if (found === undefined) throw new Error(`There is no event type ${booking.eventTypeId} in this account.`);
  return found;
}

export function hostOf(booking: Pick<Booking, 'hostId'>): Host {
  return hosts.find(({ id }) => id === booking.hostId) ?? owner;
}

/** The row was written: `updatedAt` says so. */
export function touch(account: Account, booking: Booking): void {
  booking.updatedAtMs = account.clock();
}
