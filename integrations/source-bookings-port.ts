/**
 * Booking at a source from here: what was agreed on elsewhere takes its slot there.
 * Invariant: nothing is repeated inside; an order whose outcome is unknown is looked for by its mark before it is given again.
 */
import type { SourceRead } from './source-read';

/** A slot of one of the source's event types. Epoch ms. */
export interface WantedSlot {
  /** The source's own key of what is booked, as `SourceEvent.eventType` has it. */
  readonly eventType: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface BookingOrder extends WantedSlot {
  /** Personal. At least one of `email` and `phone`; phone in E.164, `zone` an IANA zone. */
  readonly guest: {
    readonly name: string;
    readonly email: string | null;
    readonly phone: string | null;
    readonly zone: string;
  };
  /** Comes back with everything that the source says of the booking: a UUID that nobody can guess. */
  readonly mark: string;
  /** Which record it was made for, for people at the source: ids only. */
  readonly record: string;
}

/** Every method throws one `SourceError`. */
export interface SourceBookings {
  /** The slot that begins exactly then, with the end that the source gives it; null: it is not free. */
  freeSlot(wanted: WantedSlot): Promise<{ readonly endMs: number } | null>;
  /** Keeps others from the slot for so many minutes; null: somebody else has it. */
  hold(wanted: WantedSlot, minutes: number): Promise<{ readonly id: string } | null>;
  /** Gives a held slot back; one that is over is no error. */
  release(holdId: string): Promise<void>;
  /** Books. The held slot stays held: release it afterwards. */
  book(order: BookingOrder): Promise<SourceRead>;
  /** The booking that was made under the mark, whatever became of it since; null: there is none. */
  findMarked(wanted: WantedSlot, mark: string): Promise<SourceRead | null>;
}
