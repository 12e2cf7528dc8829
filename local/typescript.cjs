/**
 * `node --require local/typescript.cjs <entry.ts>`: runs TypeScript, each file compiled once and kept in .cache/compiled.
 * Invariant: what runs is what the file says now, and no helper of a loader is in it, so that it costs what the built service costs.
 */
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join, relative, resolve } = require('node:path');
const { isMainThread } = require('node:worker_threads');

const root = resolve(__dirname, '..');
const folder = join(root, '.cache/compiled');

/** As jest.config.js and tsconfig.json have it. `import()` of an ES module works as `require` from Node 20.19 on. */
const options = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
  sourceMaps: true,
  swcrc: false,
};
/** What else the compiled text depends on: the compiler, and this file. */
const made = [options, require('@swc/core/package.json').version, readFileSync(module.filename, 'utf8')];

Module._extensions['.ts'] = (module, file) => {
  module._compile(compiled(file), file);
};
// Not in the threads that run workflows: their code is bundled, and the engine reads its stack traces by itself.
if (isMainThread) process.setSourceMapsEnabled(true);

function compiled(file) {
  const source = readFileSync(file, 'utf8');
  const mark = `\n//${hashOf(made, file, source)}`;
  const kept = `${keptAs(file)}.js`;
  try {
    const code = readFileSync(kept, 'utf8');
    if (code.endsWith(mark)) return code;
  } catch {
    // Not compiled yet.
  }
  const { code, map } = require('@swc/core').transformSync(source, { ...options, filename: file });
  // Relative: Node takes an absolute URL for one that it can't read.
  const linked = `${code}\n//# sourceMappingURL=${encodeURI(relative(dirname(file), sourceMapOf(file)))}${mark}`;
  keep(sourceMapOf(file), map);
  keep(kept, linked);
  return linked;
}

/** Where the map of a file lies, once the file was required. */
function sourceMapOf(file) {
  return `${keptAs(file)}.map`;
}

function keptAs(file) {
  return join(folder, hashOf(file));
}

function hashOf(...parts) {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Processes that start together compile the same files; a reader never finds a half-written one. A full disk only costs time. */
function keep(file, text) {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, text);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    return;
  }
}

module.exports = { sourceMapOf };
