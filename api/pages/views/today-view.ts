/** Today: what needs a person, the day's slots, and whether the service keeps up. Invariant: an empty part says what that means. */
import type { ConnectionLine } from '../../../db/connection-lines';
import { bookingTable, type NamedLine } from './booking-lines-view';
import { html, type Html } from './html';
import { empty, facts, liveRegion, type Frame } from './layout';
import { taskTable, type NamedTask } from './task-lines-view';
import { dayAt, spanWords } from './times';
import { counted } from './words';

export interface TodayData {
  /** Earliest due first. */
  readonly tasks: readonly NamedTask[];
  readonly openTasks: number;
  /** Of the account's calendar day, earliest first. */
  readonly slots: readonly NamedLine[];
  readonly health: Health;
}

export interface Health {
  /** Age of the oldest delivery that nobody has taken on, seconds; 0: none waits. */
  readonly lagSeconds: number;
  readonly waiting: number;
  readonly dead: number;
  readonly parked: number;
  readonly withoutDispatcher: readonly string[];
  readonly connections: readonly ConnectionLine[];
  /** Does Temporal answer? */
  readonly engine: boolean;
}

export function todayView(frame: Frame, data: TodayData): Html {
  return html`<h1>Today</h1>
    <p class="lead">${`${dayAt(frame.nowMs, frame.zone)}, times in ${frame.zone}`}</p>
    ${liveRegion(
      { id: 'live', path: '/console', everySeconds: 10 },
      html`<div class="columns">
        <div>
          <section aria-labelledby="needs">
            <h2 id="needs">Needs a person <span class="count">${data.openTasks}</span></h2>
            ${needs(frame, data)}
          </section>
          <section aria-labelledby="slots">
            <h2 id="slots">Today's appointments <span class="count">${data.slots.length}</span></h2>
            ${slots(frame, data.slots)}
          </section>
        </div>
        <aside aria-labelledby="health">
          <h2 id="health">Sync health</h2>
          ${health(data.health)}
        </aside>
      </div>`,
    )}`;
}

function needs(frame: Frame, { tasks, openTasks }: TodayData): Html {
  if (tasks.length === 0) {
    return empty(
      'Nothing waits for a person. When a guest matches nobody, or nobody says how a slot went, it appears here.',
    );
  }
  const more = openTasks - tasks.length;
  return html`${taskTable(frame, tasks, { caption: 'Open tasks, earliest due first' })}
  ${more > 0 ? html`<p><a href="/console/tasks">${`${more} more`}</a></p>` : null}`;
}

function slots(frame: Frame, lines: readonly NamedLine[]): Html {
  if (lines.length > 0) return bookingTable(frame, lines, { caption: "Today's appointments", withDay: false });
  return empty('No appointment begins today.', html`<p><a href="/console/bookings">All bookings</a></p>`);
}

function health(now: Health): Html {
  const { connections } = now;
  const down = connections.filter(({ health: state }) => state?.state === 'down');
  return html`<div class="panel">
    ${facts([
      [
        'Temporal',
        now.engine ? good('Answers') : bad('Does not answer: decisions wait, what is shown is what was recorded'),
      ],
      ['Lag', now.waiting === 0 ? good('Nothing waits') : lag(now)],
      [
        'Dead letters',
        now.dead === 0
          ? good('None')
          : html`${bad(counted(now.dead, 'delivery', 'deliveries'))} <a href="/console/deliveries?state=dead">Look</a>`,
      ],
      [
        'Dispatcher',
        now.withoutDispatcher.length === 0
          ? good('Runs')
          : bad(`Nobody dispatches ${now.withoutDispatcher.join(', ')}`),
      ],
      [
        'Parked',
        now.parked === 0 ? good('None') : bad(`${counted(now.parked, 'booking')} for a CRM that does not answer`),
      ],
      [
        'Connections',
        down.length === 0
          ? good(`All ${connections.length} as they should be`)
          : bad(`${down.map(({ connection }) => connection).join(', ')}: does not answer`),
      ],
    ])}
    <p><a href="/console/connections">Connections in detail</a></p>
  </div>`;
}

function lag({ waiting, lagSeconds }: Health): Html {
  const age = spanWords(lagSeconds * 1_000);
  const text = `${counted(waiting, 'delivery', 'deliveries')} waiting${age === null ? '' : `, the oldest for ${age}`}`;
  return lagSeconds > 30 ? bad(text) : text;
}

const good = (text: string): Html => html`<span class="good">${text}</span>`;
const bad = (text: string): Html => html`<strong class="bad">${text}</strong>`;
