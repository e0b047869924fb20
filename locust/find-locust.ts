import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// A range, unlike the other pins: pip takes the newest that the Python at hand can run. 2.12 is what Debian 12 has.
const requirement = 'locust>=2.12,<3';

/**
 * A command that starts Locust, or undefined when there is none and none could be installed. `directory` holds, or
 * will hold, a Python environment of its own.
 */
export function findLocust(directory: string): string | undefined {
  const own = join(directory, 'bin', 'locust');
  for (const candidate of [() => 'locust', () => own, installByApt, () => installByPip(directory, own)]) {
    const command = candidate();
    if (command !== undefined && works(command)) return command;
  }
  return undefined;
}

// A look along the PATH is not enough: a version manager's shim may stand there with nothing behind it.
function works(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

function installByApt(): string | undefined {
  if (process.getuid?.() !== 0 || !isDebian()) return undefined;
  console.log('Locust is missing: installing python3-locust by apt-get.');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update'], env);
  return run('apt-get', ['install', '-y', '--no-install-recommends', 'python3-locust'], env)
    ? 'locust'
    : undefined;
}

function isDebian(): boolean {
  const release = '/etc/os-release';
  return existsSync(release) && /^ID(_LIKE)?=.*\bdebian\b/m.test(readFileSync(release, 'utf8'));
}

function installByPip(directory: string, own: string): string | undefined {
  if (!run('python3', ['--version'])) return undefined;
  console.log(`Locust is missing: installing it by pip into ${directory}.`);
  const installed =
    run('python3', ['-m', 'venv', directory]) &&
    run(join(directory, 'bin', 'pip'), ['install', '--disable-pip-version-check', requirement]);
  return installed ? own : undefined;
}

function run(command: string, args: string[], env = process.env): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0;
}
