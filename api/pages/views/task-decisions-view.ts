/**
 * The decisions that a task allows, each with a line that says what it will do.
 * Invariant: the line is what the decision does to this task's own booking and connection, not what decisions do in general.
 */
import type { BookingDetail } from '../../../db/booking-view';
import { assertNever } from '../../../domain/assert-never';
import { appointmentSubjectOf } from '../../../domain/crm-appointment';
import { crmSubjectOf } from '../../../domain/crm-conflicts';
import { canFollow, type AppointmentWord } from '../../../domain/field-owners';
import { askedUndo } from '../../../domain/undo';
import { html, type Html } from './html';
import { droppedFields, sideWords } from './task-evidence-view';
import type { NamedTask } from './task-lines-view';
import { decisionLabel } from './words';

export interface Deciding {
  readonly task: Pick<NamedTask, 'kind' | 'about' | 'evidence'>;
  readonly booking: BookingDetail | null;
  /** The booking's. */
  readonly zone: string;
}

/** Buttons of one form, named `decision`. */
export function decisionButtons(of: Deciding, decisions: readonly string[]): Html {
  return html`<div class="choices">
    ${decisions.map(
      (decision) =>
        html`<div>
          <button name="decision" value=${decision} aria-describedby=${`does-${decision}`}>
            ${decisionLabel(decision)}
          </button>
          <small id=${`does-${decision}`}>${whatItDoes(of, decision)}</small>
        </div>`,
    )}
  </div>`;
}

const TOLD = 'The booking tool and the CRM are told.';

/** A sentence or two, for the person who is about to decide. */
export function whatItDoes(of: Deciding, decision: string): string {
  const { kind, about } = of.task;
  switch (kind) {
    case 'match_contact':
      return decision === 'create_contact'
        ? `Makes a contact in ${about} from what the guest gave, and writes the booking there.`
        : `Writes nothing about this guest to ${about}, now or later; the rule can be removed under Rules.`;
    case 'no_show_review':
      return outcomeWords(decision);
    case 'stale_reschedule':
      return decision === 'canceled' ? outcomeWords(decision) : 'Waits as long as before, then asks again.';
    case 'crm_refused':
      return decision === 'retry'
        ? `Writes the booking to ${about} once more, as it is now.`
        : `Leaves ${about} as it is. What the booking says later is written as far as the CRM takes it.`;
    case 'source_refused':
      return decision === 'retry'
        ? 'Asks the booking tool once more.'
        : 'The decision counts here; the booking tool keeps what it shows.';
    case 'message_unknown':
      return MESSAGE_WORDS[decision] ?? '';
    case 'reauthorize':
      return `Looks at ${about} now. Where it still refuses, you are asked again.`;
    case 'conflict':
      return appointmentSubjectOf(about) === null
        ? conflictWords(of, decision === 'keep_booking')
        : newAppointmentWords(decision);
    default:
      return assertNever(kind);
  }
}

const MESSAGE_WORDS: Readonly<Record<string, string>> = {
  was_sent: 'Notes that the guest has it. Nothing is sent.',
  send_again: 'Sends it now, if it is still right; the guest may get it twice.',
  leave: 'Leaves open whether it was sent. Nothing is sent.',
};

const OUTCOME_WORDS: Readonly<Record<string, string>> = {
  showed: 'The guest came.',
  no_show: 'The guest did not come.',
  canceled: 'It did not take place, and is called off.',
  rescheduled: 'It did not take place; the booking waits for a new time.',
};

const outcomeWords = (decision: string): string => `${OUTCOME_WORDS[decision] ?? ''} ${TOLD}`;

/** Of an appointment that was made in a CRM, and that no booking has. */
const newAppointmentWords = (decision: string): string =>
  decision === 'try_again'
    ? 'Looks at it once more, and books it where nothing stands in the way any longer.'
    : 'It stays in the CRM only: nothing is booked for it.';

const NOTHING_FOLLOWS =
  'Closes the question and changes nothing: look at the record in the CRM, and change it there if you want.';

function conflictWords({ task, booking, zone }: Deciding, isBooking: boolean): string {
  const { connection, field } = crmSubjectOf(task.about);
  const { evidence } = task;
  const [ours, theirs] = [evidence.booking, evidence.crm].map((side) => sideWords(side, field ?? '', zone));
  switch (field) {
    case 'outcome':
    case 'slot':
      if (isBooking) return `Writes “${ours}” to ${connection}.`;
      return follows(booking, { field, crm: evidence.crm })
        ? `The booking takes over “${theirs}”. The booking tool is told.`
        : `Leaves “${theirs}” in ${connection}. The booking can't become that, and stays as it is.`;
    case 'record':
      return isBooking
        ? `Makes the appointment in ${connection} anew.`
        : 'Cancels the booking, as the CRM has no appointment any more. The booking tool is told.';
    case 'person':
      return isBooking
        ? `Writes ${droppedFields(evidence)} to the contact once more.`
        : `Leaves the contact in ${connection} without it.`;
    case null:
      if (askedUndo(task) !== null) {
        return isBooking ? 'Puts back what was there before we wrote.' : 'Leaves it in the CRM as it is now.';
      }
      return NOTHING_FOLLOWS;
    case 'stage':
      return NOTHING_FOLLOWS;
    default:
      return assertNever(field);
  }
}

function follows(booking: BookingDetail | null, shown: { field: 'outcome' | 'slot'; crm: unknown }): boolean {
  const status = (shown.crm as { readonly status?: AppointmentWord | null } | null)?.status;
  return booking != null && status != null && canFollow(booking.status, { field: shown.field, status });
}
