/**
 * As many syncs at once as a CRM's limit can serve: each request gets its turn within the client's patience, however crowded it is.
 */
import { MAX_WAIT_MS } from '../../integrations/crm-client';
import { createGate } from '../../integrations/request-gate';
import { crmQueueLimits } from '../../worker/worker';

const REQUESTS = 20;

/** The longest wait where so many callers send one request after the other, each as soon as the one before was answered, at once. */
function longestWait(requestsPerSecond: number, callers: number): number {
  let nowMs = 0;
  const gate = createGate({ limit: requestsPerSecond, windowMs: 1_000, now: () => nowMs });
  const due = Array.from({ length: callers }, () => 0);
  let longest = 0;
  for (let sent = 0; sent < REQUESTS * callers; sent += 1) {
    nowMs = Math.min(...due);
    const { waitMs } = gate.reserve(Infinity);
    due[due.indexOf(nowMs)] = nowMs + waitMs;
    longest = Math.max(longest, waitMs);
  }
  return longest;
}

test.each([1, 2, 5, 9, 19, 50])('at %i requests a second nobody is sent away, and the limit is used', (perSecond) => {
  const { maxConcurrentActivityTaskExecutions: atOnce } = crmQueueLimits(perSecond);
  expect(atOnce).toBeGreaterThan(perSecond);
  expect(longestWait(perSecond, atOnce)).toBeLessThanOrEqual(MAX_WAIT_MS);
});

test('with six callers for each request a second some would be', () => {
  expect(longestWait(9, 6 * 9)).toBeGreaterThan(MAX_WAIT_MS);
});

test('a fast CRM is not asked by more than a worker can carry', () => {
  expect(crmQueueLimits(1_000).maxConcurrentActivityTaskExecutions).toBe(100);
});
