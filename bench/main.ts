/**
 * `npm run bench -- [p1] [p4] [hot] [report] [--rounds N] [--per-second N] [--bookings N]`: what the service costs, as ratios against floors that run in the same rounds.
 * Invariant: whatever was started is stopped, and everything written goes with the temporary folder.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { onStopRequest } from '../local/on-stop-request';
import { Refusal } from '../local/refusal';
import type { BenchContext } from './context';
import { writeVerdicts, type Verdict } from './figures';
import { measureHotBooking } from './hot-booking';
import { measureAcks } from './p1-acks';
import { measureLag } from './p4-lag';
import { measureReport } from './p9-report';

const FIGURES = { p1: measureAcks, p4: measureLag, hot: measureHotBooking, report: measureReport } as const;
type Figure = keyof typeof FIGURES;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '7' },
      'per-second': { type: 'string', default: '10' },
      bookings: { type: 'string', default: '1000000' },
    },
  });
  const options = {
    rounds: positiveInteger(values.rounds),
    perSecond: positiveInteger(values['per-second']),
    bookings: positiveInteger(values.bookings),
  };
  const wanted = positionals.length === 0 ? (Object.keys(FIGURES) as Figure[]) : positionals.map(figureOf);

  const { whenStopped } = onStopRequest();
  const stopped = whenStopped.then(() => Promise.reject(new Refusal('stopped before the end')));
  const verdicts: Verdict[] = [];
  for (const figure of wanted) verdicts.push(...(await measure(figure, options, stopped)));
  console.log(`\n${writeVerdicts(verdicts)}`);
}

async function measure(
  figure: Figure,
  options: Pick<BenchContext, 'rounds' | 'perSecond' | 'bookings'>,
  stopped: Promise<never>,
): Promise<Verdict[]> {
  const dataDir = await mkdtemp(path.join(tmpdir(), `booksync-bench-${figure}-`));
  const closing: (() => Promise<void>)[] = [];
  try {
    const say = (line: string): void => console.log(line);
    return await Promise.race([FIGURES[figure]({ dataDir, ...options, say, closing }), stopped]);
  } finally {
    for (const close of closing.reverse()) await close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function figureOf(text: string): Figure {
  if (Object.hasOwn(FIGURES, text)) return text as Figure;
  throw new Refusal(`There is no figure "${text}". Expected one of ${Object.keys(FIGURES).join(', ')}.`);
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Refusal(`"${text}" is no number of rounds or bookings. Expected a whole number from 1 up.`);
  return value;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Refusal ? error.message : error);
    process.exit(1);
  },
);
