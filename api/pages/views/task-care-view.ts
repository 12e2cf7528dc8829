/** Whose a task is, and whether it rests: the panels beside its question. Invariant: only an open task has them. */
import { html, type Html } from './html';
import { actForm, type Frame } from './layout';
import { taskPath, type NamedTask } from './task-lines-view';
import { moment } from './times';

export function ownerPanel(frame: Frame, task: NamedTask): Html {
  if (task.state !== 'open') return null;
  return html`<section aria-labelledby="owner">
    <h2 id="owner">Owner</h2>
    <div class="panel">
      <p class="ids">${task.owner}</p>
      ${
        frame.operator === null || frame.operator === task.owner
          ? null
          : actForm(
              frame,
              { action: taskPath(task.id), fields: { act: 'reassign', owner: frame.operator } },
              html`<button>I take it</button>`,
            )
      }
      ${actForm(
        frame,
        { action: taskPath(task.id), fields: { act: 'reassign' }, class: 'inline' },
        html`<label>Give it to<input name="owner" required pattern="[A-Za-z0-9_\\-]{1,64}" autocomplete="off" /></label
          ><button>Give</button>`,
      )}
    </div>
  </section>`;
}

/** Until when a task can rest with one press. */
export const RESTS = [
  { rest: 'hour', label: 'For an hour' },
  { rest: 'tomorrow', label: 'Until tomorrow, 09:00' },
  { rest: 'week', label: 'For a week' },
] as const;

export function restPanel(frame: Frame, task: NamedTask): Html {
  if (task.state !== 'open') return null;
  const { snoozedUntilMs } = task;
  const rests = snoozedUntilMs !== null && snoozedUntilMs > frame.nowMs;
  const to = { action: taskPath(task.id), fields: { act: 'snooze' } };
  return html`<section aria-labelledby="rest">
    <h2 id="rest">Rest</h2>
    <div class="panel">
      ${
        rests
          ? html`<p>Rests until ${moment(snoozedUntilMs, frame.zone)}, then comes back by itself.</p>
              ${actForm(frame, to, html`<button name="rest" value="none">Wake it now</button>`)}`
          : html`<p><small>It leaves the queue and comes back by itself; its due time waits with it.</small></p>
              ${actForm(
                frame,
                to,
                RESTS.map(({ rest, label }) => html`<button name="rest" value=${rest}>${label}</button>`),
              )}
              ${actForm(
                frame,
                { ...to, class: 'inline' },
                html`<label>${`Until, in ${frame.zone}`}<input type="datetime-local" name="until" required /></label
                  ><button name="rest" value="until">Let it rest</button>`,
              )}`
      }
    </div>
  </section>`;
}
