/** Starts a small stack in the directory that it is given, prints the process ids, and waits to be killed. */
import path from 'node:path';
import { startStack } from '../../../local/stack';

async function main(): Promise<void> {
  const stack = await startStack({
    dataDir: process.argv[2] ?? '',
    parts: ['postgres', 'temporal', 'worker'],
    entryPoints: { worker: path.join(__dirname, 'worker.ts') },
  });
  process.stdout.write(`${JSON.stringify([stack.pid('postgres'), stack.pid('temporal'), stack.pid('worker')])}\n`);
}

void main();
