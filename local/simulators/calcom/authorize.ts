/**
 * `/auth/oauth2/authorize`: where the account's owner lets the app in, or does not.
 * Invariant: only this app's client id gets a code, and only a form that was sent gives one.
 */
import { z } from 'zod';
import type { SimAnswer, SimRequest } from '../exchange';
import { documentOf, html } from '../page-html';
import type { Account } from './account';
import { oauthClient } from './seed';

const question = z.object({
  client_id: z.string(),
  redirect_uri: z.url({ protocol: /^https?$/ }),
  response_type: z.literal('code').optional(),
  scope: z.string().min(1),
  state: z.string().optional(),
});
type Question = z.output<typeof question>;

/** Null for a request that is none of it. */
export function answerAuthorize(account: Account, request: SimRequest): SimAnswer | null {
  if (request.pathname !== '/auth/oauth2/authorize') return null;
  if (request.method === 'GET') return answered(request.query, consentPage);
  if (request.method !== 'POST') return null;
  const form = new URLSearchParams(request.body.toString('utf8'));
  return answered(form, (asked) => decide(account, asked, form.get('decision') === 'grant'));
}

function answered(fields: URLSearchParams, next: (asked: Question) => SimAnswer): SimAnswer {
  const read = question.safeParse(Object.fromEntries(fields));
  if (!read.success) return problemPage(z.prettifyError(read.error));
  if (read.data.client_id !== oauthClient.id) return problemPage('There is no app with this client_id.');
  return next(read.data);
}

function decide(account: Account, asked: Question, isGranted: boolean): SimAnswer {
  const target = new URL(asked.redirect_uri);
  if (isGranted) target.searchParams.set('code', account.tokens.issueCode(asked.redirect_uri));
  else target.searchParams.set('error', 'access_denied');
  if (asked.state !== undefined) target.searchParams.set('state', asked.state);
  return { status: 303, headers: { location: target.href }, body: undefined };
}

function consentPage(asked: Question): SimAnswer {
  const hidden = Object.entries(asked).map(
    ([name, value]) => html`<input type="hidden" name=${name} value=${value} />`,
  );
  const body = html`<main>
    <h1>Cal.com simulator</h1>
    <p>An app wants to work in this account, with these scopes: <code>${asked.scope}</code></p>
    <form method="post" action="/calcom/auth/oauth2/authorize">
      ${hidden}
      <button name="decision" value="grant">Allow</button>
      <button name="decision" value="deny" class="plain">Go back</button>
    </form>
    <p class="quiet">It sends you on to ${new URL(asked.redirect_uri).host}. Nothing leaves this machine.</p>
  </main>`;
  return { status: 200, body: documentOf('Cal.com simulator', body) };
}

function problemPage(text: string): SimAnswer {
  const body = html`<main>
    <h1>Cal.com simulator</h1>
    <p class="said bad">The app can't be connected.</p>
    <pre>${text}</pre>
  </main>`;
  return { status: 400, body: documentOf('Cal.com simulator', body) };
}
