/**
 * Mutation testing of the rules (`npm run mutation`): every change of `domain/` that no test notices is printed.
 * Not part of `npm test`. Fails below 85 %.
 */
export default {
  testRunner: 'rules',
  plugins: ['./scripts/mutation/runner.mjs', './scripts/mutation/sentences.mjs'],
  // `domain/assert-never.ts` can't be reached while the types hold.
  mutate: ['domain/**/*.ts', '!domain/assert-never.ts'],
  coverageAnalysis: 'perTest',
  // Nothing here checks types, so no file needs to be told not to.
  disableTypeChecks: false,
  // Sentences are compared where they carry a fact (who, when, what); that each word of each sentence is asserted is no aim.
  ignorers: ['sentences'],
  concurrency: 2,
  // Endless loops are told by their number of turns; a busy machine is no reason to call a mutant found.
  timeoutMS: 60_000,
  ignorePatterns: [
    '/.cache',
    '/.data',
    '/dist',
    '/coverage',
    '/local',
    '/bench',
    '/integrations',
    '/workflows',
    '/test/fixtures',
  ],
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: '.cache/mutation/report.json' },
  tempDirName: '.cache/mutation/sandbox',
  warnings: { slow: false },
  thresholds: { high: 90, low: 85, break: 85 },
};
