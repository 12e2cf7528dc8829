/**
 * `/oauth/authorize`: where the portal's admin lets the app in, or does not.
 * Invariant: only this app's client id gets a code, and only a form that was sent gives one.
 */
import { z } from 'zod';
import { documentOf, html } from '../page-html';
import type { SimAnswer, SimRequest } from '../exchange';
import type { Portal } from './portal';

const question = z.object({
  client_id: z.string(),
  redirect_uri: z.url({ protocol: /^https?$/ }),
  scope: z.string().min(1),
  optional_scope: z.string().default(''),
  state: z.string().optional(),
  code_challenge: z.string().min(1).optional(),
  code_challenge_method: z.enum(['S256', 'plain']).default('plain'),
});
type Question = z.output<typeof question>;

/** Null for a request that is none of it. */
export function answerAuthorize(portal: Portal, request: SimRequest): SimAnswer | null {
  if (!/^\/oauth\/(\d+\/)?authorize$/.test(request.pathname)) return null;
  if (request.method === 'GET') return answered(portal, request.query, consentPage);
  if (request.method !== 'POST') return null;
  const form = new URLSearchParams(request.body.toString('utf8'));
  return answered(portal, form, (asked) => decide(portal, asked, form.get('decision') === 'grant'));
}

function answered(portal: Portal, fields: URLSearchParams, next: (asked: Question) => SimAnswer): SimAnswer {
  const read = question.safeParse(Object.fromEntries(fields));
  if (!read.success) return problemPage(z.prettifyError(read.error));
  if (read.data.client_id !== portal.settings().clientId) return problemPage('There is no app with this client_id.');
  return next(read.data);
}

function scopesOf({ scope, optional_scope }: Question): readonly string[] {
  return [...new Set(`${scope} ${optional_scope}`.split(/\s+/).filter((name) => name !== ''))];
}

function decide(portal: Portal, asked: Question, isGranted: boolean): SimAnswer {
  const target = new URL(asked.redirect_uri);
  const { code_challenge: text, code_challenge_method: method, redirect_uri: redirectUri } = asked;
  if (isGranted) {
    const challenge = text === undefined ? null : { text, method };
    target.searchParams.set('code', portal.tokens.issueCode({ redirectUri, scopes: scopesOf(asked), challenge }));
  } else {
    target.searchParams.set('error', 'access_denied');
    target.searchParams.set('error_description', 'The admin did not let the app in.');
  }
  if (asked.state !== undefined) target.searchParams.set('state', asked.state);
  return { status: 303, headers: { location: target.href }, body: undefined };
}

function consentPage(asked: Question): SimAnswer {
  const hidden = Object.entries(asked).map(
    ([name, value]) => html`<input type="hidden" name=${name} value=${value} />`,
  );
  const body = html`<main>
    <h1>HubSpot simulator</h1>
    <p>An app wants to work in this account, with these scopes:</p>
    <ul>
      ${scopesOf(asked).map((scope) => html`<li><code>${scope}</code></li>`)}
    </ul>
    <form method="post" action="/hubspot/oauth/authorize">
      ${hidden}
      <button name="decision" value="grant">Connect app</button>
      <button name="decision" value="deny" class="plain">No, thanks</button>
    </form>
    <p class="quiet">It sends you on to ${new URL(asked.redirect_uri).host}. Nothing leaves this machine.</p>
  </main>`;
  return { status: 200, body: documentOf('HubSpot simulator', body) };
}

function problemPage(text: string): SimAnswer {
  const body = html`<main>
    <h1>HubSpot simulator</h1>
    <p class="said bad">The app can't be connected.</p>
    <pre>${text}</pre>
  </main>`;
  return { status: 400, body: documentOf('HubSpot simulator', body) };
}
