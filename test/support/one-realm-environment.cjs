/**
 * Jest's Node environment without a context of its own: test files run among the globals of their process.
 * Invariant: what a shared module made (shared-modules-runtime.cjs) is an instance of the same `Error`, `Array` and `Promise` that the tests know.
 */
const { AsyncLocalStorage } = require('node:async_hooks');
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

/** Stands for "no context": Jest asks for one, and compiles the modules of a test file into what it gets. */
const NO_CONTEXT = {};
const { compileFunction } = vm;

vm.compileFunction = (code, names, options) => {
  if (options?.parsingContext !== NO_CONTEXT) return compileFunction(code, names, options);
  return compileFunction(code, names, { ...options, parsingContext: undefined });
};

/**
 * Jest's framework makes a storage for each test file, uses it, and leaves it on: on Node 20 every later promise of the process
 * then costs more, eight seconds for a file of pure tests at the end of a run. A storage that is used again is on again.
 */
const used = new Set();
for (const name of ['run', 'enterWith']) {
  const original = AsyncLocalStorage.prototype[name];
  AsyncLocalStorage.prototype[name] = function (...given) {
    used.add(this);
    return original.apply(this, given);
  };
}

module.exports = class OneRealmEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global = globalThis;
  }

  getVmContext() {
    return NO_CONTEXT;
  }

  async teardown() {
    await super.teardown();
    for (const storage of used) storage.disable();
    used.clear();
  }
};
