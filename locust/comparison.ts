import { readFileSync } from 'node:fs';
import type { CpuShare } from './process-cpu.ts';

/** What Locust says of all requests together. */
export interface Totals {
  requests: number;
  failures: number;
  meanMs: number;
  p95Ms: number;
  p99Ms: number;
  perSecond: number;
}

/** Reads the last line of Locust's `…_stats.csv`; its columns are found by name, as they have changed before. */
export function readTotals(file: string): Totals {
  const [head = '', ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  const columns = head.split(',');
  const total = lines.find((line) => line.split(',')[columns.indexOf('Name')] === 'Aggregated')?.split(',');
  const value = (name: string) => {
    const text = total?.[columns.indexOf(name)];
    if (text === undefined) throw new Error(`${file} says no ${name}`);
    return Number(text);
  };
  return {
    requests: value('Request Count'),
    failures: value('Failure Count'),
    meanMs: value('Average Response Time'),
    p95Ms: value('95%'),
    p99Ms: value('99%'),
    perSecond: value('Requests/s'),
  };
}

export interface Run {
  users: number;
  time: string;
  totals: Totals;
  cpu: readonly CpuShare[];
}

/** The runs as a Markdown table, beside what is known of the system that this one succeeds. */
export function comparison(runs: readonly Run[]): string {
  const head = ['', 'users', 'requests/s', 'mean, ms', 'p95, ms', 'p99, ms', 'failures', 'CPU'];
  const rows = [
    ['the predecessor (Kotlin, WebFlux, a laptop)', '500', '340.8', '125', '660', '–', '0 %', '60 to 97 %'],
    ...runs.map(({ users, time, totals, cpu }) => [
      `Event Tracker, ${time}`,
      `${users}`,
      totals.perSecond.toFixed(1),
      totals.meanMs.toFixed(0),
      `${totals.p95Ms}`,
      `${totals.p99Ms}`,
      totals.requests === 0 ? '–' : `${((totals.failures / totals.requests) * 100).toFixed(2)} %`,
      cpu
        .map(({ name, mean, highest }) => `${name} ${mean.toFixed(0)} % (at most ${highest.toFixed(0)} %)`)
        .join(', '),
    ]),
  ];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
