/** What a read of a source's API gives. Invariant: its content can be compared without understanding it. */

/**
 * One appointment as the source's API shows it. `body` is a delivery body that the source's own `read` understands when it
 * comes with `READ_HEADERS`; only this service makes such deliveries, no webhook can.
 */
export interface SourceRead {
  readonly uid: string;
  /** The uid that this one replaced, as the API links them. */
  readonly predecessorUid: string | null;
  /** When the source says that it changed last, epoch ms. Some changes do not touch it. */
  readonly changedAtMs: number | null;
  readonly readAtMs: number;
  /** Equal as long as the API shows the same, whenever it was read. */
  readonly contentHash: string;
  readonly body: Buffer;
}
