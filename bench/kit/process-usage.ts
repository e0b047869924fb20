import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Linux counts a process's time in these, whatever the kernel's own tick is. */
const ticksPerSecond = 100;
const pageBytes = 4096;

/** A process, or several that count as one; `family`: with its children, those that have ended included. */
export type Watched = number | readonly number[] | { family: number };

interface Usage {
  cpuSeconds: number;
  residentBytes: number;
}

/** What processes took while something ran. */
export interface Load {
  /** Of the processors, on average: 1 = one processor all the time. */
  cores: number;
  cpuSeconds: number;
  /** Resident memory at the end, in MB; what a family shares counts for each of it. */
  megabytes: number;
}

/** Begins to watch processes; the answer tells what each of them has taken since. */
export function watchUsage<Name extends string>(
  watched: Readonly<Record<Name, Watched>>,
): () => Record<Name, Load> {
  const names = Object.keys(watched) as Name[];
  const before = names.map((name) => usageOf(watched[name]));
  const began = performance.now();
  return () => {
    const seconds = (performance.now() - began) / 1000;
    const loads = names.map((name, at): [Name, Load] => {
      const { cpuSeconds: after, residentBytes } = usageOf(watched[name]);
      const cpuSeconds = after - before[at]!.cpuSeconds;
      return [name, { cores: cpuSeconds / seconds, cpuSeconds, megabytes: residentBytes / 1e6 }];
    });
    return Object.fromEntries(loads) as Record<Name, Load>;
  };
}

function usageOf(watched: Watched): Usage {
  if (typeof watched === 'number') return usageOfOne(watched);
  if (!('family' in watched)) return added(watched.map((pid) => usageOfOne(pid)));
  const parent = usageOfOne(watched.family, true);
  // A child that ends meanwhile is in its parent's account the next time.
  const children = childrenOf(watched.family).flatMap((child) => {
    try {
      return [usageOfOne(child)];
    } catch {
      return [];
    }
  });
  return added([parent, ...children]);
}

function added(usages: readonly Usage[]): Usage {
  return {
    cpuSeconds: usages.reduce((sum, one) => sum + one.cpuSeconds, 0),
    residentBytes: usages.reduce((sum, one) => sum + one.residentBytes, 0),
  };
}

function usageOfOne(pid: number, withEndedChildren = false): Usage {
  return process.platform === 'linux' ? fromProc(pid, withEndedChildren) : fromPs(pid);
}

function fromProc(pid: number, withEndedChildren: boolean): Usage {
  // The name in the second field may hold anything, blanks and brackets included.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const own = fields[11]! + fields[12]!;
  const ended = withEndedChildren ? fields[13]! + fields[14]! : 0;
  const resident = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return { cpuSeconds: (own + ended) / ticksPerSecond, residentBytes: resident * pageBytes };
}

function childrenOf(pid: number): number[] {
  if (process.platform === 'linux')
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  const rows = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return rows
    .map((row) => row.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (child && parent === pid ? [child] : []));
}

function fromPs(pid: number): Usage {
  const line = execFileSync('ps', ['-o', 'rss=,time=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  const [kilobytes = '0', time = '0'] = line.split(/\s+/);
  const [days, clock] = time.includes('-') ? time.split('-') : ['0', time];
  const seconds = clock!.split(':').reduce((total, part) => total * 60 + Number(part), 0);
  return { cpuSeconds: Number(days) * 86_400 + seconds, residentBytes: Number(kilobytes) * 1024 };
}
