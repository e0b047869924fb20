import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from './run-quietly.mjs';

/** What is built (all the rest runs as it is): the folder of its sources, and a file that its build leaves. */
const built = [
  { folder: 'apps/dashboard', result: 'dist/index.html' },
  { folder: 'libs/client', result: 'dist/tracker.js' },
];
const notSources = new Set(['dist', 'node_modules', 'test', '.turbo']);
const buildLimitMs = 120_000;

/** Whether what browsers are served is there, and was built from the sources as they are now. */
export function isBuilt(root) {
  const present = built.filter(({ folder }) => existsSync(join(root, folder, 'package.json')));
  return (
    present.every(({ folder, result }) => existsSync(join(root, folder, result))) &&
    (present.length === 0 || readText(stampFile(root)) === stamp(root))
  );
}

/**
 * Builds it. A build that fails keeps nothing else from working: the API answers without the pages, and says so. Answers
 * why it failed; undefined when it did not.
 */
export async function buildPages(root, signal) {
  const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
  if (!existsSync(turbo)) return 'turbo is not installed (a development dependency)';
  rmSync(stampFile(root), { force: true });
  const { ok, output } = await runQuietly(
    'Building the pages',
    process.execPath,
    [turbo, 'run', 'build', '--output-logs=errors-only'],
    {
      cwd: root,
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
      limitMs: buildLimitMs,
      signal,
    },
  );
  if (!ok) return output.trim();
  writeStamp(root);
  return undefined;
}

const stampFile = (root) => join(root, 'node_modules', '.event-tracker-built');

/** A digest of the sources' paths and contents, and of the packages that they are built with. */
function stamp(root) {
  const hash = createHash('sha256');
  const add = (path) => hash.update(`${path}\0`).update(readFileSync(join(root, path)));
  for (const { folder } of built) if (existsSync(join(root, folder))) addFolder(folder);
  add('package-lock.json');
  return `${hash.digest('hex')}\n`;

  function addFolder(folder) {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (notSources.has(entry.name)) continue;
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) addFolder(path);
      else add(path);
    }
  }
}

function writeStamp(root) {
  try {
    writeFileSync(stampFile(root), stamp(root));
  } catch (cause) {
    // Installed by someone else: looked at again at each start, which turbo's cache makes cheap.
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
