/** What a host sees who follows a link: the one question, or why it is none any more. Invariant: nobody is named, whoever opens it. */
import type { BookingDetail } from '../../../db/booking-view';
import type { HostQuestion } from '../../acts/answer-for-host';
import { html, type Html } from './html';
import { momentAt } from './times';
import { decisionLabel, STATUS_WORDS } from './words';

const SAYS: Readonly<Record<string, { readonly button: string; readonly follows: string }>> = {
  showed: { button: 'Yes, the guest came', follows: 'The appointment counts as held.' },
  no_show: { button: 'No, the guest did not come', follows: 'The appointment counts as a no-show.' },
  canceled: { button: 'It was canceled', follows: 'The appointment is called off.' },
  rescheduled: { button: 'Another time is wanted', follows: 'The booking waits for a new time.' },
};

export function hostAnswerView(question: HostQuestion, of: { readonly path: string }): Html {
  return html`<section class="door">
    <h1>How did it go?</h1>
    ${question.kind === 'open' ? ask(question, of.path) : html`<p id="said" role="status">${wordsOf(question)}</p>`}
  </section>`;
}

function ask(question: Extract<HostQuestion, { kind: 'open' }>, path: string): Html {
  const { button = '', follows = '' } = SAYS[question.decision] ?? {};
  return html`<p>${`Your appointment of ${whenOf(question.booking)}.`}</p>
    <form method="post" action=${path} class="stack">
      <button class="main">${button}</button>
    </form>
    <p>
      <small
        >${follows} The booking tool and the CRM are told. Is something else true? Then use another link of the
        e-mail.</small
      >
    </p>`;
}

const whenOf = ({ slot }: BookingDetail): string => (slot === null ? 'no time' : momentAt(slot.startMs, slot.zone));

function wordsOf(question: Exclude<HostQuestion, { kind: 'open' }>): string {
  switch (question.kind) {
    case 'taken':
      return `Thank you. It is noted: ${decisionLabel(question.decision)}.`;
    case 'used':
      return `This was answered already: ${decisionLabel(question.decision)}. If that is wrong, tell your front desk: they can still change it.`;
    case 'known':
      return `Nothing is asked any more. The appointment is known as: ${STATUS_WORDS[question.status].label}.`;
    case 'moved':
      return 'The appointment has another time now, so this question is about none any more. You are asked again after the new time.';
    case 'expired':
      return 'This link is too old. Mark the appointment in your booking tool, or tell your front desk.';
    case 'forged':
      return 'This link does not fit. Part of it may be missing: copy the whole line of the e-mail, or use another link of it.';
  }
}
