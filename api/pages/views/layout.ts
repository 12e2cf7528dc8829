/**
 * The frame of every page: head, skip link, navigation, what was just said, and the page itself.
 * Invariant: one `main` and one `h1` a page; scripts and styles are files of ours.
 */
import { html, markup, type Html } from './html';

const SECTIONS = [
  { id: 'today', label: 'Today', path: '/console' },
  { id: 'bookings', label: 'Bookings', path: '/console/bookings' },
  { id: 'tasks', label: 'Tasks', path: '/console/tasks' },
  { id: 'report', label: 'Report', path: '/console/report' },
  { id: 'deliveries', label: 'Deliveries', path: '/console/deliveries' },
  { id: 'connections', label: 'Connections', path: '/console/connections' },
  { id: 'rules', label: 'Rules', path: '/console/rules' },
  { id: 'mapping', label: 'Mapping', path: '/console/mapping' },
] as const;
export type Section = (typeof SECTIONS)[number]['id'];

export interface Said {
  readonly text: string;
  readonly isBad: boolean;
}

/** What every page knows about who looks at it, and when. */
export interface Frame {
  /** Null: nobody is signed in. */
  readonly operator: string | null;
  readonly formToken: string;
  readonly nowMs: number;
  /** The account's zone: times are shown in it, unless a page says otherwise. */
  readonly zone: string;
  readonly assets: { readonly style: string; readonly htmx: string; readonly icon: string };
  readonly said: Said | null;
}

export interface Page {
  readonly title: string;
  /** Null: none of the navigation. */
  readonly section: Section | null;
  readonly body: Html;
}

/** Answers with an error are shown like others; nothing that a page holds is executed, kept, or fetched from elsewhere. */
const HTMX_CONFIG = JSON.stringify({
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  scrollIntoViewOnBoost: false,
  responseHandling: [
    { code: '204', swap: false },
    { code: '[2345]..', swap: true },
  ],
});

export function documentOf(frame: Frame, page: Page): string {
  return markup(
    html`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content=${HTMX_CONFIG} />
        <title>${`${page.title} · Booking Status Sync`}</title>
        <link rel="icon" href=${frame.assets.icon} type="image/svg+xml" />
        <link rel="stylesheet" href=${frame.assets.style} />
        <script src=${frame.assets.htmx} defer></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        ${frame.operator === null ? null : header(frame, frame.operator, page.section)}
        <main id="main" tabindex="-1">${frame.said && saidNote(frame.said)}${page.body}</main>
      </body>
    </html>`,
  );
}

function header(frame: Frame, operator: string, section: Section | null): Html {
  return html`<header class="top">
    <p class="brand">Booking Status Sync</p>
    <nav aria-label="Console">
      <ul>
        ${SECTIONS.map(
          ({ id, label, path }) =>
            html`<li><a href=${path} aria-current=${id === section ? 'page' : undefined}>${label}</a></li>`,
        )}
      </ul>
    </nav>
    <form method="post" action="/console/sign-out" class="who">
      ${formToken(frame)}
      <span class="quiet">${operator}</span>
      <button class="link">Sign out</button>
    </form>
  </header>`;
}

function saidNote({ text, isBad }: Said): Html {
  return html`<p id="said" role=${isBad ? 'alert' : 'status'} class=${isBad ? 'said bad' : 'said'}>${text}</p>`;
}

/** Without it no form is taken. */
export function formToken({ formToken: token }: Pick<Frame, 'formToken'>): Html {
  return html`<input type="hidden" name="formToken" value=${token} />`;
}

/**
 * A form that acts. With scripts it is sent by fetch and the page's content is replaced by the answer's, without them it is an
 * ordinary form.
 */
export function actForm(
  frame: Pick<Frame, 'formToken'>,
  to: { readonly action: string; readonly fields?: Readonly<Record<string, string>>; readonly class?: string },
  inputs: Html,
): Html {
  return html`<form
    method="post"
    action=${to.action}
    class=${to.class ?? 'acts'}
    hx-post=${to.action}
    hx-target="#main"
    hx-select="#main"
    hx-swap="outerHTML show:none"
    hx-disabled-elt="find button"
  >
    ${formToken(frame)}
    ${Object.entries(to.fields ?? {}).map(([name, value]) => html`<input type="hidden" name=${name} value=${value} />`)}
    ${inputs}
  </form>`;
}

/** A part of a page that is fetched again every few seconds, by its id. Holds no form that a person types into. */
export function liveRegion(
  region: { readonly id: string; readonly path: string; readonly everySeconds: number },
  body: Html,
): Html {
  return html`<div
    id=${region.id}
    hx-get=${region.path}
    hx-trigger=${`every ${region.everySeconds}s`}
    hx-select=${`#${region.id}`}
    hx-swap="outerHTML"
  >
    ${body}
  </div>`;
}

/** Nothing is here: why, and what to do. */
export function empty(text: string, next: Html = null): Html {
  return html`<div class="empty">
    <p>${text}</p>
    ${next}
  </div>`;
}

/** "Facts", in two columns: a word and what is known about it. */
export function facts(rows: readonly (readonly [string, Html])[]): Html {
  return html`<dl class="facts">
    ${rows.map(
      ([word, value]) =>
        html`<div>
          <dt>${word}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

export interface Column<Row> {
  readonly label: string;
  readonly cell: (row: Row) => Html;
  readonly class?: string;
}

/** A table that becomes a list of cards on a narrow screen: each cell carries its column's label. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  return html`<table class="cards">
    <caption class="hidden">
      ${caption}
    </caption>
    <thead>
      <tr>
        ${columns.map(({ label, class: name }) => html`<th scope="col" class=${name}>${label}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            ${columns.map(
              ({ label, cell, class: name }) =>
                html`<td data-label=${label} class=${name}><div>${cell(row)}</div></td>`,
            )}
          </tr>`,
      )}
    </tbody>
  </table>`;
}
