/**
 * One task: the question, what is known, and the decisions that it allows; afterwards, what became of the booking.
 * Invariant: candidates' values are shown, never kept; where the CRM does not answer, the names of the fields are what is left.
 */
import type { BookingDetail } from '../../../db/booking-view';
import type { PersonData } from '../../../domain/person';
import type { PersonFields } from '../../../domain/person-match';
import { bookingPath, guestName } from './booking-lines-view';
import { html, type Html } from './html';
import { actForm, empty, facts, liveRegion, type Frame } from './layout';
import { decisionButtons } from './task-decisions-view';
import { evidencePanel, zoneOf } from './task-evidence-view';
import { ownerPanel, restPanel } from './task-care-view';
import { taskPath, type NamedTask } from './task-lines-view';
import { moment, momentAt } from './times';
import { decisionLabel, fieldLabel, plain, stateChip, statusChip, taskWords } from './words';

export interface CandidateView {
  readonly id: string;
  readonly agrees: readonly string[];
  readonly differs: readonly string[];
  /** Read from the CRM just now; null: it did not answer, or has nobody of that id any more. */
  readonly current: PersonFields | null;
}

export interface TaskPageData {
  readonly task: NamedTask;
  readonly decisions: readonly string[];
  readonly guest: PersonData | null;
  /** Null: the task is about a connection. */
  readonly booking: BookingDetail | null;
  readonly candidates: readonly CandidateView[];
  /** Did the CRM answer when the candidates were read? */
  readonly isCrmRead: boolean;
}

export function taskPage(frame: Frame, data: TaskPageData): Html {
  const { task } = data;
  const { label, question } = taskWords(task.kind);
  return html`<h1>${label}</h1>
    <p class="lead">${question}</p>
    <div class="columns">
      <div>${task.state === 'open' ? decide(frame, data) : decided(frame, task)}</div>
      <aside>
        ${standing(frame, data)} ${evidencePanel(frame, data)} ${ownerPanel(frame, task)} ${restPanel(frame, task)}
      </aside>
    </div>`;
}

function decided(frame: Frame, task: NamedTask): Html {
  if (task.state === 'withdrawn') {
    return html`<p class="panel">This was withdrawn: its booking answered the question itself, so nobody has to.</p>`;
  }
  return html`<p class="panel">
    ${stateChip(task.state)} <strong>${task.decision && decisionLabel(task.decision.decision)}</strong>
    ${task.decision?.personId === undefined ? null : html` <code>${task.decision.personId}</code>`}
    ${task.decidedAtMs === null ? null : html`, ${moment(task.decidedAtMs, frame.zone)}`} by
    <span class="ids">${` ${task.decidedBy ?? 'somebody'}`}</span>
  </p>`;
}

function decide(frame: Frame, data: TaskPageData): Html {
  const asksWho = data.task.kind === 'match_contact' && data.candidates.length > 0;
  const others = data.decisions.filter((decision) => decision !== 'use_contact');
  return html`${data.task.kind === 'match_contact' ? candidates(frame, data) : null}
    <section aria-labelledby="decide">
      <h2 id="decide">${asksWho ? 'None of them' : 'Decide'}</h2>
      ${actForm(
        frame,
        { action: taskPath(data.task.id), fields: { act: 'decide' } },
        decisionButtons({ ...data, zone: zoneOf(frame, data.booking) }, others),
      )}
    </section>`;
}

const SHOWN_FIELDS = ['firstName', 'lastName', 'email', 'phone'] as const;

function candidates(frame: Frame, data: TaskPageData): Html {
  const { guest } = data;
  if (data.candidates.length === 0) {
    const text = `Nobody in ${data.task.about} has the guest's e-mail, phone or name. Create a contact, or name the right one by its id.`;
    return html`${guestCard(guest)} ${empty(text, ownId(frame, data))}`;
  }
  return html`<section aria-labelledby="candidates">
    <h2 id="candidates">Candidates in ${data.task.about}, the likeliest first</h2>
    ${data.isCrmRead ? null : html`<p class="said bad" role="status">The CRM does not answer right now: only the names of the fields that agree or differ are known.</p>`}
    <div class="candidates">
      ${guestCard(guest)} ${data.candidates.map((candidate) => candidateCard(frame, data, candidate))}
    </div>
    ${ownId(frame, data)}
  </section>`;
}

function guestCard(guest: PersonData | null): Html {
  return html`<div class="panel guest">
    <h3>The guest</h3>
    ${facts(SHOWN_FIELDS.map((field) => [fieldLabel(field), guest?.[field] ?? '–'] as const))}
  </div>`;
}

function candidateCard(frame: Frame, data: TaskPageData, candidate: CandidateView): Html {
  const fields = [...new Set([...SHOWN_FIELDS, ...candidate.agrees, ...candidate.differs])];
  const value = (field: string): string | null =>
    (candidate.current as Readonly<Record<string, string | null>> | null)?.[field] ?? null;
  return html`<div class="panel">
    <h3>Contact <code>${candidate.id}</code></h3>
    ${facts(fields.map((field) => [fieldLabel(field), compared(candidate, field, value(field))] as const))}
    ${actForm(
      frame,
      { action: taskPath(data.task.id), fields: { act: 'decide', decision: 'use_contact', personId: candidate.id } },
      html`<button class="main">Use this contact</button>`,
    )}
  </div>`;
}

function compared(candidate: CandidateView, field: string, value: string | null): Html {
  const text = value ?? (candidate.current === null ? '' : '–');
  if (candidate.agrees.includes(field)) return html`${text} <span class="chip good">agrees</span>`;
  if (candidate.differs.includes(field)) return html`${text} <span class="chip bad">differs</span>`;
  return text === '' ? '–' : text;
}

function ownId(frame: Frame, data: TaskPageData): Html {
  return actForm(
    frame,
    { action: taskPath(data.task.id), fields: { act: 'decide', decision: 'use_contact' }, class: 'inline' },
    html`<label>
        ${`Another contact of ${data.task.about}, by its id`}
        <input name="personId" required pattern="[A-Za-z0-9_\\-]{1,64}" autocomplete="off" />
      </label>
      <button>Use it</button>`,
  );
}

/** Refreshes by itself: after the decision the booking goes on while one looks. */
function standing(frame: Frame, { task, booking }: TaskPageData): Html {
  if (booking === null) return null;
  return html`<section aria-labelledby="booking">
    <h2 id="booking">Its booking</h2>
    ${liveRegion(
      { id: 'live', path: taskPath(task.id), everySeconds: 2 },
      html`<div class="panel">
        ${facts([
          ['Guest', html`<a id="to-booking" href=${bookingPath(booking.id)}>${guestName(task.guest)}</a>`],
          ['Status', statusChip(booking.status)],
          ['Slot', booking.slot === null ? 'No time yet' : momentAt(booking.slot.startMs, booking.slot.zone)],
          ...booking.crm.map(
            ({ connection, state, reason }) =>
              [
                connection,
                html`${stateChip(state)}${reason === null ? null : html` <small>${plain(reason)}</small>`}`,
              ] as const,
          ),
        ])}
      </div>`,
    )}
  </section>`;
}
