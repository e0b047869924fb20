import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'event-tracker-bench-';

/** /tmp is memory on many systems, where nothing has to be waited for; /var/tmp is a disk by convention. */
const parent = existsSync('/var/tmp') ? '/var/tmp' : tmpdir();

/** A folder of this process, on a disk; those of runs that were killed go first. PostgreSQL's user may pass through. */
export function createDataFolder(): { path: string; remove(): void } {
  for (const name of readdirSync(parent)) {
    const pid = Number(name.startsWith(prefix) ? /^\d+/.exec(name.slice(prefix.length))?.[0] : undefined);
    if (pid && !isAlive(pid)) remove(join(parent, name));
  }
  const path = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  chmodSync(path, 0o711);
  return { path, remove: () => remove(path) };
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  } catch {
    // Another user's: theirs to remove.
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
