/**
 * What the report counts in a window of local days. Invariant: excluded bookings (unpaid, test, internal) are in none of the counts but `excluded`.
 * A booking belongs to the window of its slot's local date, however often it moved; a lead to that of its entry date.
 */
export interface ReportCounts {
  /** Slots that are over and were not called off before: somebody could have come. */
  readonly due: number;
  /** Of those, the ones of which it is known who came: `showed` + `noShows`. */
  readonly resolved: number;
  readonly showed: number;
  readonly noShows: number;
  /** Due, and nobody said how it went: `due` - `resolved`. */
  readonly unknown: number;
  /** All bookings whose slot lies in the window: due, still to come, and called off. */
  readonly chains: number;
  /** Of `chains`, those that moved at least once. */
  readonly rescheduled: number;
  /** Of `chains`, called off 24 hours or more before the slot; the others later. */
  readonly earlyCancels: number;
  readonly lateCancels: number;
  /** Leads that entered in the window, and what became of them so far. */
  readonly leads: number;
  readonly invited: number;
  readonly booked: number;
  readonly attended: number;
  /** By whether a reminder was sent before the slot. */
  readonly withReminder: Attendance;
  readonly withoutReminder: Attendance;
  readonly excluded: { readonly unpaid: number; readonly test: number; readonly internal: number };
  /** What a CRM shows as well, after our write or because somebody there said so. */
  readonly crmConfirmed: Attendance;
  /** From the lead's entry to their first booking, hours, ascending or not. */
  readonly timeToBookHours: readonly number[];
}

export interface Attendance {
  readonly showed: number;
  readonly noShows: number;
}
