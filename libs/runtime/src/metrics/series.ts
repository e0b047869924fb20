/** Label values of one series, in the order of its family's label names. */
export type LabelValues<Names extends readonly string[]> = { [Index in keyof Names]: string };

export interface SeriesTable<Names extends readonly string[], T> {
  /** The series of these values, made when they are first met. */
  of(...values: LabelValues<Names>): T;
  entries(): Iterable<readonly [readonly string[], T]>;
}

/** What a client can choose must not make series without end: a family that is full counts the rest as this. */
export const otherValue = 'other';
const seriesMax = 500;

export function createSeriesTable<Names extends readonly string[], T>(make: () => T): SeriesTable<Names, T> {
  const table = new Map<string, readonly [readonly string[], T]>();

  function seriesOf(values: readonly string[]): T {
    const key = values.join('\0');
    const known = table.get(key);
    if (known) return known[1];
    const others = values.map(() => otherValue);
    if (table.size >= seriesMax && key !== others.join('\0')) return seriesOf(others);
    const series = make();
    table.set(key, [values, series]);
    return series;
  }

  return { of: (...values) => seriesOf(values), entries: () => table.values() };
}
