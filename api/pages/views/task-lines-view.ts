/** Tasks as lines of a table. Invariant: what is overdue is said in words, not by colour alone. */
import type { TaskDetail } from '../../../db/task-view';
import { html, type Html } from './html';
import { table, type Column, type Frame } from './layout';
import { guestName } from './booking-lines-view';
import { fromNow, shortMoment } from './times';
import { decisionLabel, stateChip, taskWords } from './words';

export interface NamedTask extends TaskDetail {
  readonly guest: string | null;
}

export const taskPath = (id: string): string => `/console/tasks/${id}`;

/** `picks`: each line has a box to choose it by. */
export function taskTable(
  frame: Frame,
  tasks: readonly NamedTask[],
  { caption, picks = false }: { readonly caption: string; readonly picks?: boolean },
): Html {
  const columns: Column<NamedTask>[] = [
    ...(picks ? [PICK] : []),
    {
      label: 'Task',
      cell: ({ id, kind }) => html`<a id=${`task-${id}`} href=${taskPath(id)}>${taskWords(kind).label}</a>`,
    },
    {
      label: 'Guest',
      cell: ({ guest, bookingId }) => (bookingId === null ? html`<span class="quiet">–</span>` : guestName(guest)),
    },
    {
      label: 'About',
      class: 'ids',
      cell: ({ about, kind }) => (kind === 'message_unknown' ? 'a message' : about.replaceAll('_', ' ')),
    },
    { label: 'State', cell: (task) => stateCell(task, frame) },
    { label: 'Opened', class: 'when', cell: ({ openedAtMs }) => shortMoment(openedAtMs, frame) },
    { label: 'Owner', class: 'ids', cell: ({ owner }) => owner },
  ];
  return table(caption, columns, tasks);
}

const PICK: Column<NamedTask> = {
  label: 'Choose',
  cell: ({ id, guest }) =>
    html`<label class="tick"
      ><input type="checkbox" name="ids" value=${id} /><span class="hidden"
        >${`Choose the task of ${guestName(guest)}`}</span
      ></label
    >`,
};

function stateCell({ state, dueAtMs, decision, snoozedUntilMs }: TaskDetail, frame: Frame): Html {
  const { nowMs } = frame;
  if (state === 'decided')
    return html`${stateChip(state)} <small>${decision && decisionLabel(decision.decision)}</small>`;
  if (state === 'withdrawn') return stateChip(state);
  if (snoozedUntilMs !== null && snoozedUntilMs > nowMs) {
    return html`<span class="chip quiet">Rests</span> <small>until ${shortMoment(snoozedUntilMs, frame)}</small>`;
  }
  return dueAtMs <= nowMs
    ? html`<span class="chip bad">Overdue</span> <small>due ${fromNow(dueAtMs, nowMs)}</small>`
    : html`<span class="chip busy">Due ${fromNow(dueAtMs, nowMs)}</span>`;
}
