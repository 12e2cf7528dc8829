/** The report's big numbers and the doubts about them. Invariant: a number that is doubted says so beside itself, not only above. */
import { RATE_NAMES } from '../../../domain/report/rates';
import type { ShownRate, ShownReport } from '../../../domain/report/shown';
import { hoursInWords } from '../../../domain/report/time-to-book';
import {
  casesInWords,
  deltaInWords,
  doubtInWords,
  labelInWords,
  limitsInWords,
  percent,
  rangeInWords,
  rateInWords,
} from '../../../domain/report/words';
import { html, type Html } from './html';
import { counted } from './words';

export function doubts({ doubts: found, needsConfirm }: ShownReport): Html {
  if (found.length === 0) return null;
  return html`<div class="said bad doubts" role="note">
    <p><strong>These numbers are not to be relied on yet.</strong></p>
    <ul>
      ${found.map((doubt) => html`<li>${doubtInWords(doubt)}</li>`)}
    </ul>
    <p>
      ${`The rates count only what the CRM confirms. ${counted(needsConfirm, 'appointment')} ${needsConfirm === 1 ? 'needs' : 'need'} manual confirm: `}
      <a href="/console/tasks?kind=no_show_review">decide their tasks</a> or${' '}
      <a href="/console/bookings?status=awaiting_outcome">look at the bookings without an outcome</a>.
    </p>
  </div>`;
}

export function numbers(shown: ShownReport): Html {
  return html`<div class="numbers">
    ${RATE_NAMES.map((name) => rateCard(shown, shown.rates[name]))} ${timeToBook(shown)}
  </div>`;
}

function rateCard(shown: ShownReport, rate: ShownRate): Html {
  return html`<section class=${rate.isConfirmed ? 'panel number-card doubted' : 'panel number-card'}>
    <h2>${labelInWords(rate)}</h2>
    <p class="big">${rateInWords(rate)}</p>
    <p>${casesInWords(rate)}</p>
    ${limitsInWords(rate).map((words) => html`<p>${words}</p>`)}
    ${rate.range && html`<p>${`Likely ${rangeInWords(rate.range)}`}</p>`} ${delta(rate)}
    ${rate.fourWeekShare === null ? null : html`<p>${`Four weeks before: ${percent(rate.fourWeekShare)}`}</p>`}
    <p>${coverage(shown)}</p>
  </section>`;
}

function delta(rate: ShownRate): Html {
  const words = deltaInWords(rate);
  if (words === null || rate.delta === null) return html`<p>Nothing before to compare with</p>`;
  const sign = rate.delta > 0 ? '▲' : rate.delta < 0 ? '▼' : '=';
  return html`<p class=${toneOf(rate)}><span aria-hidden="true">${`${sign} `}</span>${words}</p>`;
}

/** Fewer no-shows are good and more are bad, with bookings it is the other way; a move or a call in time is neither. */
function toneOf({ name, delta: points }: ShownRate): string {
  if (points === null || points === 0 || name === 'reschedule' || name === 'early_cancel') return 'delta';
  return points > 0 === (name === 'book') ? 'delta good' : 'delta bad';
}

function coverage({ coverage: share, counts }: ShownReport): string {
  return share === null
    ? 'Coverage: nothing was due'
    : `Coverage ${percent(share)}: ${counts.resolved} of ${counts.due} due`;
}

function timeToBook({ timeToBook: { median, prior }, counts, doubts: found }: ShownReport): Html {
  const { length } = counts.timeToBookHours;
  return html`<section class="panel number-card">
    <h2>Time to book</h2>
    <p class="big">${median === null ? '–' : hoursInWords(median)}</p>
    <p>${length === 0 ? 'No lead of these days has booked' : `Median of ${counted(length, 'lead')} who booked`}</p>
    ${found.length === 0 ? null : html`<p><strong class="bad">Not to be relied on yet</strong>: no CRM keeps when somebody booked.</p>`}
    <p class="delta">${prior === null ? 'Nothing before to compare with' : `${hoursInWords(prior)} before`}</p>
  </section>`;
}
