import type { Closers } from '@event-tracker/runtime';

/** What a part of the benchmark is given to work with. */
export interface Bench {
  /** How often each side is measured, in turn with the others. */
  rounds: number;
  /** How long one measurement of a rate lasts; other sizes are derived from it. */
  seconds: number;
  connections: number;
  /** A smoke run: the least that shows that everything works. Its figures say nothing. */
  quick: boolean;
  /** Sizes of history for `growth`, in millions of stored events. */
  millions: readonly number[];
  /** How long a store is away for `outage`. */
  outageSeconds: number;
  closers: Closers;
  signal: AbortSignal;
  say(line: string): void;
}

export interface Part {
  name: string;
  /** What it measures, in one or two sentences. */
  about: string;
  /** Comes back: blocks of Markdown, for the screen and for the results. */
  run(bench: Bench): Promise<string[]>;
}
