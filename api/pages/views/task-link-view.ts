/** Where the link of a notice leads. Invariant: nobody is named; the queue itself is behind the sign-in. */
import type { TaskDetail } from '../../../db/task-view';
import { html, type Html } from './html';
import { facts, type Frame } from './layout';
import { taskPath } from './task-lines-view';
import { moment } from './times';
import { stateChip, taskWords } from './words';

export function taskLinkView(frame: Frame, { task, isExpired }: { task: TaskDetail | null; isExpired: boolean }): Html {
  if (task === null) {
    const text = isExpired
      ? 'This link is too old.'
      : 'This link does not fit. Part of it may be missing: copy the whole line.';
    return html`<section class="door">
      <h1>A task</h1>
      <p>${text} The queue is in the <a href="/console/tasks">console</a>.</p>
    </section>`;
  }
  const { label, question } = taskWords(task.kind);
  return html`<section class="door">
    <h1>${label}</h1>
    <p>${question}</p>
    ${facts([
      ['State', stateChip(task.state)],
      ['Owner', html`<span class="ids">${task.owner}</span>`],
      ['Due', moment(task.dueAtMs, frame.zone)],
    ])}
    <p><a class="button" href=${taskPath(task.id)}>Open it in the console</a></p>
    <p><small>You are asked to sign in, if you are not.</small></p>
  </section>`;
}
