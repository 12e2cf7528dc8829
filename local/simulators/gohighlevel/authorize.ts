/**
 * `/oauth/chooselocation`: where the agency's admin picks a location and lets the app in.
 * Invariant: only this app's client id gets a code, and only a form that was sent gives one.
 */
import { z } from 'zod';
import type { SimAnswer, SimRequest } from '../exchange';
import { documentOf, html } from '../page-html';
import type { Account } from './account';
import { location, oauthClient } from './seed';

const question = z.object({
  response_type: z.literal('code'),
  client_id: z.literal(oauthClient.id, { error: 'there is no app with this client_id' }),
  redirect_uri: z.url({ protocol: /^https?$/ }),
  scope: z.string().min(1),
  state: z.string().optional(),
  user_type: z.enum(['Location', 'Company']).default('Location'),
  code_challenge: z.string().min(1).optional(),
  code_challenge_method: z.enum(['S256', 'plain']).default('plain'),
});
type Question = z.output<typeof question>;

/** Null for a request that is none of it. */
export function answerAuthorize(account: Account, request: SimRequest): SimAnswer | null {
  if (!['/oauth/chooselocation', '/v2/oauth/chooselocation'].includes(request.pathname)) return null;
  if (request.method === 'GET') return answered(request.query, consentPage);
  if (request.method !== 'POST') return null;
  return answered(new URLSearchParams(request.body.toString('utf8')), (asked) => granted(account, asked));
}

function answered(fields: URLSearchParams, next: (asked: Question) => SimAnswer): SimAnswer {
  const read = question.safeParse(Object.fromEntries(fields));
  if (read.success) return next(read.data);
  const body = html`<main>
    <h1>This can't be authorized</h1>
    <pre>${z.prettifyError(read.error)}</pre>
  </main>`;
  return { status: 400, body: documentOf('HighLevel simulator', body) };
}

function consentPage(asked: Question): SimAnswer {
  const hidden = Object.entries(asked).map(
    ([name, value]) => html`<input type="hidden" name=${name} value=${String(value)} />`,
  );
  const body = html`<main>
    <h1>Let the app in?</h1>
    <p>It asks for: ${asked.scope}</p>
    <form method="post" action="/gohighlevel/oauth/chooselocation">
      ${hidden}<button>Choose ${location.name}</button>
    </form>
  </main>`;
  return { status: 200, body: documentOf('HighLevel simulator', body) };
}

function granted(account: Account, asked: Question): SimAnswer {
  const code = account.tokens.issueCode({
    userType: asked.user_type,
    redirectUri: asked.redirect_uri,
    challenge: asked.code_challenge ?? null,
    method: asked.code_challenge_method,
  });
  const to = new URL(asked.redirect_uri);
  to.searchParams.set('code', code);
  if (asked.state !== undefined) to.searchParams.set('state', asked.state);
  return { status: 302, headers: { location: to.href }, body: undefined };
}
