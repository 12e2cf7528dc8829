/**
 * How the console's pages are written: tagged templates that escape every text and attribute.
 * Invariant: nothing is rendered unescaped, and no page holds an inline script or style.
 */
import htm from 'htm';
import { h, type VNode } from 'preact';
import { renderToStaticMarkup } from 'preact-render-to-string';

export const html = htm.bind(h);
export type Html = VNode | readonly VNode[] | string | number | null | undefined | false | readonly Html[];

export function markup(page: Html): string {
  return `<!doctype html>${renderToStaticMarkup(page as VNode)}`;
}
