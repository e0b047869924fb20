import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The command line of a live process; undefined when there is none, or only its zombie. */
export function commandLine(pid) {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (process.platform === 'linux') {
    try {
      // Not ps: a bare Debian has none.
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
    } catch {
      return undefined;
    }
  }
  try {
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 5_000 };
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], options).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Resolves to whether the process was gone within `limitMs`. */
export async function waitUntilGone(pid, limitMs) {
  const deadline = Date.now() + limitMs;
  while (commandLine(pid) !== undefined) {
    if (Date.now() >= deadline) return false;
    await sleep(50);
  }
  return true;
}
