import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, delimiter, join, sep } from 'node:path';
import { runQuietly } from './run-quietly.mjs';
import { SetUpError } from './set-up-error.mjs';

const installLimitMs = 15 * 60_000;

/** Whether node_modules is complete and is what package-lock.json asks for, on this platform. */
export function isInstalled(root) {
  const lock = readJson(join(root, 'package-lock.json'));
  if (!lock)
    throw new SetUpError(
      'package-lock.json is missing or broken: restore it (`git checkout package-lock.json`).',
    );
  // npm writes its own account of node_modules last, so that an interrupted install leaves none, or an old one.
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (!installed || !Object.keys(installed).every((path) => existsSync(join(root, path)))) return false;
  if (!existsSync(projectNode(root))) return false;
  if (readText(stampFile(root)) === stamp(root)) return true;
  if (!agrees(lock.packages, installed)) return false;
  writeStamp(root);
  return true;
}

/** Installs what package-lock.json names, development dependencies included whatever NODE_ENV says. */
export async function installNodeModules(root, signal) {
  rmSync(stampFile(root), { force: true });
  rmSync(join(root, 'node_modules', '.package-lock.json'), { force: true });
  const { command, args, env } = npm(root);
  // Given on the command line, these win over a user's own npm configuration.
  const flags = [
    '--include=dev',
    '--include=optional',
    '--ignore-scripts=false',
    '--engine-strict=false',
    '--loglevel=error',
  ];
  const { ok, output, seconds } = await runQuietly(
    'Installing npm packages (once; this can take a minute)',
    command,
    [...args, 'ci', ...flags],
    { cwd: root, env, limitMs: installLimitMs, signal },
  );
  if (!ok) {
    throw new SetUpError(
      `npm could not install the packages:\n\n${output.trim()}\n\nMend what npm names above (often the network or the registry) and run the same command again.`,
    );
  }
  if (!existsSync(projectNode(root))) {
    throw new SetUpError(
      'npm left out the project\'s own Node (package "node"). Its install script did not run: look for `ignore-scripts` or `allow-scripts` in `npm config list`.',
    );
  }
  writeStamp(root);
  console.log(`npm packages installed in ${seconds} s.`);
}

/** The Node that the project runs on; it comes as a package. */
export const projectNode = (root) => join(root, 'node_modules', '.bin', 'node');

/** Where the user, not the project, keeps its programs: node_modules is about to be replaced under what runs from it. */
function npm(root) {
  const own = join(root, 'node_modules') + sep;
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !`${folder}${sep}`.startsWith(own));
  const env = { ...process.env, PATH: path.join(delimiter) };
  const cli = process.env.npm_execpath ?? '';
  const node = [process.env.npm_node_execpath, process.execPath].find(
    (file) => file && !file.startsWith(own) && existsSync(file),
  );
  if (basename(cli) === 'npm-cli.js' && !cli.startsWith(own) && node)
    return { command: node, args: [cli], env };
  return { command: 'npm', args: [], env };
}

/** An install made by npm itself counts: each package at its version, and nothing left out but other platforms'. */
function agrees(wanted, installed) {
  for (const [path, entry] of Object.entries(wanted)) {
    const found = installed[path];
    if (path === '' || (!found && entry.optional)) continue;
    if (!found || found.version !== entry.version || found.integrity !== entry.integrity) return false;
  }
  return Object.keys(installed).every((path) => path in wanted);
}

const stampFile = (root) => join(root, 'node_modules', '.event-tracker-installed');

const stamp = (root) =>
  `${process.platform}-${process.arch} ${createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')}\n`;

function writeStamp(root) {
  try {
    writeFileSync(stampFile(root), stamp(root));
  } catch (cause) {
    // Installed by someone else, root for one: usable all the same, only looked through again at each start.
    if (cause.code !== 'EACCES' && cause.code !== 'EROFS' && cause.code !== 'EPERM') throw cause;
  }
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
