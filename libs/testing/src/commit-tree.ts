import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('../../..', import.meta.url));
const packages = 'node_modules';
const own = '@event-tracker';

/** Undefined when the history of this checkout has the commit, else why not: such as git's message in a shallow clone. */
export function whyCommitIsMissing(commit: string): string | undefined {
  const { status, stderr, error } = git('cat-file', '-e', `${commit}^{commit}`);
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/**
 * The product as another commit has it: its files in an empty folder, with this checkout's packages where they are the
 * same, else with packages of its own. Answers the commit's short name. Throws with what git or npm says.
 */
export function writeCommitTree(commit: string, root: string): string {
  const { stdout: hash } = mustRun('git', ['rev-parse', '--verify', '--short', `${commit}^{commit}`], here);
  // An archive, not a worktree: a run that is killed leaves nothing in the repository.
  const archive = `${root}.tar`;
  mkdirSync(root, { recursive: true });
  mustRun('git', ['archive', '--output', archive, hash.trim()], here);
  mustRun('tar', ['-xf', archive, '-C', root], here);
  if (packagesServe(root)) linkPackages(root);
  else mustRun('npm', ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], root);
  return hash.trim();
}

/** Whether this checkout has every package that the other tree runs on, in the same version and place. */
function packagesServe(root: string): boolean {
  const theirs = lockedPackages(root);
  const ours = lockedPackages(here);
  return Object.entries(theirs).every(
    ([path, { dev, link, version }]) =>
      dev || link || !path.includes(packages) || ours[path]?.version === version,
  );
}

function lockedPackages(root: string) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; dev?: boolean; link?: boolean }>;
  };
  return lock.packages;
}

/** All but the product's own, which would be this checkout's; and those that a workspace has in a version of its own. */
function linkPackages(root: string): void {
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

const git = (...args: string[]) => spawnSync('git', args, { cwd: here, encoding: 'utf8' });

function mustRun(command: string, args: string[], cwd: string) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (done.status === 0) return done;
  const why = done.error?.message ?? `${done.stdout}${done.stderr}`.trim();
  throw new Error(`\`${[command, ...args].join(' ')}\` failed: ${why}`);
}
