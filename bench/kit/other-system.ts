import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '@event-tracker/infra';
import type { Closers } from '@event-tracker/runtime';
import { createDataFolder } from './data-folder.ts';
import { processesOf, type System } from './system.ts';

const here = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The product as another commit has it: its files in a temporary folder, with this checkout's packages where the lock
 * file is the same, else with packages of its own. The folder goes with the closers. Throws a UserError.
 */
export function openOtherSystem(commit: string, closers: Closers): System & { root: string } {
  const hash = run('git', ['rev-parse', '--verify', '--short', `${commit}^{commit}`], here).trim();
  const name = `commit ${hash}`;
  const folder = createDataFolder();
  closers.add(`files of ${name}`, folder.remove);
  const root = join(folder.path, 'tree');
  mkdirSync(root);
  // An archive, not a worktree: a run that is killed leaves nothing in the repository.
  const archive = join(folder.path, 'tree.tar');
  run('git', ['archive', '--output', archive, hash], here);
  run('tar', ['-xf', archive, '-C', root], here);
  const lock = (of: string) => readFileSync(join(of, 'package-lock.json'), 'utf8');
  if (lock(root) === lock(here)) linkPackages(root);
  else run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], root);
  return {
    name,
    root,
    ...processesOf(root),
    async migrate(databaseUrl) {
      const env = { PATH: process.env.PATH, DATABASE_URL: databaseUrl };
      run(process.execPath, ['apps/worker/src/migrate.ts'], root, env);
    },
  };
}

/** All but the product's own, which would be this checkout's; and those that a workspace has in a version of its own. */
function linkPackages(root: string): void {
  const packages = 'node_modules';
  const own = '@event-tracker';
  mkdirSync(join(root, packages, own), { recursive: true });
  for (const name of readdirSync(join(here, packages)))
    if (name !== own && !name.startsWith('.'))
      symlinkSync(join(here, packages, name), join(root, packages, name));
  for (const workspace of workspacesOf(root)) {
    symlinkSync(join(root, workspace), join(root, packages, own, basename(workspace)));
    const nested = join(here, workspace, packages);
    if (existsSync(nested)) symlinkSync(nested, join(root, workspace, packages));
  }
}

function workspacesOf(root: string): string[] {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    workspaces: string[];
  };
  return workspaces.flatMap((pattern) =>
    pattern.endsWith('/*')
      ? readdirSync(join(root, dirname(pattern))).map((name) => join(dirname(pattern), name))
      : [pattern],
  );
}

function run(command: string, args: string[], cwd: string, env = process.env): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new UserError(
    `--vs: \`${[command, ...args].join(' ')}\` failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`,
  );
}
