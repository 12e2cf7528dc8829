/**
 * Two projects: `main` (what `npm test` runs) and `crash` (kill -9 and outages over minutes, `npm run test:crash`).
 * One PostgreSQL and one workflow bundle serve the whole run; test/support/global-setup.ts makes them.
 */
const swc = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};
const shared = {
  rootDir: __dirname,
  roots: ['<rootDir>/test'],
  // Loading packages and project anew, and warming them up anew, took half of the run.
  testEnvironment: '<rootDir>/test/support/one-realm-environment.cjs',
  runtime: '<rootDir>/test/support/shared-modules-runtime.cjs',
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

module.exports = {
  testTimeout: 300_000,
  testSequencer: '<rootDir>/test/support/waiting-first.cjs',
  watchman: false,
  projects: [
    {
      ...shared,
      displayName: 'main',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/crash/'],
    },
    { ...shared, displayName: 'crash', testMatch: ['<rootDir>/test/crash/**/*.test.ts'] },
  ],
};
