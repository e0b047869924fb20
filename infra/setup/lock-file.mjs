import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { commandLine } from './process-info.mjs';

/**
 * A lock that names its holder: a symbolic link to a process id, because one is made in a single step, content
 * included. It is stale when that process is gone, or is another program by now (`mark` is not in its command line).
 * Returns `{ release }`, or `{ heldBy }` with the holder's process id.
 */
export function tryLock(file, mark) {
  mkdirSync(dirname(file), { recursive: true });
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      symlinkSync(String(process.pid), file);
      return { release: () => void (holder(file) === process.pid && rmSync(file, { force: true })) };
    } catch (cause) {
      if (cause.code !== 'EEXIST') throw cause;
    }
    const pid = holder(file);
    if (pid !== process.pid && commandLine(pid)?.includes(mark)) return { heldBy: pid };
    clear(file, pid);
  }
  throw new Error(`${file} can't be locked: remove it and try again`);
}

function holder(file) {
  try {
    return Number(readlinkSync(file));
  } catch (cause) {
    if (cause.code === 'ENOENT') return Number.NaN;
    if (cause.code !== 'EINVAL') throw cause;
    return 0; // not a link of ours: as stale as it gets
  }
}

/** Two that find a stale lock at once must not remove each other's new one: look again at what was moved away. */
function clear(file, stalePid) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (cause) {
    if (cause.code === 'ENOENT') return;
    throw cause;
  }
  if (Object.is(holder(aside), stalePid)) rmSync(aside, { force: true });
  else renameSync(aside, file);
}
