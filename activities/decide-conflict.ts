/**
 * What follows from a decision about a conflict between a booking and a CRM, besides the fact that it is.
 * Invariant: `keep_booking` lets the next sync write the booking's side; `keep_crm` makes the CRM's side the booking's, or leaves it where
 * the booking can't follow. Of a record that an undo asked about, `keep_booking` is: put it back after all.
 */
import type { BookingRow } from '../db/bookings';
import { appointmentKey, type LinkKey } from '../db/crm-ledger';
import { forgetDeleted, releaseHeld, writeDroppedAgain } from '../db/crm-read-back';
import type { Db } from '../db/pool';
import type { TaskRow } from '../db/tasks';
import { planAgain } from '../db/undo';
import { crmSubjectOf } from '../domain/crm-conflicts';
import type { Decision, FactType } from '../domain/facts';
import { canFollow, reportedOutcome, slotShown, type AppointmentState } from '../domain/field-owners';
import { askedUndo } from '../domain/undo';
import { writtenState } from './crm-read-back';

export interface Decided {
  readonly type: FactType;
  readonly decision: Decision;
}

/** In the transaction that settles the task. Returns the fact's own words. */
export async function decideConflict(
  tx: Db,
  of: { readonly task: TaskRow; readonly booking: BookingRow; readonly keep: 'booking' | 'crm' },
): Promise<Decided> {
  const { task, booking, keep } = of;
  const { connection, field } = crmSubjectOf(task.about);
  const plain: Decided = { type: 'conflict_decided', decision: { kind: 'conflict', about: task.about, keep } };
  const undone = askedUndo(task);
  if (undone !== null) {
    if (keep === 'booking') await planAgain(tx, undone);
    return plain;
  }
  const key: LinkKey = { connection, type: 'appointment', externalKey: appointmentKey(booking.id) };
  switch (field) {
    case 'slot':
    case 'outcome': {
      const followed = keep === 'crm' ? followCrm(task, { booking, connection, field }) : null;
      // Where the booking can't follow, what the CRM shows simply stays.
      if (keep === 'booking' || followed) await releaseHeld(tx, key, field);
      return followed ?? plain;
    }
    case 'record':
      if (keep === 'crm')
        return { type: 'crm_reported', decision: { kind: 'reported', connection, outcome: 'canceled' } };
      await forgetDeleted(tx, key);
      return plain;
    case 'person': {
      const personId = booking.picture?.personId ?? null;
      if (keep === 'booking' && personId !== null) await writeDroppedAgain(tx, { connection, personId });
      return plain;
    }
    default:
      return plain;
  }
}

function followCrm(
  { evidence }: TaskRow,
  of: { booking: BookingRow; connection: string; field: 'slot' | 'outcome' },
): Decided | null {
  const { connection, field } = of;
  const { picture } = of.booking;
  const shown: AppointmentState | null = writtenState(evidence['crm'] as Record<string, unknown> | null);
  const before = picture && (picture.confirmedSlot ?? picture.slot);
  if (picture === null || shown?.status == null || !canFollow(picture.status, { field, status: shown.status }))
    return null;
  if (field === 'outcome') {
    return { type: 'crm_reported', decision: { kind: 'reported', connection, outcome: reportedOutcome(shown.status) } };
  }
  const slot = before && slotShown(shown, before);
  return slot && { type: 'crm_reported', decision: { kind: 'reported', connection, outcome: 'rescheduled', slot } };
}
