/**
 * The report: big numbers with what they were before, plots with their tables, and whom to follow up.
 * Invariant: doubts about the numbers stand above them; every plot has its numbers as text beneath.
 */
import { dayInWords, funnelSteps, reminderRows } from '../../../domain/report/plotted';
import { plusDays, WINDOW_NAMES, type WindowName } from '../../../domain/report/windows';
import { timeToBookBuckets } from '../../../domain/report/time-to-book';
import { percent, RATE_WORDS, excludedInWords } from '../../../domain/report/words';
import type { ReportData } from '../report-data';
import type { ReportQuery } from '../report-query';
import { html, type Html } from './html';
import { empty, type Frame } from './layout';
import { doubts, numbers } from './report-numbers-view';
import * as tables from './report-tables';
import { counted } from './words';

export interface ReportPage {
  readonly data: ReportData;
  readonly query: ReportQuery;
  /** The query as links carry it. */
  readonly search: string;
  readonly sources: readonly string[];
  /** Of the report's days. */
  readonly zone: string;
  readonly plotSize: { readonly width: number; readonly height: number };
}

/** More of them are in the CSV. */
const SHOWN_ROWS = 15;

const WINDOW_LABELS: Readonly<Record<WindowName, string>> = {
  this_week: 'This week',
  last_week: 'Last week',
  last_4_weeks: 'Last 4 weeks',
  custom: 'Own days',
};

export function reportView(frame: Frame, page: ReportPage): Html {
  const { data, query, zone } = page;
  const { counts } = data.shown;
  const last = plusDays(query.toDate, -1);
  const years = query.fromDate.slice(0, 4) === last.slice(0, 4) ? '' : ` ${query.fromDate.slice(0, 4)}`;
  const days = `${dayInWords(query.fromDate)}${years} to ${dayInWords(last)} ${last.slice(0, 4)}`;
  const isEmpty = counts.chains === 0 && counts.leads === 0;
  return html`<h1>Report</h1>
    <p class="lead">${`${days}, ${query.source ?? 'all sources'}. Days and weeks as in ${zone}.`}</p>
    ${windowForms(page)} ${query.problem === null ? null : html`<p class="said bad" role="alert">${query.problem}</p>`}
    ${isEmpty ? nothing(page) : html`${doubts(data.shown)} ${numbers(data.shown)} ${leftOut(page)} ${plots(page)}`}
    ${followUp(frame, page)} ${mismatches(frame, page)} ${isEmpty ? null : meaning()}`;
}

function windowForms({ query, sources }: ReportPage): Html {
  const named = WINDOW_NAMES.filter((name) => name !== 'custom');
  return html`<div class="windows">
    <form method="get" action="/console/report" class="filters">
      <label>
        Source
        <select name="source">
          <option value="">All</option>
          ${sources.map((id) => html`<option value=${id} selected=${id === query.source}>${id}</option>`)}
        </select>
      </label>
      <fieldset>
        <legend class="hidden">Days</legend>
        ${named.map(
          (name) =>
            html`<button name="window" value=${name} aria-pressed=${String(name === query.window)}>
              ${WINDOW_LABELS[name]}
            </button>`,
        )}
      </fieldset>
    </form>
    <form method="get" action="/console/report" class="filters">
      <input type="hidden" name="window" value="custom" />
      ${query.source === null ? null : html`<input type="hidden" name="source" value=${query.source} />`}
      <label>From<input type="date" name="from" required value=${query.fromDate} /></label>
      <label>To<input type="date" name="to" required value=${plusDays(query.toDate, -1)} /></label>
      <button>Show these days</button>
    </form>
  </div>`;
}

function nothing({ query }: ReportPage): Html {
  return empty(
    'No appointment and no lead is known in these days. Choose other days; whether anything comes at all is shown under Connections.',
    html`<p>
      ${query.window === 'last_4_weeks' ? null : html`<a href="/console/report?window=last_4_weeks">Last 4 weeks</a> · `}
      <a href="/console/connections">Connections</a>
    </p>`,
  );
}

function leftOut({ data: { shown }, search }: ReportPage): Html {
  const { excluded, counts } = shown;
  const text =
    excluded === 0
      ? 'No booking was left out.'
      : `${counted(excluded, 'booking')} left out by the rules of the settings: ${excludedInWords(counts.excluded)}.`;
  return html`<p class="quiet">${text}</p>
    ${csvLink('rates', search)}`;
}

function plots(page: ReportPage): Html {
  const { shown, weeks } = page.data;
  const { counts } = shown;
  const steps = funnelSteps(counts).map(({ label, count }) => `${label} ${count}`);
  const buckets = timeToBookBuckets(counts.timeToBookHours).map(({ label, count }) => `${label} ${count}`);
  const reminders = reminderRows(counts).map(({ label, showed, cases }) => `${label}: ${showed} of ${cases} came`);
  const newest = weeks.at(-1)?.shares.no_show ?? null;
  const trend =
    newest === null ? 'no outcome is known in the last of them' : `${percent(newest)} no-shows in the last of them`;
  return html`<div class="plots">
    ${plot(page, 'funnel', { title: 'From lead to appointment', says: steps.join(', '), table: tables.funnelTable(shown) })}
    ${plot(page, 'weeks', {
      title: 'Rates by week',
      says: `${counted(weeks.length, 'week')}, ${trend}`,
      table: tables.weeksTable(weeks),
    })}
    ${plot(page, 'time-to-book', { title: 'Time to book', says: buckets.join(', '), table: tables.timeToBookTable(shown) })}
    ${plot(page, 'reminders', {
      title: 'Who came, by reminder',
      says: reminders.join('; '),
      table: tables.remindersTable(shown),
    })}
  </div>`;
}

function plot(
  { search, plotSize: { width, height } }: ReportPage,
  name: tables.TableName,
  of: { readonly title: string; readonly says: string; readonly table: tables.ReportTable },
): Html {
  const path = (theme: string): string => `/console/report/plots/${name}.svg?${search}&theme=${theme}`;
  return html`<section class="panel" aria-labelledby=${name}>
    <h2 id=${name}>${of.title}</h2>
    <picture>
      <source srcset=${path('dark')} media="screen and (prefers-color-scheme: dark)" />
      <img src=${path('light')} alt=${`${of.title}: ${of.says}`} width=${width} height=${height} loading="lazy" />
    </picture>
    <details>
      <summary>As a table</summary>
      ${of.table.shown()}
    </details>
    ${csvLink(name, search)}
  </section>`;
}

function csvLink(name: tables.TableName, search: string): Html {
  return html`<p class="csv">
    <a href=${`/console/report/${name}.csv?${search}`} download
      >Download as CSV<span class="hidden">${`: ${name}`}</span></a
    >
  </p>`;
}

function followUp(frame: Frame, { data, search, zone }: ReportPage): Html {
  const rows = data.followUp;
  const list = tables.followUpTable({ ...frame, zone }, rows);
  return html`<section aria-labelledby="follow-up">
    <h2 id="follow-up">No-shows and cancellations to follow up</h2>
    ${
      rows.length === 0
        ? empty(
            'Nobody stayed away and nobody called off in these days. When somebody does, what happened since is shown here.',
          )
        : html`${list.shown(SHOWN_ROWS)} ${rows.length > SHOWN_ROWS ? more(SHOWN_ROWS) : null}
          ${csvLink('follow-up', search)}`
    }
  </section>`;
}

function mismatches(frame: Frame, { data, search, zone }: ReportPage): Html {
  const rows = data.mismatches;
  const list = tables.mismatchesTable({ ...frame, zone }, rows);
  return html`<section aria-labelledby="mismatches">
    <h2 id="mismatches">Not the same in the CRM <span class="count">${rows.length}</span></h2>
    ${
      rows.length === 0
        ? empty('Every booking of these days is in its CRM as it is here.')
        : html`${list.shown(SHOWN_ROWS)} ${rows.length > SHOWN_ROWS ? more(SHOWN_ROWS) : null}
          ${csvLink('mismatches', search)}`
    }
  </section>`;
}

const more = (shown: number): Html => html`<p class="quiet">${`The first ${shown} are shown; the CSV has more.`}</p>`;

function meaning(): Html {
  return html`<details class="meaning">
    <summary>What the numbers mean</summary>
    <dl class="facts">
      ${meant(RATE_WORDS.no_show.label, 'No-shows of the appointments whose outcome is known. Coverage is how many of those that were due that is.')}
      ${meant(RATE_WORDS.reschedule.label, 'Bookings that were moved at least once, of all whose newest time lies in these days.')}
      ${meant(RATE_WORDS.early_cancel.label, 'Bookings called off 24 hours or more ahead, of the same.')}
      ${meant(RATE_WORDS.book.label, 'Leads with a first booking, of those who entered in these days. Every lead counts as invited from the day of entry.')}
      ${meant('Time to book', 'From a lead’s entry in the CRM to their first booking; half of them took less.')}
      ${meant('Between … and …', 'Where one case is more than two points: the range that chance allows (95 %). Where outcomes are missing: what they could make of the rate.')}
    </dl>
    <p class="quiet">
      The same by SQL: the views report_lifecycle, report_rates, report_funnel, report_follow_up and
      report_reconciliation.
    </p>
  </details>`;
}

function meant(word: string, means: string): Html {
  return html`<div>
    <dt>${word}</dt>
    <dd>${means}</dd>
  </div>`;
}
