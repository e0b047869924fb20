import { table } from '../../bench/kit/table.ts';
import type { ChaosResult } from './chaos.ts';
import type { Fates } from './compare-journal.ts';

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const seconds = (ms: number): string => (Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : 'never');
const columns = ['sent', 'acknowledged', 'lost', 'doubled', 'stored'] as const;

/** What a run was, in tables and figures. */
export function report({ fates, faults, tally, catchUpMs }: ChaosResult): string {
  const events = table<[string, Fates]>(
    [
      { head: 'events', cell: ([maker]) => `ids by the ${maker}` },
      ...columns.map((head) => ({ head, cell: ([, of]: [string, Fates]) => whole(of[head]) })),
    ],
    Object.entries(fates),
  );
  const byKind = Object.groupBy(
    faults.injected,
    ({ kind, targets }) => `${kind} ${targets.map(sortOf).join(' + ')}`,
  );
  const faultCounts = table(
    [
      { head: `faults: ${faults.injected.length}`, cell: ([kind]) => kind },
      { head: 'times', cell: ([, of]) => whole(of?.length ?? 0) },
      { head: 'longest', cell: ([, of]) => seconds(Math.max(...(of ?? []).map(({ forMs }) => forMs))) },
    ],
    Object.entries(byKind).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const answers = table(
    [
      { head: 'answers', cell: ([answer]) => answer },
      { head: 'times', cell: ([, { count }]) => whole(count) },
      { head: 'slowest', cell: ([, { slowestMs }]) => seconds(slowestMs) },
    ],
    [...tally.requests].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const figures = [
    `Faults skipped: ${faults.skipped.length}`,
    `Longest time without a 202: ${seconds(tally.longestSilenceMs())}`,
    `Time to catch up: ${seconds(catchUpMs)}`,
  ];
  return [events, faultCounts, answers, figures.join('\n')].join('\n\n');
}

const sortOf = (target: string): string => target.replace(/ \d$/, '');
