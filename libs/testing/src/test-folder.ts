import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'event-tracker-test-';

/** Linux keeps this folder in memory. */
const memory = '/dev/shm';
/** The stores of a run take less than one GiB together; the rest is for whoever else needs memory. */
const memoryBytesMin = 3 * 2 ** 30;

export interface TestFolder {
  path: string;
  remove: () => void;
}

/** A folder of this process for test data, `remove` takes it away. PostgreSQL's user may pass through it. */
export function createTestFolder(parent = tmpdir()): TestFolder {
  const path = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  chmodSync(path, 0o711);
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/**
 * Where a store's folder is quick to make: in memory when there is plenty, else on disk. A database is some 900 files,
 * and for each of them ext4 without a journal steps over all that were removed in the last minutes: a second of CPU,
 * a twentieth of it in memory.
 */
export function quickestParent(): string {
  try {
    const { bavail, bsize } = statfsSync(memory);
    const free = Math.min(bavail * bsize, process.availableMemory());
    return free >= memoryBytesMin ? memory : tmpdir();
  } catch {
    return tmpdir(); // not Linux
  }
}

/** Removes what test processes left behind that were killed. */
export function removeOldTestFolders(): void {
  for (const parent of [tmpdir(), memory].filter(existsSync)) {
    for (const name of readdirSync(parent)) {
      const pid = Number(name.startsWith(prefix) ? /^\d+/.exec(name.slice(prefix.length))?.[0] : undefined);
      if (!pid || isAlive(pid)) continue;
      try {
        rmSync(join(parent, name), { recursive: true, force: true });
      } catch {
        // Another user's: theirs to remove.
      }
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
