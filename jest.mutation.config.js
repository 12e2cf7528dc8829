/** The pure tests of `domain/`, without a database: what Stryker runs for each mutant. */
const { projects } = require('./jest.config.js');
const { transform, roots, rootDir } = projects[0];

module.exports = {
  ...{ transform, roots, rootDir, testEnvironment: 'node' },
  testMatch: ['<rootDir>/test/domain/**/*.test.ts'],
  // It plants mistakes into the source's text itself, which Stryker has rewritten.
  testPathIgnorePatterns: ['fold.property.test'],
};
