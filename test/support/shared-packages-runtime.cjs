/**
 * Jest's module runtime, but packages are required by Node itself, once per process instead of once per test file.
 * Invariant: our own modules stay those of one test file; only what lies in node_modules is shared, so nothing there is mocked.
 */
const { createRequire, isBuiltin } = require('node:module');
const { default: Runtime } = require('jest-runtime');

const requireFrom = new Map();

module.exports = class SharedPackagesRuntime extends Runtime {
  requireModuleOrMock(from, name) {
    const isOurs = /^[./]/.test(name);
    // These are of the test file: its `expect`, its hooks.
    if (isOurs || isBuiltin(name) || name.startsWith('@jest/')) return super.requireModuleOrMock(from, name);
    if (!requireFrom.has(from)) requireFrom.set(from, createRequire(from));
    return requireFrom.get(from)(name);
  }
};
