/**
 * Mutation testing of the rules (`npm run mutation`): every change of `domain/` that no test notices is printed.
 * Not part of `npm test`: it runs the rules' tests once per mutant that they cover.
 */
export default {
  testRunner: 'jest',
  jest: { configFile: 'jest.mutation.config.js' },
  // `domain/assert-never.ts` can't be reached while the types hold.
  mutate: ['domain/**/*.ts', '!domain/assert-never.ts'],
  coverageAnalysis: 'perTest',
  // Sentences are compared where they carry a fact (who, when, what); that each word of each sentence is asserted is no aim.
  mutator: { excludedMutations: ['StringLiteral'] },
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 20_000,
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: '.cache/mutation/report.json' },
  tempDirName: '.cache/mutation/sandbox',
  thresholds: { high: 90, low: 85, break: 85 },
};
