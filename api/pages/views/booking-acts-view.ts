/**
 * What a person may do about a booking, as forms.
 * Invariant: only what makes sense now is offered; the booking's workflow has the last word.
 */
import type { BookingDetail } from '../../../db/booking-view';
import { whyBookingDecisionIsRefused, type BookingDecision } from '../../../domain/booking-decisions';
import { bookingPath } from './booking-lines-view';
import { html, type Html } from './html';
import { actForm, type Frame } from './layout';
import { taskPath } from './task-lines-view';
import { fieldValueAt } from './times';
import { undoOfBooking } from './undo-view';
import { taskWords } from './words';

export function bookingActs(frame: Frame, booking: BookingDetail): Html {
  const open = booking.tasks.filter(({ state }) => state === 'open');
  return html`<section aria-labelledby="acts">
    <h2 id="acts">Act</h2>
    <div class="panel">
      ${open.map(({ id, kind }) => html`<p><a class="button" href=${taskPath(id)}>${`Decide: ${taskWords(kind).label}`}</a></p>`)}
      ${outcomes(frame, booking)} ${reschedule(frame, booking)} ${retries(frame, booking)}
      ${booking.crm.length === 0 ? null : html`<p><a href=${undoOfBooking(booking.id)}>Take back what was written to the CRM</a></p>`}
    </div>
  </section>`;
}

const OUTCOMES = [
  { decision: 'showed', label: 'Showed' },
  { decision: 'no_show', label: 'No-show' },
  { decision: 'canceled', label: 'Canceled' },
  { decision: 'rescheduled', label: 'A new time is wanted' },
  { decision: 'keep_waiting', label: 'Keep waiting for a new time' },
] as const;

function outcomes(frame: Frame, booking: BookingDetail): Html {
  const makesSense = (decision: BookingDecision['decision']): boolean =>
    whyBookingDecisionIsRefused(
      { status: booking.status, slotStartMs: booking.slot?.startMs ?? null },
      { decision, startMs: null, by: 'operator' },
      frame.nowMs,
    ) === null && decision !== booking.status;
  const offered = OUTCOMES.filter(({ decision }) => makesSense(decision));
  return actForm(
    frame,
    { action: bookingPath(booking.id), fields: { act: 'outcome' } },
    html`<fieldset>
      <legend>Set the outcome</legend>
      ${offered.map(
        ({ decision, label }) =>
          html`<button name="decision" value=${decision} disabled=${decision === booking.status}>${label}</button>`,
      )}
    </fieldset>`,
  );
}

function reschedule(frame: Frame, { id, slot, status }: BookingDetail): Html {
  if (slot === null || status === 'canceled' || status === 'rejected') return null;
  return actForm(
    frame,
    { action: bookingPath(id), fields: { act: 'reschedule' }, class: 'stack' },
    html`<fieldset>
      <legend>Move to a time that was agreed on</legend>
      <label>
        New start <small>${`clock of ${slot.zone}`}</small>
        <input
          type="datetime-local"
          name="start"
          required
          value=${fieldValueAt(Math.max(slot.startMs, frame.nowMs + 86_400_000), slot.zone)}
        />
      </label>
      <button>Move</button>
    </fieldset>`,
  );
}

/** A refused write is asked for by its task; a parked one waits for the connection, which can be asked to look now. */
function retries(frame: Frame, { id, crm }: BookingDetail): Html {
  return crm
    .filter(({ state }) => state === 'parked' || state === 'refused')
    .map(({ connection, state }) =>
      actForm(
        frame,
        { action: bookingPath(id), fields: { act: 'retry', connection } },
        html`<button>${state === 'parked' ? `Look whether ${connection} is back` : `Try ${connection} again`}</button>`,
      ),
    );
}
