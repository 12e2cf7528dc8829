/**
 * How the page's markup is written: the simulators' templates, and forms that do one action.
 */
import { postForm } from '../page-html';
import type { FormButton, Html } from '../page-html';

export { clockText, documentOf, html, startInput } from '../page-html';
export type { Html } from '../page-html';

/** A form that does one action: its hidden fields, what is asked for, and the button. */
export function actionForm(fields: Readonly<Record<string, string>>, button: FormButton, inputs: Html = null): Html {
  return postForm('/calcom/act', fields, button, inputs);
}
