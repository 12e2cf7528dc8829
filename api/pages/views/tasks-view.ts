/** The queue of human work. Invariant: an empty queue says when it fills. */
import { TASK_KINDS, type TaskKind } from '../../../domain/tasks';
import { html, type Html } from './html';
import { empty, liveRegion, type Frame } from './layout';
import { taskTable, type NamedTask } from './task-lines-view';
import { taskWords } from './words';

export interface TasksData {
  readonly tasks: readonly NamedTask[];
  readonly state: NamedTask['state'];
  readonly kind: TaskKind | null;
  readonly cursor: string | null;
  readonly nextCursor: string | null;
}

const STATES = [
  { state: 'open', label: 'Open' },
  { state: 'decided', label: 'Decided' },
  { state: 'withdrawn', label: 'Withdrawn' },
] as const;

export function tasksView(frame: Frame, data: TasksData): Html {
  return html`<h1>Tasks</h1>
    <p class="lead">${`Questions that only a person can answer, earliest due first. Times in ${frame.zone}.`}</p>
    <form method="get" action="/console/tasks" class="filters">
      <label>
        State
        <select name="state">
          ${STATES.map(({ state, label }) => html`<option value=${state} selected=${state === data.state}>${label}</option>`)}
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
    ${liveRegion(
      { id: 'live', path: pathOf(data, data.cursor), everySeconds: 10 },
      data.tasks.length === 0 ? nothing(data) : taskTable(frame, data.tasks, 'Tasks, earliest due first'),
    )}
    ${data.nextCursor === null ? null : html`<p><a href=${pathOf(data, data.nextCursor)}>Next page</a></p>`}`;
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
