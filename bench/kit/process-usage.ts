import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Linux counts a process's time in these, whatever the kernel's own tick is. */
const ticksPerSecond = 100;
const pageBytes = 4096;

interface Usage {
  cpuSeconds: number;
  residentBytes: number;
}

/** What processes took while something ran. */
export interface Load {
  /** Of the processors, on average: 1 = one processor all the time. */
  cores: number;
  /** Resident memory at the end, in MB. */
  megabytes: number;
}

/** Begins to watch processes; the answer tells what each of them has taken since. */
export function watchUsage<Name extends string>(
  pids: Readonly<Record<Name, number>>,
): () => Record<Name, Load> {
  const names = Object.keys(pids) as Name[];
  const before = names.map((name) => usageOf(pids[name]));
  const began = performance.now();
  return () => {
    const seconds = (performance.now() - began) / 1000;
    const loads = names.map((name, at): [Name, Load] => {
      const { cpuSeconds, residentBytes } = usageOf(pids[name]);
      const cores = (cpuSeconds - before[at]!.cpuSeconds) / seconds;
      return [name, { cores, megabytes: residentBytes / 1e6 }];
    });
    return Object.fromEntries(loads) as Record<Name, Load>;
  };
}

function usageOf(pid: number): Usage {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): Usage {
  // The name in the second field may hold anything, blanks and brackets included.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const resident = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentBytes: resident * pageBytes,
  };
}

function fromPs(pid: number): Usage {
  const line = execFileSync('ps', ['-o', 'rss=,time=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  const [kilobytes = '0', time = '0'] = line.split(/\s+/);
  const [days, clock] = time.includes('-') ? time.split('-') : ['0', time];
  const seconds = clock!.split(':').reduce((total, part) => total * 60 + Number(part), 0);
  return { cpuSeconds: Number(days) * 86_400 + seconds, residentBytes: Number(kilobytes) * 1024 };
}
