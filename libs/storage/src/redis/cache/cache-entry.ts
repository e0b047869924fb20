/** Version of what is cached: to be raised whenever a value changes its form. */
export const cacheVersion = 1;

/** A cached value. Times in milliseconds since the epoch. */
export interface CacheEntry<T> {
  value: T;
  /** It must not be shown from then on. */
  until: number;
  /** How long it took to make, in milliseconds. */
  took: number;
}

export function encodeEntry(entry: CacheEntry<unknown>): string {
  return JSON.stringify({ version: cacheVersion, ...entry });
}

/** Undefined for what this version does not know as an entry. `parse` answers undefined for a value that is none. */
export function decodeEntry<T>(
  text: string,
  parse: (value: unknown) => T | undefined,
): CacheEntry<T> | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof read !== 'object' || read === null) return undefined;
  const { version, until, took, value: raw } = read as Record<string, unknown>;
  if (version !== cacheVersion || typeof until !== 'number' || typeof took !== 'number') return undefined;
  const value = parse(raw);
  return value === undefined ? undefined : { value, until, took };
}

/** However fast it was made: under this the refresh would begin too late to be in time, in milliseconds. */
const shortestTookMs = 100;

/** However long it took: a refresh that is due most of an entry's life would make a slow query a frequent one. */
const longestTookShare = 0.1;

/**
 * Whether this reader is to refresh an entry that is good still: the likelier the nearer its end is, and the longer it took
 * to make (XFetch; Vattani, Chierichetti, Lowenstein 2015). Of many readers one does, before all would have to.
 *
 * @param ttlMs the life of such entries, in milliseconds
 * @param random from 0 to 1
 */
export function isRefreshDue(
  { until, took }: CacheEntry<unknown>,
  ttlMs: number,
  now: number,
  random: number,
): boolean {
  const lead = Math.min(Math.max(took, shortestTookMs), longestTookShare * ttlMs);
  return now - lead * Math.log(random) >= until;
}
