import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './rounds.ts';

/** Processor, memory, system, Node and commit, in one line. */
export function describeMachine(): string {
  const processors = cpus();
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  return [
    `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}`,
    memory,
    `${type()} ${release()}`,
    `Node ${process.versions.node}`,
    ...commit(),
  ].join(', ');
}

function commit(): string[] {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const git = (...args: string[]) => spawnSync('git', args, { cwd, encoding: 'utf8' });
  const { status, stdout } = git('rev-parse', '--short', 'HEAD');
  if (status !== 0) return [];
  const changed =
    git('--no-optional-locks', 'status', '--porcelain', '--untracked-files=no').stdout.trim() !== '';
  return [`commit ${stdout.trim()}${changed ? ' with changes' : ''}`];
}

/** Milliseconds that the disk takes to have 4 KiB for good: what every durable rate stands on. */
export function fsyncMs(directory: string): number {
  const file = join(directory, 'fsync-probe');
  const fd = openSync(file, 'w');
  const page = Buffer.alloc(4096, 1);
  const times: number[] = [];
  for (let turn = 0; turn < 50; turn += 1) {
    const began = performance.now();
    writeSync(fd, page);
    fdatasyncSync(fd);
    times.push(performance.now() - began);
  }
  closeSync(fd);
  rmSync(file);
  return median(times);
}
