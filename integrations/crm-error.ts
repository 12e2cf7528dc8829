/**
 * What a CRM's call may fail with: eleven classes, by what the caller does about them.
 * Invariant: `message` and `fields` hold names and ids, never a value; the vendor's own text stays in `vendorText`.
 */

export type CrmErrorClass =
  /** Pause the connection for `retryAfterMs`, then repeat. */
  | 'rate_limited'
  /** Not applied, or harmless to repeat: repeat with backoff; when it lasts, park. */
  | 'unavailable'
  /** A create may or may not have been applied: settle by reading, then adopt or repeat. */
  | 'unknown_outcome'
  /** Credentials dead: stop the connection until a person reconnects it. */
  | 'reauth_required'
  /** The credentials live and lack a right: stop the connection until a person grants it. A refresh would not help. */
  | 'scope_missing'
  /** The account is suspended or removed: stop the connection, keep what waits. */
  | 'account_inactive'
  /** Pipeline, stage, owner or field of the mapping does not exist or is refused by a rule of the CRM. */
  | 'mapping_invalid'
  /** A rule of the CRM's administrators refuses the write; `fields` names the properties that it asks for. */
  | 'crm_rule'
  /** A value is refused (bad e-mail, bad date). */
  | 'invalid_data'
  /** The record is gone (deleted or merged away). */
  | 'target_gone'
  /** The CRM answered outside its contract, or refused our request as malformed. */
  | 'contract_violation';

export interface CrmErrorExtra {
  readonly retryAfterMs?: number;
  /** The account's quota of the day is used up; `resetInMs`: until it begins anew, as the CRM says, null: it does not say. */
  readonly daily?: { readonly resetInMs: number | null };
  readonly fields?: readonly string[];
  readonly httpStatus?: number;
  readonly correlationId?: string;
  readonly vendorText?: string;
  readonly cause?: unknown;
}

/**
 * Thrown by every method of `Crm`. `message` and `fields` name operations, properties and ids only, never a value:
 * they reach Temporal and logs. The vendor's own text, which may quote personal data, stays in `vendorText`.
 */
export class CrmError extends Error {
  override readonly name = 'CrmError';
  readonly errorClass: CrmErrorClass;
  readonly retryAfterMs: number | null;
  readonly daily: { readonly resetInMs: number | null } | null;
  readonly fields: readonly string[];
  readonly httpStatus: number | null;
  readonly correlationId: string | null;
  readonly vendorText: string | null;

  constructor(errorClass: CrmErrorClass, message: string, extra: CrmErrorExtra = {}) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.errorClass = errorClass;
    this.retryAfterMs = extra.retryAfterMs ?? null;
    this.daily = extra.daily ?? null;
    this.fields = extra.fields ?? [];
    this.httpStatus = extra.httpStatus ?? null;
    this.correlationId = extra.correlationId ?? null;
    this.vendorText = extra.vendorText ?? null;
  }
}
