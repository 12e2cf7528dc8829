/** Temporary directories of tests. The name's beginning is what global-setup.ts looks for to clean up after a killed run. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { claimDataDir, endSurvivors } from '../../local/processes';

const PREFIX = 'booksync-test-';

/** A new, empty directory. Whoever makes it removes it. */
export function makeTestDirectory(): string {
  return mkdtempSync(path.join(tmpdir(), PREFIX));
}

/** Ends the processes and removes the directories that killed test runs have left. Leaves those of living runs alone. */
export async function sweepTestDirectories(): Promise<void> {
  const directories = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const directory of directories.map((name) => path.join(tmpdir(), name))) {
    if (!existsSync(path.join(directory, 'claim.json'))) continue;
    try {
      claimDataDir(directory);
    } catch {
      continue; // Its owner lives.
    }
    await endSurvivors(directory);
    rmSync(directory, { recursive: true, force: true });
  }
}
