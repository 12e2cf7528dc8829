/**
 * Jest's Node environment without a context of its own: test files run among the globals of their process.
 * Invariant: what a package made (shared-packages-runtime.cjs) is an instance of the same `Error`, `Array` and `Promise` that the tests know.
 */
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

/** Stands for "no context": Jest asks for one, and compiles the modules of a test file into what it gets. */
const NO_CONTEXT = {};
const { compileFunction } = vm;

vm.compileFunction = (code, names, options) => {
  if (options?.parsingContext !== NO_CONTEXT) return compileFunction(code, names, options);
  return compileFunction(code, names, { ...options, parsingContext: undefined });
};

module.exports = class OneRealmEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global = globalThis;
  }

  getVmContext() {
    return NO_CONTEXT;
  }
};
