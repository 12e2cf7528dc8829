/**
 * What a vendor's webhooks are made of, whether they bring bookings (ports.ts) or changes of a CRM's records.
 * Invariant: checking and reading are pure and never throw for bad input; reasons hold no value of a body or a header.
 */

export type HeaderLookup = (name: string) => string | undefined;

export type SignatureCheck = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** How a vendor's requests are taken in, before anybody asks what they mean. */
export interface InboundWebhooks {
  readonly kind: string;
  /** The provider's own delivery id, where it has one; else null and the body's hash alone is the key. */
  deliveryId(header: HeaderLookup): string | null;
  /** Names of the request headers worth keeping with the delivery (lower case, no secrets, nothing personal). */
  readonly keptHeaders: readonly string[];
  /**
   * Whether a body that came before may tell of something new: it names neither its delivery nor its moment, so that A, B and
   * A again are three changes of which the first and the last look alike. Absent: equal bytes are one delivery.
   */
  readonly repeatMayBeNews?: (rawBody: Buffer) => boolean;
  /**
   * What of a body is worth keeping: without the values that nobody reads, which may be personal. Equal to the body for `read`.
   * Absent: all of it.
   */
  readonly keptBody?: (rawBody: Buffer) => Buffer;
  /** What makes this vendor retry when a delivery can't be stored. */
  readonly onTrouble: { readonly status: 429 | 503; readonly retryAfterSeconds: number };
}

// ---------------------------------------------------------------- CRMs

export type CrmRecordType = 'appointment' | 'person' | 'opportunity';

/**
 * That something happened to a record of a CRM. It says where to look and not what is there: whoever is told reads the record,
 * so order, repeats and our own echoes can't matter.
 */
export interface CrmChange {
  readonly record: CrmRecordType;
  readonly crmId: string;
  readonly what: 'created' | 'changed' | 'deleted' | 'merged';
  /** Of a merge: the record that lives on. */
  readonly intoCrmId: string | null;
  /** Names of the fields that it is about, in the CRM's words; empty where it does not say. */
  readonly fields: readonly string[];
  /** Epoch ms by the CRM's clock; null where it does not say. */
  readonly occurredAtMs: number | null;
}

/** What a delivery of a CRM turned out to be. Reasons hold no personal data. */
export type ReadCrmDelivery =
  | {
      readonly kind: 'changes';
      readonly trigger: string;
      readonly changes: readonly CrmChange[];
      /** Events of the same batch that could not be read: how many, and the first complaint. */
      readonly unreadable: { readonly count: number; readonly first: string } | null;
    }
  | { readonly kind: 'ignored'; readonly trigger: string; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly trigger: string | null; readonly reason: string };

/** Webhooks of one CRM connection. */
export interface CrmWebhooks extends InboundWebhooks {
  /** Verifies the raw bytes against every live secret or key of the connection in constant time; fails closed. */
  verifySignature(rawBody: Buffer, header: HeaderLookup): SignatureCheck;
  /** Parses and normalizes. */
  read(rawBody: Buffer): ReadCrmDelivery;
}
