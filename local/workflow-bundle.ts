/**
 * The workflows as one file that workers load, bundled once for what the sources say now and kept in .cache/workflows.
 * Invariant: a bundle's name is the hash of everything that goes into it, so a stale one is never taken.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from './programs';

/** What the bundle can contain: workflows take values from nowhere else, which `.dependency-cruiser.cjs` holds. */
const FOLDERS = ['workflows', 'domain'];
const KEPT_MS = 7 * 24 * 60 * 60_000;

/** Path of the bundle's file, as `BOOKSYNC_WORKFLOW_BUNDLE` wants it. Makes it when it is not there. */
export async function workflowBundleFile(): Promise<string> {
  const directory = path.join(projectRoot, '.cache/workflows');
  const file = path.join(directory, `${hashOfSources()}.js`);
  if (existsSync(file)) return file;
  // Loading the bundler takes a second or two, and most starts need none of it.
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const workflowsPath = path.join(projectRoot, 'workflows/index.ts');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  mkdirSync(directory, { recursive: true });
  dropOld(directory);
  // Whoever bundles at the same time makes the same file.
  writeFileSync(`${file}.${process.pid}`, code);
  renameSync(`${file}.${process.pid}`, file);
  return file;
}

function hashOfSources(): string {
  const hash = createHash('sha256');
  for (const folder of FOLDERS) {
    const names = readdirSync(path.join(projectRoot, folder), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((one) => one.endsWith('.ts')).sort()) {
      hash.update(`${folder}/${name}\0`).update(readFileSync(path.join(projectRoot, folder, name)));
    }
  }
  return hash.update(readFileSync(path.join(projectRoot, 'package-lock.json'))).digest('hex');
}

/** What was made of earlier sources; a worker that is starting with one has read it long before. */
function dropOld(directory: string): void {
  for (const name of readdirSync(directory)) {
    const file = path.join(directory, name);
    if (Date.now() - statSync(file).mtimeMs > KEPT_MS) rmSync(file, { force: true });
  }
}
