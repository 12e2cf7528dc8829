/** The queue of human work. Invariant: an empty queue says when it fills; what is chosen is not refreshed away. */
import { TASK_DECISIONS, TASK_KINDS, type TaskKind } from '../../../domain/tasks';
import { html, type Html } from './html';
import { actForm, empty, liveRegion, type Frame } from './layout';
import { taskPath, taskTable, type NamedTask } from './task-lines-view';
import { decisionLabel, taskWords } from './words';

export const QUEUES = [
  { state: 'open', label: 'Open' },
  { state: 'resting', label: 'Resting' },
  { state: 'decided', label: 'Decided' },
  { state: 'withdrawn', label: 'Withdrawn' },
] as const;

export interface TasksData {
  readonly tasks: readonly NamedTask[];
  readonly state: (typeof QUEUES)[number]['state'];
  readonly kind: TaskKind | null;
  readonly cursor: string | null;
  readonly nextCursor: string | null;
  /** Those of several that could not be decided just now. */
  readonly refused: readonly { readonly id: string; readonly why: string }[];
}

export function tasksView(frame: Frame, data: TasksData): Html {
  return html`<h1>Tasks</h1>
    <p class="lead">${`Questions that only a person can answer, earliest due first. Times in ${frame.zone}.`}</p>
    <form method="get" action="/console/tasks" class="filters">
      <label>
        State
        <select name="state">
          ${QUEUES.map(({ state, label }) => html`<option value=${state} selected=${state === data.state}>${label}</option>`)}
        </select>
      </label>
      <label>
        Kind
        <select name="kind">
          <option value="">All kinds</option>
          ${TASK_KINDS.map((kind) => html`<option value=${kind} selected=${kind === data.kind}>${taskWords(kind).label}</option>`)}
        </select>
      </label>
      <button>Show</button>
    </form>
    ${refusedList(data)} ${queue(frame, data)}
    ${data.nextCursor === null ? null : html`<p><a href=${pathOf(data, data.nextCursor)}>Next page</a></p>`}`;
}

function refusedList({ refused }: TasksData): Html {
  if (refused.length === 0) return null;
  return html`<ul class="panel" aria-label="Could not be decided">
    ${refused.map(({ id, why }) => html`<li><a href=${taskPath(id)}>This task</a>: ${why}</li>`)}
  </ul>`;
}

function queue(frame: Frame, data: TasksData): Html {
  const { tasks, state, kind } = data;
  const caption = 'Tasks, earliest due first';
  if (state === 'open' && kind !== null && tasks.length > 0) return several(frame, { tasks, kind, caption });
  const body = tasks.length === 0 ? nothing(data) : taskTable(frame, tasks, { caption });
  const hint = html`<p><small>Show one kind to decide several at once.</small></p>`;
  return html`${liveRegion({ id: 'live', path: pathOf(data, data.cursor), everySeconds: 10 }, body)}
  ${state === 'open' && tasks.length > 1 ? hint : null}`;
}

/** Choosing would be lost with every refresh, so this list stands still. */
function several(
  frame: Frame,
  { tasks, kind, caption }: { tasks: readonly NamedTask[]; kind: TaskKind; caption: string },
): Html {
  const decisions = TASK_DECISIONS[kind].filter((decision) => decision !== 'use_contact');
  return actForm(
    frame,
    { action: '/console/tasks', fields: { kind }, class: 'block' },
    html`${taskTable(frame, tasks, { caption, picks: true })}
      <fieldset class="after">
        <legend>Decide all that are chosen</legend>
        ${decisions.map((decision) => html`<button name="decision" value=${decision}>${decisionLabel(decision)}</button>`)}
      </fieldset>`,
  );
}

function pathOf({ state, kind }: TasksData, cursor: string | null): string {
  const query = new URLSearchParams({ state, ...(kind && { kind }), ...(cursor && { cursor }) });
  return `/console/tasks?${query.toString()}`;
}

function nothing({ state, kind }: TasksData): Html {
  if (state === 'open' && kind === null) {
    return empty(
      'The queue is empty. A guest whom nobody matches, a refused write or a slot without an outcome puts a task here.',
    );
  }
  return empty('No task is like this.', html`<p><a href="/console/tasks">All open tasks</a></p>`);
}
