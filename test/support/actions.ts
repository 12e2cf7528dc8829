/**
 * What Temporal Cloud would bill for a history, counted by its published table of actions.
 * Invariant: every event type is either counted or known to be free; an unknown one throws, so that nothing is overlooked.
 */
import { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

export interface Bill {
  /** What was counted → how many actions. */
  readonly items: Readonly<Record<string, number>>;
  readonly actions: number;
  readonly events: number;
}

const EventType = temporal.api.enums.v1.EventType;

/** Completions, workflow tasks and what a counted event already stands for. */
const FREE: ReadonlySet<string> = new Set([
  'WORKFLOW_TASK_SCHEDULED', 'WORKFLOW_TASK_STARTED', 'WORKFLOW_TASK_COMPLETED', 'WORKFLOW_TASK_FAILED', 'WORKFLOW_TASK_TIMED_OUT',
  'ACTIVITY_TASK_SCHEDULED', 'ACTIVITY_TASK_COMPLETED', 'ACTIVITY_TASK_FAILED', 'ACTIVITY_TASK_TIMED_OUT',
  'ACTIVITY_TASK_CANCEL_REQUESTED', 'ACTIVITY_TASK_CANCELED', 'TIMER_FIRED', 'TIMER_CANCELED',
  'CHILD_WORKFLOW_EXECUTION_STARTED', 'CHILD_WORKFLOW_EXECUTION_COMPLETED', 'START_CHILD_WORKFLOW_EXECUTION_FAILED',
  'EXTERNAL_WORKFLOW_EXECUTION_SIGNALED', 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED',
  'WORKFLOW_EXECUTION_UPDATE_COMPLETED', 'WORKFLOW_EXECUTION_COMPLETED', 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
]); // prettier-ignore

/** Each of these events is so many actions. */
const COUNTED: Readonly<Record<string, readonly [item: string, actions: number]>> = {
  WORKFLOW_EXECUTION_SIGNALED: ['signals', 1],
  TIMER_STARTED: ['timers', 1],
  UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: ['upserts of search attributes', 1],
  WORKFLOW_EXECUTION_UPDATE_ACCEPTED: ['updates', 1],
  SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: ['signals to others', 1],
  START_CHILD_WORKFLOW_EXECUTION_INITIATED: ['child workflows', 2],
};

/** Counts one run that began with a signal-with-start, which is one action together with its signal. */
export function billOf(history: History): Bill {
  const items: Record<string, number> = {};
  const add = (item: string, actions = 1): void => void (items[item] = (items[item] ?? 0) + actions);
  const events = history.events ?? [];
  const types = new Map(events.map((event) => [Number(event.eventId), activityType(event)]));
  const tasksWithMarkers = new Set<string>();
  for (const event of events) {
    const name = nameOf(event);
    const counted = COUNTED[name];
    if (counted !== undefined) add(...counted);
    else if (name === 'ACTIVITY_TASK_STARTED') {
      const started = event.activityTaskStartedEventAttributes;
      // Retries leave no events of their own: the last attempt says the how manieth it was.
      add(`attempts of ${types.get(Number(started?.scheduledEventId)) ?? 'an activity'}`, started?.attempt ?? 1);
    } else if (name === 'MARKER_RECORDED') {
      const task = String(event.markerRecordedEventAttributes?.workflowTaskCompletedEventId);
      if (!tasksWithMarkers.has(task)) add('workflow tasks with local activities');
      tasksWithMarkers.add(task);
    } else if (name !== 'WORKFLOW_EXECUTION_STARTED' && !FREE.has(name)) {
      throw new Error(`${name} is in no table of actions; say here whether it is billed`);
    }
  }
  const actions = Object.values(items).reduce((sum, one) => sum + one, 0);
  return { items, actions, events: events.length };
}

function nameOf(event: HistoryEvent): string {
  return (EventType[event.eventType ?? 0] ?? 'UNKNOWN').replace(/^EVENT_TYPE_/, '');
}

function activityType(event: HistoryEvent): string | null {
  return event.activityTaskScheduledEventAttributes?.activityType?.name ?? null;
}
