/**
 * What every vendor folder implements: a source of bookings, a CRM (crm-port.ts), webhooks of both (webhook-port.ts), a messenger.
 * Invariant: nothing vendor-shaped crosses these interfaces; what differs between vendors is a capability or stays inside the folder.
 */
import type { Side, Slot, SourceFactType } from '../domain/facts';
import type { PersonData } from '../domain/person';
import type { SourceBookings } from './source-bookings-port';
import type { SourceRead } from './source-read';
import type { HeaderLookup, InboundWebhooks, SignatureCheck } from './webhook-port';

export * from './crm-port';
export * from './source-bookings-port';
export * from './source-read';
export * from './webhook-port';

// ---------------------------------------------------------------- sources

/** A person as a source names them. E-mail lower-cased and trimmed; null when the source invented it (Cal.com's `…@sms.cal.com`). */
export type SourcePerson = PersonData;

/** Personal details of an appointment: kept encrypted, never in Temporal. */
export interface SourceDetails {
  readonly title: string | null;
  readonly notes: string | null;
  readonly location: string | null;
  readonly joinUrl: string | null;
  readonly cancellationReason: string | null;
  /** Question key → answer, as text. */
  readonly answers: Readonly<Record<string, string>>;
}

/** What a delivery means for one booking, before it has a booking, a person id and an id of its own. */
export interface SourceEvent {
  readonly type: SourceFactType;
  readonly uid: string;
  readonly predecessorUid: string | null;
  /** Uids before the predecessor, nearest first; empty unless the source's API was asked for them. */
  readonly ancestry: readonly string[];
  /** The calendar's own id, a second key of the chain; null when absent. */
  readonly iCalUid: string | null;
  readonly slot: Slot | null;
  readonly sequence: number | null;
  /** The source's own key of what was booked, which a mapping may name: opaque, never personal. Null: not named. */
  readonly eventType: string | null;
  readonly guest: SourcePerson | null;
  readonly host: SourcePerson | null;
  readonly details: SourceDetails | null;
  /**
   * For a uid that several guests share: whose participation this is about, told by the seat where it is named, else by
   * `guest`. Null: the uid is one guest's own, or this is about everybody who shares it.
   */
  readonly seat: { readonly id: string | null } | null;
  /** Whom an attendance mark is about; null: it names nobody, or is no mark. */
  readonly about: SourcePerson | null;
  /** Whose wish a cancellation was; absent: the source does not say, or it is none. */
  readonly calledOffBy?: Side;
  /** The mark under which it was booked from here (`BookingOrder.mark`); absent: it was not, or the source does not say. */
  readonly bookedFor?: string;
  /** One event that may stand for others of its series as well: those have to be read again. */
  readonly series: boolean;
  /** When the source's API was read for this, epoch ms; null for what the source pushed. */
  readonly readAtMs: number | null;
  /**
   * Equal for deliveries that mean the same, whatever their envelope says; null for marks whose legitimate
   * repeat has equal content (no-show on, off, on): those are judged against the booking's state instead.
   */
  readonly meaning: string | null;
}

/** What a delivery turned out to be. `ignored` and `unreadable` carry a reason without personal data. */
export type ReadDelivery =
  | { readonly kind: 'events'; readonly trigger: string; readonly events: readonly SourceEvent[] }
  | { readonly kind: 'ignored'; readonly trigger: string; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly trigger: string | null; readonly reason: string };

export interface BookingSource extends InboundWebhooks {
  /** Verifies the raw bytes against every live secret in constant time; an empty list of secrets fails closed. */
  verifySignature(rawBody: Buffer, header: HeaderLookup, secrets: readonly string[]): SignatureCheck;
  /** Parses and normalizes. Pure; never throws for bad input: that is an `unreadable` or `ignored` result. */
  read(rawBody: Buffer, headers: Readonly<Record<string, string>>): ReadDelivery;
}

/** Marks a stored delivery as made here from a read; never among the headers that are kept of a webhook. */
export const READ_HEADERS: Readonly<Record<string, string>> = { 'x-booksync-origin': 'read' };

/** What is wrong with the source's subscription to our webhook, in words an operator can act upon. `fixable`: `mendSubscription` mends it. */
export interface SubscriptionFinding {
  readonly problem: string;
  readonly fixable: boolean;
}

/**
 * A source's own API, for one connection. Reads have a time limit of their own. Every method throws one `SourceError`.
 * A read that finds nothing is null, and means nothing.
 */
export interface SourceApi {
  readBooking(uid: string): Promise<SourceRead | null>;
  /** Appointments that changed within the closed window, by change time; every page. */
  listChanged(window: { readonly fromMs: number; readonly toMs: number }): Promise<SourceRead[]>;
  /** Appointments whose slot ended within the window: their attendance marks touch no change time. */
  listEnded(window: { readonly fromMs: number; readonly toMs: number }): Promise<SourceRead[]>;
  /** Every occurrence of the series that the appointment belongs to; only itself where there is none. */
  listSeries(uid: string): Promise<SourceRead[]>;
  /** Only after the slot's start. */
  markAbsent(uid: string, mark: { readonly email: string; readonly absent: boolean }): Promise<void>;
  /** `seatId`: only that participation. */
  cancel(uid: string, given: { readonly reason: string; readonly seatId: string | null }): Promise<void>;
  /** Moves to a new start; resolves with the uid that the appointment has from now on. */
  reschedule(uid: string, to: { readonly startMs: number; readonly reason: string }): Promise<{ readonly uid: string }>;
  /** Booking there from here; absent: this source can't be booked by its API. */
  readonly bookings?: SourceBookings;
  /** Empty when the subscription to `webhookUrl` is as it should be. */
  checkSubscription(expected: { readonly webhookUrl: string }): Promise<SubscriptionFinding[]>;
  /** Mends what is fixable and returns what it did, in words. */
  mendSubscription(expected: { readonly webhookUrl: string; readonly secret: string }): Promise<string[]>;
}

export type SourceErrorClass =
  /** Wait `retryAfterMs`, then repeat. */
  | 'rate_limited'
  /** Not applied, or a read: repeat with backoff. */
  | 'unavailable'
  /** A write may or may not have been applied: read, then decide. */
  | 'unknown_outcome'
  /** Credentials dead or scope missing. */
  | 'reauth_required'
  /** The source says no: already canceled, not begun yet, moved on. Repeating is useless. */
  | 'refused'
  /** The source answered outside its contract. */
  | 'contract_violation';

/** `message` names operations, statuses and ids only; the vendor's own text stays in `vendorText`. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly errorClass: SourceErrorClass;
  readonly retryAfterMs: number | null;
  readonly httpStatus: number | null;
  readonly vendorText: string | null;

  constructor(
    errorClass: SourceErrorClass,
    message: string,
    extra: { retryAfterMs?: number; httpStatus?: number; vendorText?: string; cause?: unknown } = {},
  ) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.errorClass = errorClass;
    this.retryAfterMs = extra.retryAfterMs ?? null;
    this.httpStatus = extra.httpStatus ?? null;
    this.vendorText = extra.vendorText ?? null;
  }
}

// ---------------------------------------------------------------- messengers

export interface OutgoingMessage {
  /** Stable over retries; becomes the Message-ID, so that a receiver and the local sink can tell doubles. */
  readonly id: string;
  readonly to: { readonly address: string; readonly name: string | null };
  readonly subject: string;
  readonly text: string;
  readonly calendar: { readonly content: string; readonly method: 'PUBLISH' | 'CANCEL' } | null;
}

/**
 * `not_sent`: proven not to have been taken over, may be repeated. `refused`: the receiver said no for good.
 * `unknown`: it may have been taken over; repeating could send it twice.
 */
export type SendResult =
  | { readonly kind: 'sent'; readonly providerId: string | null }
  | { readonly kind: 'not_sent'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** A note for the team, as plain text: the notifier takes care of its channel's own signs. */
export interface TeamNote {
  readonly text: string;
  readonly link: { readonly url: string; readonly words: string } | null;
}

export interface Notifier {
  readonly channel: 'slack';
  post(note: TeamNote): Promise<SendResult>;
}

export interface Messenger {
  readonly channel: 'email';
  send(message: OutgoingMessage): Promise<SendResult>;
}
