/** The channel as the team sees it, and the requests that filled it. Invariant: every text is escaped; the link is plain text. */
import type { Journal } from '../journal';
import { documentOf, html } from '../page-html';
import type { PostedNote } from './posted-note';

const SHOWN = 50;

export function renderChannel(notes: readonly PostedNote[], journal: Journal): string {
  const requests = journal.entries().slice(-SHOWN).reverse();
  return documentOf(
    'Slack simulator',
    html`<main>
      <h1>Slack simulator</h1>
      <p class="quiet">What the service told the team. Nothing leaves this machine.</p>
      <h2>#leads</h2>
      ${notes.length === 0 ? html`<p class="quiet">No note yet: a booking whose score is high enough brings one.</p>` : null}
      ${notes
        .slice(-SHOWN)
        .reverse()
        .map(
          ({ at, text }) =>
            html`<div class="card">
              <small>${at}</small>
              <p>${text}</p>
            </div>`,
        )}
      <h2>Requests</h2>
      <table>
        <tr>
          <th>at</th>
          <th>request</th>
          <th>status</th>
        </tr>
        ${requests.map(
          ({ at, method, status, violation }) =>
            html`<tr>
              <td class="when">${at}</td>
              <td>${method} ${violation === null ? '' : html`<span class="fail">${violation}</span>`}</td>
              <td>${status ?? 'none'}</td>
            </tr>`,
        )}
      </table>
    </main>`,
  );
}
