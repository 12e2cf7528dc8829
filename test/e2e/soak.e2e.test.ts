/**
 * The soak in small: fifty bookings through the whole stack in disorder, with failing CRMs, a revoked token and a killed worker.
 * `npm run soak` does it with three hundred, over minutes.
 */
import { check } from '../../bench/soak/checker';
import { readEvidence } from '../../bench/soak/evidence';
import { soak } from '../../bench/soak/run';
import { testDirectory } from '../support/processes';

const WITHIN_MS = 600_000;

test(
  'fifty bookings in disorder, a fifth of all CRM calls failing, a revoked token, a killed worker: 0 lost, 0 doubled',
  async () => {
    const bundle = process.env.BOOKSYNC_TEST_BUNDLE;
    const run = await soak({
      dataDir: testDirectory(),
      bookings: 50,
      seed: 1,
      sendMs: 10_000,
      killEveryMs: 8_000,
      settleWithinMs: WITHIN_MS - 60_000,
      env: bundle === undefined ? {} : { BOOKSYNC_WORKFLOW_BUNDLE: bundle },
      say: () => undefined,
    });
    expect(run.kills).toBeGreaterThan(0);
    expect(check(await readEvidence(run.evidenceFile))).toEqual({ lost: [], doubled: [], wrong: [] });
  },
  WITHIN_MS,
);
