/** One run for the whole repository: real stores are started once, by libs/testing, for all files that need them. */
export default {
  testMatch: [
    '<rootDir>/{apps,libs}/*/{src,test}/**/*.test.ts',
    '<rootDir>/{bench,demo,infra,test}/**/*.test.ts',
  ],
  transform: { '\\.ts$': '<rootDir>/libs/testing/src/jest-transform.js' },
  extensionsToTreatAsEsm: ['.ts'],
  globalSetup: '<rootDir>/libs/testing/src/global-setup.ts',
  globalTeardown: '<rootDir>/libs/testing/src/global-teardown.ts',
  testSequencer: '<rootDir>/libs/testing/src/jest-sequencer.js',
  testTimeout: 180_000,
  maxWorkers: 2,
};
