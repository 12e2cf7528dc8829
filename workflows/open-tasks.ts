/**
 * The task workflows of a booking: each is started once, and told to end when the booking no longer needs its answer.
 * Invariant: a task outlives the run and the lane that asked for it, so nothing here is canceled with either.
 */
import { CancellationScope, getExternalWorkflowHandle, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { OpenTask } from '../activities/open-task';
import { withdrawSignal } from './contract';
import type { task } from './task';

export class OpenTasks {
  private readonly started = new Map<string, OpenTask>();
  /** A record that began before the end of a task may still name it. */
  private readonly ended = new Set<string>();
  private readonly withdrawals = new Set<Promise<void>>();

  constructor(
    private readonly bookingId: string,
    private readonly changed: () => void,
  ) {}

  list(): OpenTask[] {
    return [...this.started.values()];
  }

  /** Starts what is open in the database, withdraws what is no longer. */
  match(open: readonly OpenTask[]): void {
    const openIds = new Set(open.map((opened) => opened.id));
    this.drop((started) => !openIds.has(started.id));
    for (const opened of open) this.start(opened);
  }

  start(opened: OpenTask): void {
    if (this.started.has(opened.id) || this.ended.has(opened.id)) return;
    this.started.set(opened.id, opened);
    this.changed();
    const { id: taskId, workflowId, ...asked } = opened;
    const { bookingId } = this;
    CancellationScope.nonCancellable(() =>
      startChild<typeof task>('task', {
        workflowId,
        args: [{ taskId, bookingId, ...asked }],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `${opened.kind} for ${bookingId}`,
      }),
    ).catch((error: unknown) => {
      // A former run started it; it is waiting for its decision all the same.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    });
  }

  /** The tasks' rows are settled already; their workflows are only told to end. One may have ended by its own decision. */
  drop(isDropped: (started: OpenTask) => boolean): void {
    for (const dropped of this.list().filter(isDropped)) {
      this.started.delete(dropped.id);
      this.ended.add(dropped.id);
      this.changed();
      const told = CancellationScope.nonCancellable(() =>
        getExternalWorkflowHandle(dropped.workflowId).signal(withdrawSignal, {
          reason: 'the booking no longer needs it',
        }),
      )
        .catch(() => undefined)
        .finally(() => this.withdrawals.delete(told));
      this.withdrawals.add(told);
    }
  }

  /** Until every task that was dropped has been told. */
  async told(): Promise<void> {
    await Promise.all(this.withdrawals);
  }
}
