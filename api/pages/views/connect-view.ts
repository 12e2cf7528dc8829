/** Connecting an account: the link to its owner's consent, and what came of it. Invariant: texts are ours; nothing of the vendor's answer is shown. */
import { html, type Html } from './html';
import { vendorName } from './words';

export function connectLinkView(of: {
  readonly connection: string;
  readonly kind: string;
  readonly link: string;
}): Html {
  const vendor = vendorName(of.kind);
  return html`<h1>Connect an account</h1>
    <p class="lead">
      This link connects <span class="ids">${of.connection}</span>. It is good once, for ten minutes, in the browser
      that opens it.
    </p>
    <div class="panel">
      <p><a class="button main" href=${of.link} rel="noreferrer">${`Go on at ${vendor}`}</a></p>
      <p>
        ${`Sign in at ${vendor} as somebody who may let apps into the account, and agree. You come back to a page that says whether it worked.`}
      </p>
      <p>Does somebody else own the account? Send them the link:</p>
      <p><code class="break">${of.link}</code></p>
    </div>
    <p><a href="/console/connections">Connections</a></p>`;
}

export interface ConnectEnd {
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

/** Where the vendor sends the browser back to: a stranger's page, with or without a session. */
export function connectEndView({ title, text }: ConnectEnd): Html {
  return html`<section class="door">
    <h1>${title}</h1>
    <p id="said" role="status">${text}</p>
    <p><a href="/console/connections">Connections in the console</a></p>
  </section>`;
}
