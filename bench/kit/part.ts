import type { Closers } from '@event-tracker/runtime';
import type { ScenarioName } from './subjects.ts';
import type { System } from './system.ts';

/** What a part of the benchmark is given to work with. */
export interface Bench {
  /** How often each side is measured, in turn with the others. */
  rounds: number;
  /** How long one measurement of a rate lasts; other sizes are derived from it. */
  seconds: number;
  connections: number;
  /** A smoke run: the least that shows that everything works. Its figures say nothing. */
  quick: boolean;
  /** Sizes of history for `growth` and `ledger`, in millions of stored events. */
  millions: readonly number[];
  /** How long a store is away for `outage`. */
  outageSeconds: number;
  /** What the events are about, in the parts that say so. */
  scenario: ScenarioName;
  /** Another commit, to be measured in turn with this one. */
  versus: System | undefined;
  closers: Closers;
  signal: AbortSignal;
  say(line: string): void;
}

export interface Part {
  name: string;
  /** What it measures, in one or two sentences. */
  about: string;
  /** Whether it has the scenario of many subjects, and whether it measures in turn with another commit. */
  takes?: { scenario?: boolean; versus?: boolean };
  /** Comes back: blocks of Markdown, for the screen and for the results. */
  run(bench: Bench): Promise<string[]>;
}
