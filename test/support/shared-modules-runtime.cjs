/**
 * Jest's module runtime, but what is tested and the packages are required by Node itself, once per process instead of once per
 * test file. Invariant: only what lies under test/ is a test file's own; nothing else is mocked or keeps anything of a test.
 */
const { createRequire, isBuiltin } = require('node:module');
const { resolve, sep } = require('node:path');
const { default: Runtime } = require('jest-runtime');
const { sourceMapOf } = require('../../local/typescript.cjs');

const TESTS = resolve(__dirname, '..') + sep;
const requireFrom = new Map();

module.exports = class SharedModulesRuntime extends Runtime {
  requireModuleOrMock(from, name) {
    // These are of the test file: its `expect`, its hooks.
    if (isBuiltin(name) || name.startsWith('@jest/')) return super.requireModuleOrMock(from, name);
    if (!requireFrom.has(from)) requireFrom.set(from, createRequire(from));
    const required = requireFrom.get(from);
    const isOwn = /^[./]/.test(name) && required.resolve(name).startsWith(TESTS);
    return isOwn ? super.requireModuleOrMock(from, name) : required(name);
  }

  /** Where the lines of a failure are looked up, also those of a module that an earlier test file has loaded. */
  getSourceMaps() {
    const maps = super.getSourceMaps();
    const own = maps.get.bind(maps);
    maps.get = (file) => own(file) ?? (file in require.cache && file.endsWith('.ts') ? sourceMapOf(file) : undefined);
    return maps;
  }
};
