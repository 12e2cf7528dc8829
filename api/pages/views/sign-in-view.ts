/** The way in: with the operator token, or with a one-time link. Invariant: a link is only used up by the button, never by looking at it. */
import { html, type Html } from './html';
import { formToken, type Frame } from './layout';

export function signInView(
  frame: Frame,
  given: { readonly next: string; readonly isClosed: boolean; readonly hasOwn: boolean },
): Html {
  if (given.isClosed) {
    return html`<section class="door">
      <h1>Sign in</h1>
      <p>The console is closed: no BOOKSYNC_API_TOKEN is set for this process. Set one and start the API again.</p>
    </section>`;
  }
  return html`<section class="door">
    <h1>Sign in</h1>
    <form method="post" action="/console/sign-in" class="stack">
      ${formToken(frame)}
      <input type="hidden" name="next" value=${given.next} />
      <label>
        Operator token
        <input type="password" name="token" required autocomplete="current-password" autofocus />
        <small>
          ${given.hasOwn ? 'Your own, which says who you are; or the shared one, the value' : 'The value'} of
          BOOKSYNC_API_TOKEN; ${'`npm start`'} prints it, and a link that needs none.
        </small>
      </label>
      ${operatorField}
      <button class="main">Sign in</button>
    </form>
  </section>`;
}

export function linkView(frame: Frame, link: { readonly path: string }): Html {
  return html`<section class="door">
    <h1>Sign in</h1>
    <p>This link signs you in once.</p>
    <form method="post" action=${link.path} class="stack">
      ${formToken(frame)} ${operatorField}
      <button class="main">Sign in</button>
    </form>
  </section>`;
}

const operatorField: Html = html`<label>
  Your operator id
  <input name="operator" value="operator" required pattern="[A-Za-z0-9_\\-]{1,64}" autocomplete="username" />
  <small>Kept with what you decide. Letters, digits, _ and -: no name, no address.</small>
</label>`;
