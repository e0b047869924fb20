import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { commandLine, waitUntilGone } from '../setup/shared.mjs';
import { UserError } from './user-error.ts';

export interface ProcessRecord {
  pid: number;
  /** The process that started it. */
  owner: number;
}

export function writeRecord(file: string, record: ProcessRecord): void {
  writeFileSync(file, `${JSON.stringify(record)}\n`, { mode: 0o600 });
}

export function eraseRecord(file: string): void {
  rmSync(file, { force: true });
}

/**
 * The recorded process, if it is still ours: process ids are used again, and records are copied with their checkout.
 * `mark` is a part of its command line that no other program has: an absolute path.
 */
export function readRecord(file: string, mark: string): ProcessRecord | undefined {
  let record: Partial<ProcessRecord>;
  try {
    record = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  const { pid, owner } = record;
  if (typeof pid !== 'number' || typeof owner !== 'number') return undefined;
  return commandLine(pid)?.includes(mark) ? { pid, owner } : undefined;
}

/** 'The API' begins a sentence; within one it is 'the API'. */
export const inSentence = (name: string): string => name.replace(/^The /, 'the ');

interface Leftover {
  name: string;
  signal: NodeJS.Signals;
  say: (line: string) => void;
}

/** Milliseconds that a leftover gets to end by itself. */
const leftoverLimitMs = 25_000;

/**
 * Ends a process that an earlier, killed owner left behind, and waits until it is gone.
 * Throws a UserError when its owner lives, or when it does not end.
 */
export async function stopLeftover(
  file: string,
  { mark, ...leftover }: Leftover & { mark: string },
): Promise<void> {
  const left = readRecord(file, mark);
  if (left) {
    const ownerLives = left.owner === process.pid || commandLine(left.owner)?.includes('node');
    if (ownerLives) {
      throw new UserError(
        `${leftover.name} (process ${left.pid}) is in use by process ${left.owner}: end that one first.`,
      );
    }
    await endLeftover(left.pid, leftover);
  }
  eraseRecord(file);
}

export async function endLeftover(pid: number, { name, signal, say }: Leftover): Promise<void> {
  say(`Ending ${inSentence(name)} (process ${pid}), which an earlier start left behind.`);
  try {
    process.kill(pid, signal);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EPERM') {
      throw new UserError(
        `${name} (process ${pid}) was left behind by another user: end it (\`sudo kill ${pid}\`) first.`,
      );
    }
  }
  if (await waitUntilGone(pid, leftoverLimitMs)) return;
  throw new UserError(
    `${name} (process ${pid}) was left behind and does not end: end it (\`kill -9 ${pid}\`) first.`,
  );
}
