/** The order of test files: those that mostly wait begin first, beside all others, instead of being waited for at the end. */
const Sequencer = require('@jest/test-sequencer').default;

/** They kill a worker and wait for the engine to notice. */
const WAITING = ['test/e2e/soak.e2e.test.ts', 'test/e2e/one-person.e2e.test.ts'];

module.exports = class WaitingFirst extends Sequencer {
  sort(tests) {
    const waits = ({ path }) => WAITING.some((name) => path.endsWith(name));
    const usual = super.sort(tests);
    return [...usual.filter(waits), ...usual.filter((test) => !waits(test))];
  }
};
