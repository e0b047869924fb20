import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts a process's time in these, whatever the kernel's own tick is. */
const ticksPerSecond = 100;
const sampleEveryMs = 5000;

/** Of one processor, in per cent; over 100 where a program has several processes or threads. */
export interface CpuShare {
  name: string;
  mean: number;
  lowest: number;
  highest: number;
}

interface Process {
  parent: number;
  command: string;
  ticks: number;
  /** Of children that have ended. */
  endedTicks: number;
}

/**
 * Samples what the programs of a system take, by name: all that `root` has started, and `others` by their process ids.
 * The answer ends it. Linux only: elsewhere nothing is told.
 */
export function sampleCpu(
  root: number | undefined,
  others: Readonly<Record<string, number>>,
): () => CpuShare[] {
  if (process.platform !== 'linux') return () => [];
  const samples = new Map<string, number[]>();
  const began = performance.now();
  const first = ticksByName(root, others);
  let before = first;
  let beforeAt = began;

  function sample(): void {
    const now = ticksByName(root, others);
    const seconds = (performance.now() - beforeAt) / 1000;
    for (const [name, ticks] of now) {
      const earlier = before.get(name);
      if (earlier === undefined) continue;
      const shares = samples.get(name) ?? [];
      samples.set(name, shares);
      shares.push(((ticks - earlier) / ticksPerSecond / seconds) * 100);
    }
    before = now;
    beforeAt = performance.now();
  }
  const timer = setInterval(sample, sampleEveryMs);
  return () => {
    clearInterval(timer);
    return [...samples].map(([name, shares]) => ({
      name,
      mean: shares.reduce((sum, share) => sum + share, 0) / shares.length,
      lowest: Math.min(...shares),
      highest: Math.max(...shares),
    }));
  };
}

function ticksByName(
  root: number | undefined,
  others: Readonly<Record<string, number>>,
): Map<string, number> {
  const processes = readProcesses();
  const ticks = new Map<string, number>();
  const add = (name: string, more: number) => ticks.set(name, (ticks.get(name) ?? 0) + more);
  for (const [name, pid] of Object.entries(others)) {
    const found = processes.get(pid);
    if (found) add(name, found.ticks);
  }
  for (const [pid, found] of processes) {
    const name = nameOf(found.command);
    if (root === undefined || name === undefined || !isUnder(pid, root, processes)) continue;
    // A backend that has ended is in its parent's account.
    add(name, found.ticks + (name === 'PostgreSQL' ? found.endedTicks : 0));
  }
  return ticks;
}

function nameOf(command: string): string | undefined {
  if (command.includes('apps/api/')) return 'API';
  if (command.includes('apps/worker/')) return 'worker';
  if (command.includes('redis-server') || command.includes('valkey-server')) return 'Redis';
  return command.includes('postgres') ? 'PostgreSQL' : undefined;
}

function isUnder(pid: number, root: number, processes: ReadonlyMap<number, Process>): boolean {
  for (let at = processes.get(pid); at !== undefined; at = processes.get(at.parent))
    if (at.parent === root) return true;
  return false;
}

function readProcesses(): Map<number, Process> {
  const processes = new Map<number, Process>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      // The name in the second field may hold anything, blanks and brackets included.
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      processes.set(Number(entry), {
        parent: fields[1]!,
        command: readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' '),
        ticks: fields[11]! + fields[12]!,
        endedTicks: fields[13]! + fields[14]!,
      });
    } catch {
      // It has ended meanwhile.
    }
  }
  return processes;
}
