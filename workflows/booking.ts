/**
 * booking: one run per booking, for its whole life. Signals say that facts were recorded; this reacts to what the facts add up to.
 * Invariant: handlers only note; the loop alone acts; everything it needs is in the database, so a lost run is rebuilt from there.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  patched,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { SignalDefinition } from '@temporalio/common';
import type { Recorded, RecordResult } from '../activities/record';
import { whyBookingDecisionIsRefused, type BookingDecision } from '../domain/booking-decisions';
import type { Deadline } from '../domain/deadlines';
import { recordQuickly, sendMessage, storage } from './activity-options';
import * as contract from './contract';
import { CrmLanes } from './crm-lanes';
import { DeadlineTimer } from './deadline-timer';
import { OpenTasks } from './open-tasks';
import { SourceLane } from './source-lane';
import { SearchAttributes, showDetails, waitingFor, type Visible } from './visibility';

/**
 * Beyond this, replaying a run takes too long on a busy worker. Ending what is under way takes events of its own, so a run
 * begins to end some before.
 */
const MAX_HISTORY_EVENTS = 1_000;
const EVENTS_TO_END = 50;

/** What becomes due in the picture itself: recording again does what is to be done. */
const RECORDED_WHEN_DUE: readonly Deadline['kind'][] = ['slot_end', 'no_show_review', 'stale_reschedule'];

export type BookingEnd = 'closed' | 'merged' | 'unknown';

export async function booking(input: contract.BookingInput): Promise<BookingEnd> {
  return new BookingRun(input).live();
}

class BookingRun {
  private readonly lanes: CrmLanes;
  private readonly source: SourceLane;
  private readonly timer = new DeadlineTimer();
  private readonly attributes = new SearchAttributes();
  private readonly messagesScope = new CancellationScope();
  private readonly sending = new Map<string, Promise<void>>();
  private readonly settledMessages = new Set<string>();
  private readonly tasks: OpenTasks;
  private recorded: Recorded | null = null;
  /** Facts that were signalled since the last record; a first run always records. */
  private mustRecord = true;
  /** Something other than facts happened: a lane ended, a message settled. */
  private stirred = false;

  constructor(private readonly input: contract.BookingInput) {
    this.tasks = new OpenTasks(input.bookingId, () => (this.stirred = true));
    this.lanes = new CrmLanes(
      { bookingId: input.bookingId, back: input.carried?.back ?? [], changed: input.carried?.changed ?? [] },
      {
        taskOpened: (opened) => this.tasks.start(opened),
        nothingAsked: (connection) => this.tasks.drop((started) => started.about === connection),
        reported: () => (this.mustRecord = true),
        settled: () => (this.stirred = true),
      },
    );
    this.source = new SourceLane(input.bookingId, {
      taskOpened: (opened) => this.tasks.start(opened),
      nothingAsked: () => this.tasks.drop((started) => started.kind === 'source_refused'),
      settled: () => (this.stirred = true),
    });
    this.registerHandlers();
    this.registerDecisions();
  }

  async live(): Promise<BookingEnd> {
    for (;;) {
      if (this.mustRecord) {
        const ended = await this.record();
        if (ended) return ended;
      }
      this.stirred = false;
      const due = this.deadlines().filter((deadline) => deadline.atMs <= Date.now());
      if (await this.actOn(due)) return 'closed';
      if (this.mustRecord) continue;
      this.show();
      if (this.shouldContinueAsNew()) return this.restart();
      this.timer.arm(this.nextDeadline());
      await condition(() => this.mustRecord || this.stirred || this.timer.fired || this.shouldContinueAsNew());
    }
  }

  // ------------------------------------------------------------ facts

  private async record(): Promise<BookingEnd | null> {
    this.mustRecord = false;
    const result = await this.recordTwice();
    if (result.kind !== 'recorded') {
      this.tasks.drop(() => true);
      await this.stop();
      return result.kind;
    }
    this.recorded = result;
    this.settledMessages.clear();
    this.tasks.match(result.openTasks);
    this.lanes.update(result);
    this.source.update(result);
    return null;
  }

  /** Quick and local first; when the database is away, the durable form that waits for it. */
  private async recordTwice(): Promise<RecordResult> {
    const args = { bookingId: this.input.bookingId, nowMs: Date.now() };
    try {
      return await recordQuickly.executeWithOptions({ summary: 'Fold the facts, plan what follows' }, [args]);
    } catch (error) {
      if (isCancellation(error)) throw error;
      return storage.record.executeWithOptions({ summary: 'Record, as soon as the database answers' }, [args]);
    }
  }

  // ------------------------------------------------------------ deadlines

  private deadlines(): Deadline[] {
    return (this.recorded?.deadlines ?? []).filter(
      ({ messageId }) =>
        messageId === undefined || !(this.sending.has(messageId) || this.settledMessages.has(messageId)),
    );
  }

  private nextDeadline(): Deadline | null {
    // An overdue close waits for lanes and tasks, not for the clock.
    return this.deadlines().find((deadline) => deadline.atMs > Date.now()) ?? null;
  }

  /** Returns true when the booking has closed. */
  private async actOn(due: readonly Deadline[]): Promise<boolean> {
    for (const deadline of due) {
      if (deadline.kind === 'message' && deadline.messageId) this.startSending(deadline.messageId, deadline.summary);
      if (RECORDED_WHEN_DUE.includes(deadline.kind)) this.mustRecord = true;
    }
    const mayClose = due.some((deadline) => deadline.kind === 'close') && !this.mustRecord && !this.isBusy();
    return mayClose ? this.close() : false;
  }

  private isBusy(): boolean {
    return this.lanes.unfinished || this.source.unfinished || this.sending.size > 0 || this.tasks.list().length > 0;
  }

  private async close(): Promise<boolean> {
    const { bookingId } = this.input;
    const version = this.recorded?.version ?? 0;
    const closed = await storage.closeBooking.executeWithOptions({ summary: 'Close' }, [{ bookingId, version }]);
    await condition(allHandlersFinished);
    // What was signalled meanwhile opens it again: the record clears the closing mark.
    if (closed && !this.mustRecord) return true;
    this.mustRecord = true;
    return false;
  }

  // ------------------------------------------------------------ messages

  private startSending(messageId: string, summary: string): void {
    const sent = this.messagesScope
      .run(() => sendMessage.executeWithOptions({ summary }, [{ bookingId: this.input.bookingId, messageId }]))
      .then((result) => {
        this.settledMessages.add(messageId);
        if (result.task) this.tasks.start(result.task);
      })
      .catch((error: unknown) => {
        // A canceled attempt may end as timed out, when its worker was killed. The next run finds in the database what became of it.
        if (!isCancellation(error) && !this.messagesScope.consideredCancelled) throw error;
      })
      .finally(() => {
        this.sending.delete(messageId);
        this.stirred = true;
      });
    this.sending.set(messageId, sent);
  }

  // ------------------------------------------------------------ what a reader sees

  private visible(recorded: Recorded): Visible {
    return {
      recorded,
      crmWords: this.lanes.words(),
      contactMatch: this.lanes.contactMatch ?? recorded.contactMatch,
      sourceWord: this.source.word,
      needsHuman: this.tasks.list().length > 0,
      openTasks: this.tasks.list().map((open) => open.kind),
      next: this.nextDeadline(),
    };
  }

  private show(): void {
    if (!this.recorded) return;
    const visible = this.visible(this.recorded);
    showDetails(visible);
    // One upsert for a pass: a write that is under way changes the attributes again in a moment, a new status is shown at once.
    const statusIsNew = this.attributes.status !== null && this.attributes.status !== this.recorded.status;
    if (!this.lanes.busy || statusIsNew) this.attributes.upsert(visible);
  }

  // ------------------------------------------------------------ long lives

  private shouldContinueAsNew(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    const most = this.input.maxHistoryEvents ?? MAX_HISTORY_EVENTS;
    if (continueAsNewSuggested || historyLength >= most) return true;
    return (
      this.input.maxHistoryEvents === undefined && historyLength >= most - EVENTS_TO_END && patched('runs-end-earlier')
    );
  }

  private async stop(): Promise<void> {
    this.timer.arm(null);
    this.messagesScope.cancel();
    await this.lanes.stop();
    await this.source.stop();
    await CancellationScope.nonCancellable(() => Promise.all(this.sending.values()));
    await this.tasks.told();
    await condition(allHandlersFinished);
  }

  /** Facts, plan and tasks are in the database: the next run finds them there, unread signals included. */
  private async restart(): Promise<never> {
    await this.stop();
    const runs = (this.input.carried?.runs ?? 0) + 1;
    return continueAsNew<typeof booking>({ ...this.input, carried: { runs, ...this.lanes.carried() } });
  }

  // ------------------------------------------------------------ messages in

  private registerHandlers(): void {
    const facts: readonly [SignalDefinition<[contract.FactsRecorded]>, string][] = [
      [contract.scheduledSignal, 'Booked or confirmed'],
      [contract.rescheduledSignal, 'Moved to another time'],
      [contract.canceledSignal, 'Canceled'],
      [contract.showedSignal, 'The guest came'],
      [contract.noShowSignal, 'The guest did not come'],
      [contract.requestedSignal, 'Requested, the host has to confirm'],
      [contract.rejectedSignal, 'The host declined'],
      [contract.rescheduleRequestedSignal, 'The host asked for another time'],
      [contract.noShowRevertedSignal, 'The no-show mark was taken back'],
      [contract.paymentSignal, 'Payment pending or received'],
      [contract.endedSignal, 'The slot is over'],
      [contract.attendanceEvidenceSignal, 'Evidence of who was there'],
      [contract.decidedSignal, 'A person decided something'],
    ];
    const note = (): void => {
      this.mustRecord = true;
    };
    for (const [signal, description] of facts) setHandler(signal, note, { description });
    setHandler(
      contract.wakeSignal,
      ({ reason, connection }) => {
        if (reason === 'crm_back' && connection !== undefined) this.lanes.wake(connection);
        else if (reason === 'crm_changed' && connection !== undefined) this.lanes.changed(connection);
        else this.mustRecord = true;
      },
      { description: 'Look again: found without a running workflow, merged, a CRM is back, or its record changed' },
    );
    setHandler(contract.bookingViewQuery, () => this.view(), {
      description: 'Status, CRM states, open tasks, and what it waits for',
    });
  }

  private registerDecisions(): void {
    setHandler(
      contract.decideBookingUpdate,
      async (decision) => {
        const { bookingId } = this.input;
        const args = { bookingId, factId: uuid4(), decision };
        await storage.decideBooking.executeWithOptions({ summary: `Decided: ${decision.decision}` }, [args]);
        this.mustRecord = true;
        return { accepted: true };
      },
      {
        // A fresh run has read nothing yet: then the activity refuses, in the same words.
        validator: (decision: BookingDecision) => {
          const refusal = this.recorded && whyBookingDecisionIsRefused(this.recorded, decision, Date.now());
          if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal, 'DecisionRefused');
        },
        description: 'Decide: showed, no_show, canceled, rescheduled, keep_waiting',
      },
    );
  }

  private view(): contract.BookingView {
    const { recorded } = this;
    return {
      status: recorded?.status ?? null,
      version: recorded?.version ?? 0,
      waitingFor: recorded ? waitingFor(this.visible(recorded)) : 'its facts to be read',
      crm: Object.fromEntries(this.lanes.words().map((word) => word.split(':') as [string, string])),
      source: this.source.word,
      openTasks: this.tasks.list().map((open) => open.workflowId),
    };
  }
}
