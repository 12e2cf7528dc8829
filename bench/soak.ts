/**
 * `npm run soak -- [--bookings N] [--minutes M] [--seed N]`: the whole stack under disorder, faults and kills, then a checker that
 * reads what the vendors kept. Ends with 1 when the CRMs do not equal the oracle. Invariant: whatever was started is stopped; the evidence of a failure is kept.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { onStopRequest } from '../local/on-stop-request';
import { Refusal } from '../local/refusal';
import { check } from './soak/checker';
import { readEvidence } from './soak/evidence';
import { soak } from './soak/run';

const MINUTE_MS = 60_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      bookings: { type: 'string', default: '300' },
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [bookings, minutes, seed] = [values.bookings, values.minutes, values.seed].map(positive);
  const dataDir = await mkdtemp(path.join(tmpdir(), 'booksync-soak-'));
  const { signal } = onStopRequest();
  const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
  const { evidenceFile, kills, deliveries } = await soak({
    dataDir,
    bookings: bookings ?? 1,
    seed: seed ?? 1,
    signal,
    say,
    sendMs: (minutes ?? 1) * MINUTE_MS,
    killEveryMs: MINUTE_MS,
    settleWithinMs: 10 * MINUTE_MS,
  });
  const verdicts = check(await readEvidence(evidenceFile));
  for (const [word, problems] of Object.entries(verdicts)) for (const one of problems) console.log(`${word}: ${one}`);
  const { lost, doubled, wrong } = verdicts;
  console.log(`\n${values.bookings} bookings, ${deliveries} deliveries, ${kills} kills:`);
  console.log(`${lost.length} lost, ${doubled.length} doubled, ${wrong.length} wrong`);
  const isRight = lost.length + doubled.length + wrong.length === 0;
  if (isRight) await rm(dataDir, { recursive: true, force: true });
  else console.log(`The evidence is in ${evidenceFile}`);
  return isRight ? 0 : 1;
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new Refusal(`"${text}" is no number of bookings or minutes. Expected more than 0.`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Refusal ? error.message : error);
    process.exit(1);
  },
);
