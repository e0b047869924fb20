/** `npm test`: format, lint, types, boundaries and the build, then all tests, or those that the arguments name (as Jest takes them). */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../setup/shared.mjs';

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** What configures a running system must not reach the tests: it may point to data that somebody needs. */
const systemVariables = [
  'PORT',
  'HOST',
  'WORKER_PORT',
  'DATABASE_URL',
  'REDIS_URL',
  'QUEUE_REDIS_URL',
  'VIEWS_REDIS_URL',
  'WRITE_KEYS',
  'API_KEYS',
  'ADMIN_TOKENS',
  'METRICS_AUTH',
  'RATE_LIMIT',
  'BASE_PATH',
  'BACKLOG_MAX_EVENTS',
  'LOG_LEVEL',
];

const inherited = Object.entries(process.env).filter(([name]) => !systemVariables.includes(name));
const env = { ...Object.fromEntries(inherited), NODE_ENV: 'test', TURBO_TELEMETRY_DISABLED: '1' };

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = true;
  });
}

const node = (...args: string[]): Promise<number> => runCommand(process.execPath, args, { cwd: root, env });
const packaged = (path: string): string => join(root, 'node_modules', path);

const checks = await node(
  packaged('turbo/bin/turbo'),
  'run',
  'format',
  'lint',
  'typecheck',
  'boundaries',
  'build',
  '--continue=always',
  '--output-logs=errors-only',
);
if (interrupted) process.exit(checks || 130);

const jest = packaged('jest/bin/jest.js');
const tests = await node('--experimental-vm-modules', '--no-warnings', jest, ...process.argv.slice(2));

if (checks !== 0)
  console.error('\nThe checks before the tests failed: see above (format, lint, types, boundaries, build).');
process.exitCode = tests || checks;
