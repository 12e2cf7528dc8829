/**
 * Gauges that are read from the database when Prometheus asks.
 * Invariant: a database that is away costs these figures only, never the answer.
 */
import { Gauge, type Registry } from 'prom-client';
import type { WorkCounts } from '../db/health-view';
import { TASK_KINDS } from '../domain/tasks';

const DELIVERY_STATES = ['stored', 'done', 'ignored', 'dead'];
const MESSAGE_STATES = ['planned', 'held', 'skipped', 'sending', 'sent', 'delivered', 'failed', 'unknown'];

export interface WorkGauges {
  /** Reads the counts anew. Never rejects: without a database the gauges are empty and `booksync_database_up` is 0. */
  refresh(): Promise<void>;
}

export function createWorkGauges(registry: Registry, readCounts: () => Promise<WorkCounts>): WorkGauges {
  const registers = [registry];
  const up = new Gauge({ name: 'booksync_database_up', help: '1 when the database answered this scrape.', registers });
  const deliveries = new Gauge({
    name: 'booksync_deliveries',
    help: 'Stored deliveries by state.',
    labelNames: ['state'],
    registers,
  });
  const oldest = new Gauge({
    name: 'booksync_oldest_waiting_delivery_age_seconds',
    help: 'Age of the oldest delivery that the dispatcher has not settled; 0 when none waits.',
    registers,
  });
  const tasks = new Gauge({
    name: 'booksync_open_tasks',
    help: 'Open human tasks by kind.',
    labelNames: ['kind'],
    registers,
  });
  const crm = new Gauge({
    name: 'booksync_crm_bookings',
    help: 'Bookings by CRM connection and state of their synchronisation.',
    labelNames: ['connection', 'state'],
    registers,
  });
  const down = new Gauge({
    name: 'booksync_connection_down',
    help: '1 for every connection that does not answer, or not to us, by the reason.',
    labelNames: ['connection', 'reason'],
    registers,
  });
  const messages = new Gauge({
    name: 'booksync_messages',
    help: 'Messages by state.',
    labelNames: ['state'],
    registers,
  });
  const polls = new Gauge({
    name: 'booksync_last_poll_age_seconds',
    help: 'Seconds since the last poll of a source that came to its end.',
    labelNames: ['connection'],
    registers,
  });
  const subscriptions = new Gauge({
    name: 'booksync_subscription_findings',
    help: "What was wrong with a source's webhook subscription when it was last checked; `booksync doctor` lists it.",
    labelNames: ['connection'],
    registers,
  });
  const mappings = new Gauge({
    name: 'booksync_mapping_findings',
    help: 'In how much a mapping did not fit its CRM when it was last checked; `booksync doctor` lists it.',
    labelNames: ['connection'],
    registers,
  });

  function show(counts: WorkCounts): void {
    for (const state of DELIVERY_STATES) deliveries.set({ state }, 0);
    for (const { state, count } of counts.deliveries) deliveries.set({ state }, count);
    oldest.set(counts.oldestWaitingDeliveryAgeSeconds);
    for (const kind of TASK_KINDS) tasks.set({ kind }, 0);
    for (const { kind, count } of counts.openTasks) tasks.set({ kind }, count);
    for (const { connection, state, count } of counts.crm) crm.set({ connection, state }, count);
    for (const { connection, reason } of counts.connectionsDown) down.set({ connection, reason }, 1);
    for (const state of MESSAGE_STATES) messages.set({ state }, 0);
    for (const { state, count } of counts.messages) messages.set({ state }, count);
    for (const { connection, ageSeconds } of counts.polls) polls.set({ connection }, ageSeconds);
    for (const { connection, findings } of counts.subscriptions) subscriptions.set({ connection }, findings);
    for (const { connection, findings } of counts.mappings) mappings.set({ connection }, findings);
  }

  return {
    async refresh() {
      const counts = await readCounts().catch(() => null);
      up.set(counts ? 1 : 0);
      // A combination that no longer occurs must not keep its last figure.
      for (const gauge of [deliveries, tasks, crm, down, messages, polls, subscriptions, mappings]) gauge.reset();
      if (counts) show(counts);
      else oldest.remove();
    },
  };
}
