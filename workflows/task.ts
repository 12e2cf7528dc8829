/**
 * task: one question to a person. Reminds, escalates, rests, and ends with a decision or when the booking no longer needs it.
 * Invariant: a decision is checked before it is accepted, and it is stored together with the fact that it is; one timer at a time.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import { assertNever } from '../domain/assert-never';
import { minuteOf } from '../domain/deadlines';
import { whyRestIsRefused, type TaskStep } from '../domain/task-steps';
import { decisionsOf, whyDecisionIsRefused } from '../domain/tasks';
import { storage, tellOwner } from './activity-options';
import * as contract from './contract';

export async function task(input: contract.TaskInput): Promise<'decided' | 'withdrawn'> {
  return new TaskRun(input).live();
}

class TaskRun {
  private state: 'open' | 'deciding' | 'decided' | 'withdrawn' = 'open';
  private owner: string;
  private dueAtMs: number;
  private remindAtMs: number;
  private snoozedUntilMs: number | null = null;
  private isBeingSnoozed = false;
  /** Still to come. Another array whenever it changes. */
  private steps: readonly TaskStep[];
  private notices = 0;

  constructor(private readonly input: contract.TaskInput) {
    this.owner = input.owner;
    this.dueAtMs = input.dueAtMs;
    this.remindAtMs = input.remindAtMs;
    this.steps = input.steps ?? evenSteps(input);
    this.takeDecisions();
    this.takeCare();
  }

  async live(): Promise<'decided' | 'withdrawn'> {
    this.describe();
    this.tell('opened');
    while (this.isOpen()) {
      const [step, ...rest] = this.steps;
      if (!(await this.isDue(step))) continue;
      this.steps = rest;
      if (step !== undefined && this.isOpen()) await this.take(step);
    }
    await condition(allHandlersFinished);
    return this.state === 'decided' ? 'decided' : 'withdrawn';
  }

  private isOpen(): boolean {
    return this.state === 'open' || this.state === 'deciding';
  }

  // ------------------------------------------------------------ time

  /** False: it is not open any more, or something else comes next. */
  private async isDue(step: TaskStep | undefined): Promise<boolean> {
    const awaited = this.steps;
    const changed = (): boolean => !this.isOpen() || this.steps !== awaited;
    if (step === undefined) {
      await condition(changed);
      return false;
    }
    const waitMs = step.atMs - Date.now();
    return waitMs <= 0 || !(await condition(changed, waitMs, { summary: timerWords(step, this.owner) }));
  }

  private async take(step: TaskStep): Promise<void> {
    const { taskId } = this.input;
    switch (step.what) {
      case 'remind': {
        const assigned = { taskId, owner: this.owner, by: 'booksync', why: 'reminded' };
        await storage.assignTask.executeWithOptions({ summary: `Remind ${this.owner}` }, [assigned]);
        break;
      }
      case 'escalate': {
        const to = step.to ?? this.owner;
        const assigned = { taskId, owner: to, by: 'booksync', why: 'escalated' };
        await storage.assignTask.executeWithOptions({ summary: `Escalate to ${to}` }, [assigned]);
        this.owner = to;
        break;
      }
      case 'wake': {
        const assigned = { taskId, owner: this.owner, by: 'booksync', why: 'woken' };
        await storage.assignTask.executeWithOptions({ summary: `Wake for ${this.owner}` }, [assigned]);
        this.snoozedUntilMs = null;
        break;
      }
      default:
        assertNever(step.what);
    }
    this.describe();
    this.tell(step.what);
  }

  /** Nothing waits for a notice: whoever looks into the queue sees the task anyway. */
  private tell(occasion: 'opened' | 'reassigned' | TaskStep['what']): void {
    if (this.input.tells !== true) return;
    this.notices += 1;
    const args = { taskId: this.input.taskId, occasion, n: this.notices };
    tellOwner.executeWithOptions({ summary: `Tell ${this.owner}: ${occasion}` }, [args]).catch(() => undefined);
  }

  // ------------------------------------------------------------ messages in

  private takeDecisions(): void {
    const { taskId, kind, about } = this.input;
    setHandler(
      contract.decideUpdate,
      async ({ by, ...decision }) => {
        this.state = 'deciding';
        try {
          const summary = `Decided: ${decision.decision}`;
          await storage.decideTask.executeWithOptions({ summary }, [{ taskId, decision, by }]);
          this.state = 'decided';
        } catch (error) {
          // The row was settled without us (withdrawn by the booking): the answer to this caller is a refusal, and the task ends.
          this.state = 'withdrawn';
          throw error;
        } finally {
          this.describe();
        }
        return { accepted: true };
      },
      {
        validator: (decision) => {
          this.refuseUnlessOpen();
          const refusal = whyDecisionIsRefused(kind, decision, about);
          if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal, 'DecisionRefused');
        },
        description: `Decide: ${decisionsOf(this.input).join(', ')}`,
      },
    );
    setHandler(
      contract.withdrawSignal,
      () => {
        if (this.state === 'open') this.state = 'withdrawn';
      },
      { description: 'The booking no longer needs this' },
    );
  }

  private takeCare(): void {
    setHandler(
      contract.reassignUpdate,
      async (to) => {
        await storage.assignTask({ taskId: this.input.taskId, owner: to.owner, by: to.by, why: 'reassigned' });
        this.owner = to.owner;
        this.describe();
        this.tell('reassigned');
        return { owner: to.owner };
      },
      { description: 'Give the task to somebody else' },
    );
    setHandler(contract.snoozeUpdate, (rest) => this.snooze(rest), {
      validator: ({ untilMs }) => {
        this.refuseUnlessOpen();
        const refusal = this.isBeingSnoozed
          ? 'somebody else is putting the task to rest right now'
          : untilMs !== null && whyRestIsRefused(untilMs, Date.now());
        if (refusal) throw ApplicationFailure.nonRetryable(refusal, 'DecisionRefused');
      },
      description: 'Let the task rest until then; null wakes it',
    });
    setHandler(contract.taskViewQuery, () => this.view(), { description: 'State, owner and due time' });
  }

  private async snooze({ untilMs, by }: { untilMs: number | null; by: string }): Promise<{ dueAtMs: number }> {
    const before = this.steps;
    this.isBeingSnoozed = true;
    try {
      const { dueAtMs: due, remindAtMs: remind, snoozedUntilMs: rests } = this;
      const times = { steps: before, dueAtMs: due, remindAtMs: remind };
      const fromMs = Math.max(Date.now(), rests ?? 0);
      const args = { taskId: this.input.taskId, by, fromMs, untilMs, wakeAtMs: untilMs ?? Date.now(), times };
      const summary = untilMs === null ? 'Wake' : `Rest until ${minuteOf(untilMs)}`;
      const { steps, dueAtMs, remindAtMs } = await storage.snoozeTask.executeWithOptions({ summary }, [args]);
      // What was due meanwhile has been taken.
      const still = steps.slice(before.length - this.steps.length).filter(({ what }) => what !== 'wake');
      this.steps = untilMs === null ? still : [{ atMs: untilMs, what: 'wake' }, ...still];
      this.snoozedUntilMs = untilMs;
      this.dueAtMs = dueAtMs;
      this.remindAtMs = remindAtMs;
      this.describe();
      return { dueAtMs };
    } finally {
      this.isBeingSnoozed = false;
    }
  }

  private refuseUnlessOpen(): void {
    if (this.state === 'open') return;
    throw ApplicationFailure.nonRetryable(`The task is ${this.state} already`, 'TaskSettled');
  }

  // ------------------------------------------------------------ what a reader sees

  private view(): contract.TaskView {
    const { state, owner, dueAtMs, snoozedUntilMs } = this;
    return { state: state === 'deciding' ? 'open' : state, owner, dueAtMs, snoozedUntilMs };
  }

  private describe(): void {
    const { kind, bookingId, about } = this.input;
    const rests = this.snoozedUntilMs === null ? '' : ` · rests until ${minuteOf(this.snoozedUntilMs)}`;
    const details = [
      bookingId === null
        ? `**${kind}** for connection \`${about}\``
        : `**${kind}** for booking \`${bookingId}\`, about \`${about}\``,
      `State: ${this.state} · owner: ${this.owner} · due ${minuteOf(this.dueAtMs)}${rests}`,
      `Allowed decisions: ${decisionsOf(this.input).join(', ')}`,
    ];
    setCurrentDetails(details.join('\n\n'));
  }
}

/** Of a task that was opened without steps. */
function evenSteps({ remindAtMs, dueAtMs, escalateTo }: contract.TaskInput): TaskStep[] {
  const turnMs = Math.max(dueAtMs - remindAtMs, 60_000);
  return [
    { atMs: remindAtMs, what: 'remind' },
    ...escalateTo.map((to, turn): TaskStep => ({ atMs: dueAtMs + turn * turnMs, what: 'escalate', to })),
  ];
}

function timerWords({ what, to, atMs }: TaskStep, owner: string): string {
  const words = { remind: `Remind ${owner}`, escalate: `Due, escalate to ${to}`, wake: 'Rests' }[what];
  return `${words}, ${minuteOf(atMs)}`;
}
