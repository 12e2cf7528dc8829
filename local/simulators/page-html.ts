/**
 * How the simulators' pages are written: tagged templates that escape every text and attribute.
 * Invariant: nothing is rendered unescaped except the style sheet, which is ours.
 */
import htm from 'htm';
import { DateTime } from 'luxon';
import { h } from 'preact';
import { renderToStaticMarkup } from 'preact-render-to-string';
import type { VNode } from 'preact';
import { style } from './page-style';

export const html = htm.bind(h);
export type Html = VNode | readonly VNode[] | string | number | null | undefined | false | readonly Html[];

export function documentOf(title: string, body: Html): string {
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${title}</title>
      <link rel="icon" href="data:," />
      <style dangerouslySetInnerHTML=${{ __html: style }}></style>
    </head>
    <body>
      ${body}
    </body>
  </html>`;
  return `<!doctype html>${renderToStaticMarkup(Array.isArray(page) ? h('div', null, page) : page)}`;
}

export interface FormButton {
  readonly text: string;
  readonly kind?: 'plain' | 'bad';
}

/** A form that is posted to a path: its hidden fields, what is asked for, and the button. */
export function postForm(
  path: string,
  fields: Readonly<Record<string, string>>,
  button: FormButton,
  inputs: Html = null,
): Html {
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name=${name} value=${value} />`,
  );
  return html`<form method="post" action=${path}>
    ${hidden}${inputs}<button class=${button.kind ?? ''}>${button.text}</button>
  </form>`;
}

/** A date and time in a zone, as `datetime-local` takes it. */
export function startInput(atMs: number, zone: string): Html {
  const value = DateTime.fromMillis(atMs, { zone }).toFormat("yyyy-MM-dd'T'HH:mm");
  return html`<input type="hidden" name="startZone" value=${zone} />
    <input type="datetime-local" name="start" value=${value} required aria-label="New start" />`;
}

export const clockText = (atMs: number, zone: string): string =>
  DateTime.fromMillis(atMs, { zone }).toFormat('ccc d LLL yyyy, HH:mm');
