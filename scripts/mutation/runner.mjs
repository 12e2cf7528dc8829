/**
 * A test runner for Stryker: compiles the rules and their tests once, and plays the tests that reach a mutant until one fails.
 * Invariant: every mutant gets modules of its own, so nothing that one leaves behind is seen by the next.
 *
 * Jest would take half a second of a processor per mutant for itself, this takes a few hundredths. Of Jest it has `expect` and plain
 * `describe`, `test`, `it` and `.each`; a test that needs more fails in the first run, before there are mutants.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { transformSync } from '@swc/core';

const TESTS = 'test/domain';
/** It plants mistakes of its own into the source's text, which Stryker has rewritten. */
const LEFT_OUT = 'fold.property.test.ts';
const PASSED = 0;
const FAILED = 1;

const jest = createRequire(createRequire(import.meta.url).resolve('jest'));
const { expect } = jest('expect');
// The same few cases for every mutant: one that is found by luck says nothing.
process.env.ORDER_CASES ??= '200';
createRequire(import.meta.url)('fast-check').configureGlobal({ seed: 20_261_121, endOnFailure: true });

/** Where the code that Stryker rewrote looks which mutant is meant, and notes which mutants a test reached. */
const stryker = (globalThis.__stryker__ ??= {});

/** Path of a TypeScript file → its code as a function. Stryker starts runners in a copy of the project that does not change. */
const compiled = new Map();

function compile(path) {
  const { code } = transformSync(readFileSync(path, 'utf8'), {
    ...{ filename: path, module: { type: 'commonjs' }, sourceMaps: 'inline' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  });
  const run = new Function('exports', 'require', 'expect', 'describe', 'test', 'it', code);
  compiled.set(path, run);
  return run;
}

function pathOf(from, request) {
  const path = resolve(dirname(from), request);
  return [path, `${path}.ts`, join(path, 'index.ts')].find((one) => one.endsWith('.ts') && existsSync(one));
}

/** Reads every file of tests with modules of its own. Returns the tests in their order, `{ id, name, play }`. */
function readTests() {
  const modules = new Map();
  const tests = [];
  const titles = [];
  const describe = (title, body) => {
    titles.push(title);
    body();
    titles.pop();
  };
  const test = (title, play) => {
    const name = [...titles, title].join(' ');
    tests.push({ id: `${tests.length} ${name}`, name, play });
  };
  describe.each = eachOf(describe);
  test.each = eachOf(test);

  const load = (path) => {
    const known = modules.get(path);
    if (known) return known;
    const exports = {};
    modules.set(path, exports);
    const packages = createRequire(path);
    const require = (request) => (request.startsWith('.') ? load(pathOf(path, request)) : packages(request));
    (compiled.get(path) ?? compile(path))(exports, require, expect, describe, test, test);
    return exports;
  };
  const folder = resolve(TESTS);
  const files = readdirSync(folder, { recursive: true }).filter(
    (file) => file.endsWith('.test.ts') && file !== LEFT_OUT,
  );
  for (const file of files.sort()) load(join(folder, file));
  return tests;
}

const eachOf = (declare) => (table) => (title, body) => {
  for (const [nth, row] of table.entries())
    declare(`${title} (${nth + 1})`, () => body(...(Array.isArray(row) ? row : [row])));
};

async function resultOf({ id, name, play }) {
  const startedAtMs = performance.now();
  try {
    await play();
    return { id, name, status: PASSED, timeSpentMs: performance.now() - startedAtMs };
  } catch (error) {
    return { id, name, status: FAILED, timeSpentMs: performance.now() - startedAtMs, failureMessage: String(error) };
  }
}

const runner = {
  capabilities: () => ({ reloadEnvironment: true }),

  async dryRun() {
    Object.assign(stryker, { activeMutant: undefined, mutantCoverage: { static: {}, perTest: {} } });
    const results = [];
    for (const test of readTests()) {
      stryker.currentTestId = test.id;
      results.push(await resultOf(test));
    }
    stryker.currentTestId = undefined;
    return { status: 'complete', tests: results, mutantCoverage: stryker.mutantCoverage };
  },

  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit }) {
    const isStatic = mutantActivation === 'static';
    Object.assign(stryker, { activeMutant: isStatic ? activeMutant.id : undefined, hitCount: undefined, hitLimit });
    let tests;
    try {
      tests = readTests();
    } catch (error) {
      return { status: 'error', errorMessage: String(error) };
    }
    const wanted = testFilter && new Set(testFilter);
    Object.assign(stryker, { activeMutant: activeMutant.id, hitCount: hitLimit ? 0 : undefined });
    return firstFailure(wanted ? tests.filter(({ id }) => wanted.has(id)) : tests);
  },
};

async function firstFailure(tests) {
  for (const [nth, test] of tests.entries()) {
    const { id, status, failureMessage } = await resultOf(test);
    if (stryker.hitCount > stryker.hitLimit) return { status: 'timeout', reason: 'turns without end' };
    if (status === FAILED) return { status: 'killed', killedBy: [id], failureMessage, nrOfTests: nth + 1 };
  }
  return { status: 'survived', nrOfTests: tests.length };
}

const createRunner = () => runner;

export const strykerPlugins = [{ kind: 'TestRunner', name: 'rules', factory: createRunner }];
