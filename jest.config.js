/**
 * Two projects: `main` (what `npm test` runs) and `crash` (kill -9 and outages over minutes, `npm run test:crash`).
 * One PostgreSQL and one workflow bundle serve the whole run; test/support/global-setup.ts makes them.
 */
const swc = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};
// Packages that exist as ES modules only; Jest runs CommonJS.
const esModules = ['node-pg-migrate'];

const shared = {
  rootDir: __dirname,
  roots: ['<rootDir>/test'],
  testEnvironment: 'node',
  transform: { '^.+\\.[tj]s$': ['@swc/jest', swc] },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join('|')})/)`],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

module.exports = {
  testTimeout: 120_000,
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
