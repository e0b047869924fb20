import { readFileSync } from 'node:fs';
import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import { createHistogram, type Histogram } from './histogram.ts';
import { createSeriesTable, type LabelValues } from './series.ts';

export interface Family<Names extends readonly string[]> {
  /** Without the prefix. */
  name: string;
  help: string;
  labels: Names;
}

/** A number that only grows. */
export interface Counter {
  add(count?: number): void;
}

/** What is known of a family when it is asked; a value that is not known now is left out. */
export type Reading<Names extends readonly string[]> = Iterable<
  readonly [...LabelValues<Names>, number | undefined]
>;

/**
 * The numbers of this process. What is counted is a plain number in a closure, and what somebody knows already is read
 * when Prometheus asks: nothing is looked up, hashed or allocated where events pass.
 */
export interface Metrics {
  counter<const Names extends readonly string[]>(
    family: Family<Names>,
  ): { of(...values: LabelValues<Names>): Counter };
  /** `bounds` are upper ones, growing. */
  histogram<const Names extends readonly string[]>(
    family: Family<Names> & { bounds: readonly number[] },
  ): { of(...values: LabelValues<Names>): Histogram };
  /** Read at each scrape, and so without waiting for anything: what a store has to be asked is asked elsewhere. */
  read<const Names extends readonly string[]>(
    family: Family<Names> & { type: 'counter' | 'gauge'; read(): Reading<Names> },
  ): void;
  contentType: string;
  /** In Prometheus's text format. */
  text(): Promise<string>;
}

const prefix = 'event_tracker_';

/** Seconds, from what Redis takes at its best to what nobody waits for any more. */
export const latencyBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

interface Value {
  labels: Record<string, string | number>;
  value: number;
  metricName?: string;
}

export function createMetrics(process: string): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix });

  function register(
    family: Family<readonly string[]>,
    type: 'counter' | 'gauge' | 'histogram',
    values: (name: string) => Value[],
  ) {
    const name = prefix + family.name;
    // The registry asks a metric for nothing else. prom-client's own count by hashing labels on each call.
    const metric = {
      name,
      get: async () => ({ name, help: family.help, type, aggregator: 'sum', values: values(name) }),
    };
    registry.registerMetric(metric as unknown as Metric);
  }

  const metrics: Metrics = {
    counter(family) {
      const table = createSeriesTable<typeof family.labels, Counter & { value(): number }>(createCounter);
      register(family, 'counter', () =>
        [...table.entries()].map(([values, counter]) => ({
          labels: labelled(family.labels, values),
          value: counter.value(),
        })),
      );
      return table;
    },
    histogram(family) {
      const { bounds } = family;
      const table = createSeriesTable<typeof family.labels, ReturnType<typeof createHistogram>>(() =>
        createHistogram(bounds),
      );
      register(family, 'histogram', (name) =>
        [...table.entries()].flatMap(([values, { counts, sum }]) => {
          const labels = labelled(family.labels, values);
          let total = 0;
          const buckets = counts.map((count, at) => {
            total += count;
            return {
              metricName: `${name}_bucket`,
              labels: { ...labels, le: bounds[at] ?? '+Inf' },
              value: total,
            };
          });
          return [
            ...buckets,
            { metricName: `${name}_sum`, labels, value: sum() },
            { metricName: `${name}_count`, labels, value: total },
          ];
        }),
      );
      return table;
    },
    read(family) {
      register(family, family.type, () =>
        [...(family.read() as Iterable<readonly (string | number | undefined)[]>)].flatMap((entry) => {
          const value = entry.at(-1);
          if (typeof value !== 'number') return [];
          return [{ labels: labelled(family.labels, entry as readonly string[]), value }];
        }),
      );
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
  metrics.read({
    type: 'gauge',
    name: 'build_info',
    help: 'Always 1; what runs is in the labels.',
    labels: ['process', 'version', 'node'],
    read: () => [[process, productVersion, globalThis.process.versions.node, 1]],
  });
  return metrics;
}

function createCounter(): Counter & { value(): number } {
  let value = 0;
  return {
    value: () => value,
    add(count = 1) {
      value += count;
    },
  };
}

function labelled(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, at) => [name, values[at]!]));
}

const manifest = readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8');
const productVersion: string = JSON.parse(manifest).version;
