/**
 * The process's Prometheus registry: what this API counts itself.
 * Invariant: labels are connection ids and words of ours, never ids of bookings or people, never a caller's text.
 */
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

export interface ApiMetrics {
  readonly registry: Registry;
  readonly webhooksReceived: Counter<'connection'>;
  readonly webhooksStored: Counter<'connection'>;
  readonly webhookDuplicates: Counter<'connection'>;
  readonly webhooksRefused: Counter<'connection' | 'reason'>;
  /** From the request's headers to the answer, of deliveries that were accepted. */
  readonly webhookAckSeconds: Histogram<'connection'>;
}

const ACK_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A registry of its own per call, so that tests and several servers in one process do not share counts. */
export function createApiMetrics(options: { readonly processMetrics: boolean } = { processMetrics: true }): ApiMetrics {
  const registry = new Registry();
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const labelNames = ['connection'] as const;
  return {
    registry,
    webhooksReceived: new Counter({
      name: 'booksync_webhooks_received_total',
      help: 'Webhook requests that arrived for a known source, whatever became of them.',
      labelNames,
      registers,
    }),
    webhooksStored: new Counter({
      name: 'booksync_webhooks_stored_total',
      help: 'Deliveries that were committed for the first time.',
      labelNames,
      registers,
    }),
    webhookDuplicates: new Counter({
      name: 'booksync_webhooks_duplicate_total',
      help: 'Deliveries that had been stored before.',
      labelNames,
      registers,
    }),
    webhooksRefused: new Counter({
      name: 'booksync_webhooks_refused_total',
      help: 'Webhook requests that were not stored, by reason.',
      labelNames: ['connection', 'reason'] as const,
      registers,
    }),
    webhookAckSeconds: new Histogram({
      name: 'booksync_webhook_ack_seconds',
      help: 'Time from the request headers to the answer of an accepted delivery.',
      labelNames,
      buckets: ACK_BUCKETS_SECONDS,
      registers,
    }),
  };
}
