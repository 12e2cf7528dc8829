/**
 * `npm run rehearse`: one booking's whole life in a real Temporal server that skips the waiting, printed and left in the Web UI.
 * Invariant: its own data directory, made anew each time; nothing is sent further than the local mail and CRM simulators.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createPool } from '../db/pool';
import { bookingWorkflowId } from '../domain/ids';
import { playStep } from './rehearsal/play-step';
import { readDiary, waitForBooking } from './rehearsal/diary';
import { bookTheGuest, decideReview, moveTheBooking, REHEARSAL_UID, type RehearsalCast } from './rehearsal/story';
import { skipTime } from './rehearsal/skip-time';
import { onStopRequest } from './on-stop-request';
import { projectRoot } from './programs';
import { Refusal } from './refusal';
import { startStack } from './stack';

const DAY = 86_400_000;
const say = (line: string): void => console.log(line);

async function main(): Promise<void> {
  const { signal, whenStopped } = onStopRequest();
  const dataDir = path.resolve(projectRoot, process.env.BOOKSYNC_DATA_DIR ?? '.data', 'rehearsal');
  rmSync(dataDir, { recursive: true, force: true });
  say('starting a stack of its own for the rehearsal');
  const stack = await startStack({ dataDir, ui: true, signal, say: (line) => say(`  ${line}`) });
  const pool = createPool(stack.databaseUrl);
  const connection = await Connection.connect({ address: stack.temporalAddress });
  try {
    const client = new Client({ connection });
    const cast: RehearsalCast = { stack, startMs: Math.ceil(Date.now() / DAY) * DAY + 12 * DAY + 17 * 3_600_000 };
    const workflowId = bookingWorkflowId(`calcom-sales/${REHEARSAL_UID}`);
    const step = playStep({ pool, say });

    await step('the guest books', async () => {
      await bookTheGuest(cast);
      await waitForBooking(pool, 'confirmed by e-mail', (seen) => seen.sent >= 1 && seen.crmState === 'synced');
    });
    await step('three days pass; then the guest moves to the next day', async () => {
      await skipTime(client, workflowId, { forMs: 3 * DAY });
      await moveTheBooking(cast);
      await waitForBooking(pool, 'moved in the CRM', (seen) => seen.chain === 2 && seen.crmState === 'synced');
    });
    await step('time runs: reminders, the slot, no word of how it went', async () => {
      await skipTime(client, workflowId, {});
      await waitForBooking(pool, 'a review asks a person', (seen) => seen.openReview !== null);
    });
    await step('a person decides: the guest came', async () => {
      await decideReview(
        cast,
        (await waitForBooking(pool, 'a review', (seen) => seen.openReview !== null)).openReview!,
      );
      await waitForBooking(
        pool,
        'written to the CRM',
        (seen) => seen.status === 'showed' && seen.crmState === 'synced',
      );
    });
    await step('nothing is corrected; the booking closes', async () => {
      await waitForBooking(pool, 'closed', (seen) => seen.closed);
    });

    say(`\n${await readDiary(pool)}\n`);
    say(
      `Look at it in the Web UI: ${stack.temporalUiUrl}/namespaces/default/workflows?query=${encodeURIComponent('WorkflowType="booking"')}`,
    );
    if (process.argv.includes('--exit')) return;
    say('Ctrl-C ends the rehearsal.');
    await whenStopped;
  } finally {
    await Promise.allSettled([pool.end(), connection.close()]);
    await stack.stop();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Refusal ? error.message : error);
    process.exit(1);
  },
);
