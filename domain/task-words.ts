/** Tasks in words: what people read of a kind of task, on pages and in notices. */
import type { TaskKind } from './tasks';

export interface TaskWords {
  readonly label: string;
  /** The question, as the person reads it. */
  readonly question: string;
}

export const TASK_WORDS: Readonly<Record<TaskKind, TaskWords>> = {
  conflict: {
    label: 'Booking or CRM?',
    question: 'The booking and the CRM say different things. Which of them is right?',
  },
  reauthorize: {
    label: 'Connect again',
    question: 'The connection refuses our credentials. Connect it again, then say so here.',
  },
  match_contact: { label: 'Choose the contact', question: 'Who in the CRM is this guest?' },
  no_show_review: {
    label: 'How did it go?',
    question: 'The slot is over and nobody said how it went. Did the guest come?',
  },
  crm_refused: {
    label: 'CRM refused',
    question: 'The CRM refused what this booking wants to write. Try again, or leave the CRM as it is?',
  },
  stale_reschedule: {
    label: 'New time overdue',
    question: 'Another time was wanted, and nobody has chosen one. Keep waiting, or cancel?',
  },
  source_refused: {
    label: 'Booking tool refused',
    question: 'The booking tool refused what was decided here. Try again, or leave it as it is?',
  },
  message_unknown: {
    label: 'Was it sent?',
    question: 'It is not known whether this message reached the guest. What is true?',
  },
};
