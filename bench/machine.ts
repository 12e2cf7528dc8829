/**
 * What else the machine did meanwhile, and what a round cost in processor time: steadier than a rate on a shared machine.
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { percentile } from './figures';

/** `load 1.20 of 2 cores` */
export function loadNow(): string {
  return `load ${(loadavg()[0] ?? 0).toFixed(2)} of ${availableParallelism()} cores`;
}

/** Linux counts processor time in ticks of 10 ms. */
const TICK_US = 10_000;

/**
 * Microseconds of processor time that the processes and their children have used so far, ended children included.
 * Null where /proc does not tell (not Linux).
 */
export function cpuMicros(pids: readonly (number | null)[]): number | null {
  if (process.platform !== 'linux') return null;
  const all = readStats();
  const wanted = new Set(pids);
  // Parents are in the table before their children are looked at, because every generation is added in turn.
  for (let size = -1; size !== wanted.size;) {
    size = wanted.size;
    for (const stat of all) if (wanted.has(stat.parent)) wanted.add(stat.pid);
  }
  return all.filter(({ pid }) => wanted.has(pid)).reduce((sum, stat) => sum + stat.ticks * TICK_US, 0);
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

function readStats(): Stat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'utf8');
        // After the command's name, which may hold spaces and parentheses: state, parent …, and from the 12th on the four times.
        const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
        const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
        return [{ pid: Number(name), parent: Number(fields[1]), ticks }];
      } catch {
        return []; // It has just ended.
      }
    });
}

/** Median milliseconds of one fsync below the folder; near zero means that it is no real disk and nothing durable is measured. */
export function fsyncMs(folder: string): number {
  const own = mkdtempSync(path.join(folder, 'fsync-'));
  const fd = openSync(path.join(own, 'probe'), 'w');
  try {
    const times = Array.from({ length: 30 }, () => {
      writeSync(fd, Buffer.alloc(8_192));
      const startedAt = performance.now();
      fsyncSync(fd);
      return performance.now() - startedAt;
    });
    return percentile(times, 0.5);
  } finally {
    closeSync(fd);
    rmSync(own, { recursive: true });
  }
}
