/**
 * P9: what the report's numbers cost, against the best SQL that we could write by hand, and with many bookings against few.
 * Both sizes are asked in the same rounds, in two databases of one PostgreSQL.
 */
import type { Pool } from 'pg';
import { migrate } from '../db/migrate';
import { createPool } from '../db/pool';
import type { ReportSelection } from '../db/report-views';
import { startStack } from '../local/stack';
import type { BenchContext } from './context';
import { percentile, spreadOf, writeSpread, writeTable, type Verdict } from './figures';
import { loadNow } from './machine';
import { fillReport } from './report-data';
import { ASKED, type Asked } from './report-queries';

const FEW = 10_000;
const TRIES = 15;
const TARGET_OF_SQL = 1.2;
const TARGET_OF_GROWTH = 1.5;
/** The last day of the data is 2025-12-28. */
const TO_DATE = '2025-12-29';

interface Size {
  readonly pool: Pool;
  readonly bookings: number;
}

interface Round {
  readonly ofSql: number;
  readonly growth: number;
  readonly manyMs: number;
}

export async function measureReport({ dataDir, rounds, bookings, say, closing }: BenchContext): Promise<Verdict[]> {
  const stack = await startStack({ dataDir, parts: ['postgres'] });
  closing.push(() => stack.stop());
  const open = async (name: string, size: number): Promise<Size> => {
    const url = new URL(stack.databaseUrl);
    const admin = createPool(url.href, { max: 1, applicationName: 'bench' });
    await admin.query(`CREATE DATABASE ${name}`).finally(() => admin.end());
    url.pathname = `/${name}`;
    await migrate(url.href);
    const pool = createPool(url.href, { max: 2, applicationName: 'bench' });
    closing.push(() => pool.end());
    const startedAt = performance.now();
    await fillReport(pool, size);
    say(`${size} bookings in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
    return { pool, bookings: size };
  };
  const few = await open('few', FEW);
  const many = await open('many', bookings);
  const results = new Map<string, Round[]>(ASKED.map(({ name }) => [name, []]));
  for (let n = 1; n <= rounds; n += 1) {
    for (const one of ASKED) results.get(one.name)?.push(await measureRound(one, few, many));
    say(`round ${n}  ${loadNow()}`);
  }
  return verdictsOf(results, bookings, say);
}

function windowOf({ days: wanted = 28 }: Asked, { bookings }: Size): ReportSelection {
  const days = wanted === 'by rows' ? Math.max(1, Math.round((1_000 * 800) / bookings)) : wanted;
  const from = new Date(Date.parse(TO_DATE) - days * 86_400_000);
  return { fromDate: from.toISOString().slice(0, 10), toDate: TO_DATE, sources: null };
}

/** One try of each in turn, so that what else the machine does meets all of them. */
async function measureRound(one: Asked, few: Size, many: Size): Promise<Round> {
  const times = { few: [] as number[], many: [] as number[], byHand: [] as number[] };
  for (let n = 0; n < TRIES; n += 1) {
    times.few.push(await msOf(() => one.ours(few.pool, windowOf(one, few))));
    times.many.push(await msOf(() => one.ours(many.pool, windowOf(one, many))));
    times.byHand.push(await msOf(() => one.byHand(many.pool, windowOf(one, many))));
  }
  const [fewMs, manyMs, byHandMs] = [times.few, times.many, times.byHand].map((all) => percentile(all, 0.5));
  return { ofSql: manyMs! / byHandMs!, growth: manyMs! / fewMs!, manyMs: manyMs! };
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function verdictsOf(results: ReadonlyMap<string, readonly Round[]>, bookings: number, say: (line: string) => void) {
  const rows = [['asked', `ms with ${bookings}`]];
  const verdicts: Verdict[] = [];
  for (const [name, rounds] of results) {
    const over = (of: (round: Round) => number) => spreadOf(rounds.map(of));
    const [ofSql, growth] = [over((round) => round.ofSql), over((round) => round.growth)];
    rows.push([name, writeSpread(over((round) => round.manyMs))]);
    verdicts.push(
      {
        figure: `P9 ${name} / SQL by hand`,
        measured: writeSpread(ofSql),
        target: `<= ${TARGET_OF_SQL}`,
        reached: ofSql.median <= TARGET_OF_SQL,
      },
      {
        figure: `P9 ${name}, ${bookings} / ${FEW} bookings`,
        measured: writeSpread(growth),
        target: `<= ${TARGET_OF_GROWTH}`,
        reached: growth.median <= TARGET_OF_GROWTH,
      },
    );
  }
  say(writeTable(rows));
  return verdicts;
}
