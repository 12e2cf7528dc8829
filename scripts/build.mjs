/**
 * `npm run build [-- --out-dir DIR]`: compiles what is deployed to dist/, bundles the workflows, and puts the other files (SQL, styles) next to them.
 * Invariant: dist/ contains nothing of an earlier build.
 */
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from './setup/run.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { 'out-dir': { type: 'string', default: join(root, 'dist') } } });
const outDir = resolve(values['out-dir']);
const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8'));

rmSync(outDir, { recursive: true, force: true });
const tsc = join(root, 'node_modules/typescript/bin/tsc');
// The types are what `npm run check` is for; here they would take most of the time.
const { code, output } = await run(
  process.execPath,
  [tsc, '-p', 'tsconfig.build.json', '--noCheck', '--outDir', outDir],
  { cwd: root },
);
process.stdout.write(output);
process.exitCode = code ?? 1;

// Workers load this one file (worker/worker.ts); without it each would run the bundler at its start.
const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
const { code: bundle } = await bundleWorkflowCode({
  workflowsPath: join(outDir, 'workflows/index.js'),
  logger: new DefaultLogger('WARN'),
});
writeFileSync(join(outDir, 'workflow-bundle.js'), bundle);

for (const folder of include) {
  for (const file of filesBelow(join(root, folder))) {
    if (!file.endsWith('.ts')) cpSync(file, join(outDir, file.slice(root.length)));
  }
}

function filesBelow(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
