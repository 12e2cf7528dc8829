/**
 * `npm run bench [p1|p4] [--rounds N]`: what the service costs, as ratios against floors that run in the same rounds.
 * Invariant: whatever was started is stopped, and everything written goes with the temporary folder.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { onStopRequest } from '../local/on-stop-request';
import { Refusal } from '../local/refusal';
import { writeVerdicts, type Verdict } from './figures';
import { measureAcks } from './p1-acks';
import { measureLag } from './p4-lag';

export interface BenchContext {
  /** An empty folder of its own. */
  readonly dataDir: string;
  readonly rounds: number;
  /** P4 only: new bookings a second. */
  readonly perSecond: number;
  readonly say: (line: string) => void;
  /** Called in the opposite order at the end, whatever happened. */
  readonly closing: (() => Promise<void>)[];
}

const FIGURES = { p1: measureAcks, p4: measureLag } as const;
type Figure = keyof typeof FIGURES;

async function main(): Promise<void> {
  const program = new Command('bench')
    .argument('[figure]', `one of ${Object.keys(FIGURES).join(', ')}; all when absent`)
    .option('--rounds <n>', 'how many rounds', positiveInteger, 7)
    .option('--per-second <n>', 'p4: new bookings a second', positiveInteger, 10)
    .parse();
  const options = program.opts<{ rounds: number; perSecond: number }>();
  const wanted = program.args[0] === undefined ? (Object.keys(FIGURES) as Figure[]) : [figureOf(program.args[0])];

  const { whenStopped } = onStopRequest();
  const stopped = whenStopped.then(() => Promise.reject(new Refusal('stopped before the end')));
  const verdicts: Verdict[] = [];
  for (const figure of wanted) verdicts.push(...(await measure(figure, options, stopped)));
  console.log(`\n${writeVerdicts(verdicts)}`);
}

async function measure(
  figure: Figure,
  options: Pick<BenchContext, 'rounds' | 'perSecond'>,
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
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Expected a number from 1 up.');
  return value;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Refusal ? error.message : error);
    process.exit(1);
  },
);
