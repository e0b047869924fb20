import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from '../connection.ts';
import { type CacheKind, cacheKeys } from '../keys.ts';
import { loadScript } from '../script.ts';
import { type CacheEntry, cacheVersion, decodeEntry, encodeEntry, isRefreshDue } from './cache-entry.ts';
import type { CacheLock } from './cache-lock.ts';

/** In milliseconds. */
export interface CacheLimits {
  /** A value lives so long from the beginning of its query, and up to `jitterMs` more. */
  ttlMs: number;
  jitterMs: number;
  /** So long when it says that there is nothing. */
  nothingTtlMs: number;
  /** A holder that died keeps the lock for so long. */
  lockTtlMs: number;
  /** So long a reader waits for another's query before it asks PostgreSQL itself. */
  lockWaitMs: number;
  /** Values at most; more are not kept. */
  entriesMax: number;
}

/** Since the process began. */
export interface CacheCounts {
  hits: number;
  misses: number;
  earlyRefreshes: number;
  /** Misses that waited for another process's query, and those of them that waited in vain. */
  lockWaits: number;
  lockTimeouts: number;
  /** Values of no known form. */
  badValues: number;
  /** Values that were not kept because the cache was full. */
  full: number;
  /** Commands that failed. */
  failures: number;
}

export interface Cached<T> {
  value: T;
  servedBy: 'cache' | 'postgres';
}

export interface Cache<T> {
  /** The value of that name, or what `load` makes of it. Rejects with its cause when there is neither. */
  read(name: string, load: () => Promise<T>): Promise<Cached<T>>;
  counts: Readonly<CacheCounts>;
}

const pollMs = 20;
/** A Redis that failed is not asked for so long: nobody waits for what is known to be away. */
const awayMs = 1000;
/** Decoded values that are kept as long as their text in Redis is the same. */
const decodedMax = 500;
/** Redis is asked for a value again after so long: a hot one is read thousands of times meanwhile. */
const askAgainMs = 100;

/**
 * A cache in Redis in front of queries to PostgreSQL.
 *
 *   read ─▶ seen just now, or there ──▶ hit; now and then, near its end, one reader refreshes it in the background
 *        └▶ miss ─▶ one flight a name in this process ─▶ lock ─▶ taken: query, keep, release
 *                                                        ├▶ another's: look again until its value is there
 *                                                        └▶ too long, or Redis is away: query all the same
 *
 * No answer depends on Redis or on the lock: each wait is bounded, and ends with a query.
 */
export function createCache<T>(deps: {
  kind: CacheKind;
  redis: Redis;
  lock: CacheLock;
  /** Answers undefined for what is no value. */
  parse(value: unknown): T | undefined;
  isNothing(value: T): boolean;
  limits: CacheLimits;
  now(): number;
  random(): number;
  onError(cause: unknown): void;
}): Cache<T> {
  const { kind, redis, lock, parse, isNothing, limits, now, random, onError } = deps;
  const storeInCache = loadScript(redis, 'store-in-cache');
  const counts: CacheCounts = {
    hits: 0,
    misses: 0,
    earlyRefreshes: 0,
    lockWaits: 0,
    lockTimeouts: 0,
    badValues: 0,
    full: 0,
    failures: 0,
  };
  const flights = new Map<string, Promise<Cached<T>>>();
  const refreshing = new Set<string>();
  const decoded = new Map<string, { text: string; entry: CacheEntry<T>; seenAt: number }>();
  let awayUntil = Number.NEGATIVE_INFINITY;

  const isAway = () => performance.now() < awayUntil;

  function fail(cause: unknown): void {
    counts.failures += 1;
    awayUntil = performance.now() + awayMs;
    onError(cause);
  }

  function seenJustNow(name: string): CacheEntry<T> | undefined {
    const known = decoded.get(name);
    if (known === undefined) return undefined;
    const age = now() - known.seenAt;
    return age >= 0 && age < askAgainMs && now() < known.entry.until ? known.entry : undefined;
  }

  /** Never rejects: a Redis that is away has nothing. */
  async function lookUp(name: string): Promise<CacheEntry<T> | undefined> {
    if (isAway()) return undefined;
    try {
      const text = await redis.get(cacheKeys.value(kind, cacheVersion, name));
      const entry = text === null ? undefined : decode(name, text);
      return entry && now() < entry.until ? entry : undefined;
    } catch (cause) {
      fail(cause);
      return undefined;
    }
  }

  /** Each text is parsed once. */
  function decode(name: string, text: string): CacheEntry<T> | undefined {
    const known = decoded.get(name);
    if (known?.text === text) {
      known.seenAt = now();
      return known.entry;
    }
    const entry = decodeEntry(text, parse);
    if (entry === undefined) {
      counts.badValues += 1;
      return undefined;
    }
    if (decoded.size >= decodedMax) decoded.delete(decoded.keys().next().value!);
    decoded.set(name, { text, entry, seenAt: now() });
    return entry;
  }

  async function takeLock(name: string) {
    return lock.take(cacheKeys.lock(kind, cacheVersion, name), limits.lockTtlMs);
  }

  /** The lock, or the value that its holder made meanwhile; neither when it took too long, or Redis is away. */
  async function lockOrEntry(name: string) {
    const deadline = performance.now() + limits.lockWaitMs;
    for (let tries = 1; !isAway(); tries += 1) {
      const held = await takeLock(name).catch(fail);
      const entry = await lookUp(name);
      if (entry) {
        void held?.release();
        return { entry };
      }
      if (held) return { held };
      if (isAway()) break;
      if (tries === 1) counts.lockWaits += 1;
      if (performance.now() >= deadline) {
        counts.lockTimeouts += 1;
        break;
      }
      await pause(pollMs * (1 + random()));
    }
    return {};
  }

  async function fill(name: string, load: () => Promise<T>): Promise<Cached<T>> {
    const { entry, held } = await lockOrEntry(name);
    if (entry) return { value: entry.value, servedBy: 'cache' };
    try {
      const { value, keep } = await make(name, load);
      // Nobody waits for it; the lock goes once the value is there.
      void keep().then(() => held?.release());
      return { value, servedBy: 'postgres' };
    } catch (cause) {
      void held?.release();
      throw cause;
    }
  }

  async function make(name: string, load: () => Promise<T>) {
    const beganAt = now();
    const value = await load();
    const lifeMs = isNothing(value) ? limits.nothingTtlMs : limits.ttlMs + random() * limits.jitterMs;
    const entry = { value, until: Math.floor(beganAt + lifeMs), took: now() - beganAt };
    return { value, keep: () => keepEntry(name, entry) };
  }

  async function keepEntry(name: string, entry: CacheEntry<T>): Promise<void> {
    const left = entry.until - now();
    if (isAway() || left <= 0) return;
    const keys = [cacheKeys.value(kind, cacheVersion, name), cacheKeys.entries(kind)];
    const longest = limits.ttlMs + limits.jitterMs + limits.nothingTtlMs;
    const args = [encodeEntry(entry), left, now(), entry.until, limits.entriesMax, longest];
    try {
      if ((await storeInCache(keys, args)) !== 1) counts.full += 1;
    } catch (cause) {
      fail(cause);
    }
  }

  /** One in all: whoever finds the lock taken leaves it to its holder. */
  async function refresh(name: string, load: () => Promise<T>, old: CacheEntry<T>): Promise<void> {
    if (refreshing.has(name)) return;
    refreshing.add(name);
    try {
      const held = await takeLock(name);
      if (!held) return;
      try {
        const current = await lookUp(name);
        if (current && current.until > old.until) return;
        counts.earlyRefreshes += 1;
        await (await make(name, load)).keep();
      } finally {
        await held.release();
      }
    } finally {
      refreshing.delete(name);
    }
  }

  return {
    counts,
    async read(name, load) {
      const entry = seenJustNow(name) ?? (await lookUp(name));
      if (entry) {
        counts.hits += 1;
        if (isRefreshDue(entry, limits.ttlMs, now(), random())) refresh(name, load, entry).catch(onError);
        return { value: entry.value, servedBy: 'cache' };
      }
      counts.misses += 1;
      let flight = flights.get(name);
      if (!flight) {
        flight = fill(name, load).finally(() => flights.delete(name));
        flights.set(name, flight);
      }
      return flight;
    },
  };
}
