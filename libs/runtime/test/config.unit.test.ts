import { ConfigError, commonConfig, parseConfig, secretList, wholeNumber } from '@event-tracker/runtime';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

const schema = z.object({
  ...commonConfig,
  PORT: wholeNumber(0, 65_535).default(8080),
  WORKER_PORT: wholeNumber(0, 65_535).default(8081),
  WRITE_KEYS: secretList,
});
const stores = { DATABASE_URL: 'postgres://db/events', REDIS_URL: 'redis://cache' };

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    parseConfig(schema, { ...stores, ...env });
    return [];
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.problems;
    throw cause;
  }
}

describe('a port that Kubernetes has set to the address of a Service', () => {
  test.each(['PORT', 'WORKER_PORT'])('%s is told with what sets it and how to end that', (name) => {
    const [problem, ...others] = problemsOf({ [name]: 'tcp://10.0.0.9:8081' });
    expect(others).toEqual([]);
    expect(problem).toMatch(
      new RegExp(`^${name}: must be a port, and is tcp://10\\.0\\.0\\.9:8081.*Kubernetes`),
    );
    expect(problem).toContain('enableServiceLinks: false');
  });

  test('the name of the Service is said', () => {
    expect(problemsOf({ WORKER_PORT: 'tcp://10.0.0.9:8081' })[0]).toContain('called "worker"');
  });
});

describe('HOST', () => {
  test.each([
    'x86_64-conda-linux-gnu',
    'x86_64-conda_cos6-linux-gnu',
    'x86_64-apple-darwin13.4.0',
    'arm64-apple-darwin20.0.0',
    'aarch64-linux-gnu',
    'x86_64-w64-mingw32',
  ])('%s is told to be the name of a kind of machine, which conda sets', (HOST) => {
    const [problem, ...others] = problemsOf({ HOST });
    expect(others).toEqual([]);
    expect(problem).toMatch(/^HOST: .*name of a kind of machine: conda/);
  });

  test.each(['0.0.0.0', '::', '::1', 'localhost', 'arm64-runner-2', 'arm64-linux', 'db_1', 'a.example.com'])(
    '%s is one',
    (HOST) => expect(problemsOf({ HOST })).toEqual([]),
  );

  test.each(['0.0.0.0:8080', 'http://127.0.0.1', '[::1]', 'two names', '127.0.0.1,::1'])(
    '%s is none',
    (HOST) =>
      expect(problemsOf({ HOST })).toEqual([expect.stringMatching(/^HOST: must be an address or a name/)]),
  );
});

describe('quotes around a value', () => {
  test.each([
    ['HOST', '"0.0.0.0"'],
    ['PORT', "'8080'"],
    ['LOG_LEVEL', '"info"'],
    ['DATABASE_URL', '"postgres://user:a-secret@db/events"'],
    ['WRITE_KEYS', '"a-secret"'],
    ['WRITE_KEYS', '"a-secret,b-secret"'],
    ['WRITE_KEYS', "'a-secret'"],
  ])('of %s are told, and the value is not', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toEqual([
      expect.stringMatching(new RegExp(`^${name}: must be without the quotes.*--env-file`)),
    ]);
    expect(problems.join()).not.toContain('a-secret');
  });

  test('of one key among others are told', () => {
    expect(problemsOf({ WRITE_KEYS: 'one,"a-secret", three' })).toEqual([
      'WRITE_KEYS: must hold keys without quotes around them: they would be part of the key',
    ]);
  });

  test('inside of a key are part of it', () => {
    expect(problemsOf({ WRITE_KEYS: `it's,a"b` })).toEqual([]);
  });
});

test('what is wrong for another reason is told beside them', () => {
  const problems = problemsOf({ HOST: '"0.0.0.0"', PORT: 'eighty' });
  expect(problems.map((problem) => problem.split(':')[0])).toEqual(['HOST', 'PORT']);
});
