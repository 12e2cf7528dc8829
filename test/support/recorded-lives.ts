/**
 * Lives whose histories are pinned: between them, they take every branch of the workflows that a command depends on.
 * Invariant: a life uses the real doors only (webhook bodies, decisions, faults of the vendors), so it can be recorded again at any time.
 */
import { bookingCancelled, bookingCreated, bookingRescheduled, noShowUpdated } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { bookingWorkflowId, connectionWorkflowId } from '../../domain/ids';
import { createWorkflowSignals } from '../../worker/workflow-signals';
import { eventually } from './eventually';
import { ended, inStep, wholeLife } from './whole-life';
import { CRM, DAY, HOUR, MINUTE, type World } from './world';
import { taskOf } from './world-records';

/** Name of the recording → the run to record. */
export type Runs = Readonly<Record<string, { readonly workflowId: string; readonly runId?: string }>>;
export type Life = (world: World) => Promise<Runs>;

export const LIVES: Readonly<Record<string, Life>> = {
  'a whole life with moves and reminders': async (world) => ({
    'booking-rescheduled-reminded-closed': { workflowId: await wholeLife(world) },
  }),

  'a CRM that is down and comes back': async (world) => {
    const { hubspot } = world.simulators;
    hubspot.changeSettings({ down: true });
    const guest = await world.aGuest(10 * DAY, { unknown: true });
    await world.hear(bookingCreated(guest));
    await skipping(world, () => inStep(world, guest.uid, 'parked'));
    await world.sleep(5 * MINUTE);
    hubspot.changeSettings({ down: false });
    await aContact(world, guest);
    const workflowId = bookingWorkflowId(await skipping(world, () => inStep(world, guest.uid)));
    return {
      'booking-crm-parked': { workflowId },
      'connection-down-and-back': { workflowId: connectionWorkflowId(CRM) },
    };
  },

  'two bookings that turn out to be one': async (world) => {
    const guest = await world.aGuest(10 * DAY);
    const [b, c] = [1, 2].map((n) => ({ ...guest, uid: `${guest.uid}-${n}`, startMs: guest.startMs + n * DAY }));
    await world.hear(bookingCreated(guest));
    await world.hear(bookingRescheduled({ ...c!, sequence: 2, previous: b! }));
    const survivor = bookingWorkflowId(await skipping(world, () => inStep(world, guest.uid)));
    const merged = bookingWorkflowId(await skipping(world, () => inStep(world, c!.uid)));
    await world.hear(bookingRescheduled({ ...b!, sequence: 1, previous: guest }));
    await skipping(world, () => inStep(world, c!.uid));
    await ended(world, merged);
    return { 'booking-merged': { workflowId: merged }, 'booking-survived-merge': { workflowId: survivor } };
  },

  'a life that is too long for one run': async (world) => {
    const guest = await world.aGuest(10 * DAY);
    await world.hear(bookingCreated(guest));
    const bookingId = await inStep(world, guest.uid);
    const handle = world.env.client.workflow.getHandle(bookingWorkflowId(bookingId));
    await world.activitiesEnded();
    await handle.terminate('the next run is to be a short one');
    await createWorkflowSignals(world.env.client, { maxHistoryEvents: 24 }).wake({ bookingId, reason: 'sweep' });
    const { runId } = await handle.describe();
    // Slow enough that the run ends while its lane is writing.
    world.simulators.hubspot.setFaults([{ method: 'PATCH', delayMs: 1_000 }]);
    let now = guest;
    const isFirstRun = async (): Promise<boolean> => (await handle.describe()).runId === runId;
    // A worker that is slow takes several of them at once: then it takes more of them to fill the run.
    for (let sequence = 1; sequence <= 3 || (sequence <= 10 && (await isFirstRun())); sequence += 1) {
      if (sequence > 3) await inStep(world, guest.uid);
      const next = { ...guest, uid: `${guest.uid}-${sequence}`, startMs: guest.startMs + sequence * DAY };
      await world.hear(bookingRescheduled({ ...next, sequence, previous: now }));
      now = next;
    }
    await inStep(world, guest.uid);
    await eventually(async () => !(await isFirstRun()), { what: 'the next run' });
    const workflowId = handle.workflowId;
    return { 'booking-continued-as-new': { workflowId, runId }, 'booking-carried-on': { workflowId } };
  },

  'nobody matches, a person decides': async (world) => {
    const guest = await world.aGuest(10 * DAY, { unknown: true });
    await world.hear(bookingCreated(guest));
    await inStep(world, guest.uid, 'needs_contact');
    const { workflowId } = await taskOf(world, guest.uid, 'match_contact');
    await world.decide(guest.uid, 'match_contact', { decision: 'create_contact' });
    await ended(world, workflowId);
    const id = await skipping(world, () => inStep(world, guest.uid));
    return { 'task-decided': { workflowId }, 'booking-contact-decided': { workflowId: bookingWorkflowId(id) } };
  },

  'a CRM refuses, a person says to try again': async (world) => {
    const guest = await world.aGuest(10 * DAY);
    const body = {
      status: 'error',
      category: 'VALIDATION_ERROR',
      message: 'no',
      errors: [{ code: 'MISSING_REQUIRED_PROPERTY' }],
    };
    world.simulators.hubspot.setFaults([{ method: 'POST', path: '/meetings$', status: 400, body }]);
    await world.hear(bookingCreated(guest));
    await inStep(world, guest.uid, 'refused');
    await world.decide(guest.uid, 'crm_refused', { decision: 'retry' });
    return { 'booking-crm-refused': { workflowId: bookingWorkflowId(await inStep(world, guest.uid)) } };
  },

  'no outcome is heard, the review is escalated and decided': async (world) => {
    const { guest, workflowId } = await underReview(world);
    await world.sleep(world.settings.tasks.dueAfterMs + HOUR);
    await world.until(guest.uid, 'escalated', ({ tasks }) =>
      tasks.some(({ owner }) => owner !== world.settings.tasks.owner),
    );
    await world.decide(guest.uid, 'no_show_review', { decision: 'showed' });
    const id = await inStep(world, guest.uid);
    await world.sleep(world.settings.outcome.closeAfterMs + MINUTE);
    await ended(world, bookingWorkflowId(id));
    return { 'task-escalated': { workflowId }, 'booking-reviewed-closed': { workflowId: bookingWorkflowId(id) } };
  },

  'a review is withdrawn because the outcome is heard': async (world) => {
    const { guest, workflowId } = await underReview(world);
    const email = guest.guest.email!;
    await world.hear(noShowUpdated({ uid: guest.uid, email, noShow: true, createdAtMs: await world.now() }));
    await ended(world, workflowId);
    const id = await inStep(world, guest.uid);
    return { 'task-withdrawn': { workflowId }, 'booking-review-withdrawn': { workflowId: bookingWorkflowId(id) } };
  },

  'the database is away for a while': async (world) => {
    const guest = await world.aGuest(10 * DAY);
    await world.hear(bookingCreated(guest));
    const workflowId = bookingWorkflowId(await inStep(world, guest.uid));
    // A write that can't give its lease back would hold up the next one until the lease ends, by a clock that is not skipped.
    await world.activitiesEnded();
    world.databaseGate.shut();
    await world.hear(bookingCancelled({ ...guest, sequence: 1 }));
    const handle = world.env.client.workflow.getHandle(workflowId);
    await eventually(async () => ((await handle.describe()).raw.pendingActivities ?? []).length > 0, {
      what: 'the durable record',
    });
    world.databaseGate.open();
    await skipping(world, () => inStep(world, guest.uid));
    return { 'booking-recorded-late': { workflowId } };
  },

  'nobody knows whether a message was sent': async (world) => {
    world.simulators.mail.setFaults([{ at: 'after_data', action: 'reset' }]);
    const guest = await world.aGuest(10 * DAY);
    await world.hear(bookingCreated(guest));
    await world.until(guest.uid, 'asked', ({ tasks }) => tasks.some(({ kind }) => kind === 'message_unknown'));
    await world.decide(guest.uid, 'message_unknown', { decision: 'send_again' });
    await world.until(guest.uid, 'sent', ({ messages }) => messages.some(({ state }) => state === 'sent'));
    return { 'booking-message-unknown': { workflowId: bookingWorkflowId(await inStep(world, guest.uid)) } };
  },
};

/** A booking whose slot is long over without an outcome, and the workflow of its review. */
async function underReview(world: World): Promise<{ guest: BookingOptions; workflowId: string }> {
  const guest = await world.aGuest(2 * HOUR);
  await world.hear(bookingCreated(guest));
  await inStep(world, guest.uid);
  await world.sleepUntil(guest.startMs + HOUR + world.settings.outcome.reviewAfterMs);
  await world.until(guest.uid, 'under review', ({ tasks }) => tasks.some(({ kind }) => kind === 'no_show_review'));
  return { guest, workflowId: (await taskOf(world, guest.uid, 'no_show_review')).workflowId };
}

/** Waits for something that takes business time: attempts, probes. */
async function skipping<T>(world: World, wait: () => Promise<T>): Promise<T> {
  let over = false;
  const waited = wait().finally(() => (over = true));
  while (!over) await world.sleep(5_000);
  return waited;
}

async function aContact(world: World, { guest }: BookingOptions): Promise<void> {
  const properties = { firstname: 'Guest', lastname: 'Example', email: guest.email };
  await fetch(`${world.simulators.url}/hubspot/crm/objects/2026-09/contacts`, {
    method: 'POST',
    headers: { authorization: 'Bearer pat-test', 'content-type': 'application/json' },
    body: JSON.stringify({ properties }),
  });
}
