import { beforeEach, expect, test } from '@jest/globals';
import { createCache, type Redis } from '../src/index.ts';

const limits = {
  ttlMs: 60_000,
  jitterMs: 10_000,
  nothingTtlMs: 5000,
  lockTtlMs: 5000,
  lockWaitMs: 100,
  entriesMax: 10,
};

let clock: number;
let random: number;
let fails: boolean;
let values: Map<string, string>;
let lives: number[];
let locked: Set<string>;
let loads: number;
let asked: number;

beforeEach(() => {
  clock = 1_795_343_640_000;
  random = 0.5;
  fails = false;
  values = new Map();
  lives = [];
  locked = new Set();
  loads = 0;
  asked = 0;
});

/** As much of a Redis as a cache asks for. */
const redis = {
  async get(key: string) {
    asked += 1;
    if (fails) throw new Error('away');
    return values.get(key) ?? null;
  },
  defineCommand() {},
  async 'store-in-cache'(_keys: number, key: string, _entries: string, text: string, life: number) {
    if (fails) throw new Error('away');
    values.set(key, text);
    lives.push(life);
    return 1;
  },
} as unknown as Redis;

const lock = {
  async take(key: string) {
    if (fails) throw new Error('away');
    if (locked.has(key)) return undefined;
    locked.add(key);
    return { release: async () => void locked.delete(key) };
  },
};

/** One process's cache of numbers; all share the Redis. */
const start = () =>
  createCache<number>({
    kind: 'search',
    redis,
    lock,
    parse: (value) => (typeof value === 'number' ? value : undefined),
    isNothing: (value) => value === 0,
    limits,
    now: () => clock,
    random: () => random,
    onError: () => {},
  });

async function load(): Promise<number> {
  loads += 1;
  await new Promise((resolve) => setTimeout(resolve, 20));
  return loads;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test('concurrent readers of three processes cause one query', async () => {
  const caches = [start(), start(), start()];
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, at) => caches[at % 3]!.read('cold', load)),
  );
  expect(loads).toBe(1);
  expect(new Set(answers.map(({ value }) => value))).toEqual(new Set([1]));
  expect(caches.map(({ counts }) => counts.lockWaits).sort((a, b) => a - b)).toEqual([0, 1, 1]);
});

test('a value lives from the beginning of its query, for 60 s and up to 10 s more; nothing for 5 s', async () => {
  const cache = start();
  const slow = async (value: number) => {
    clock += 2000;
    return value;
  };
  for (const [name, value, jitter, life] of [
    ['shortest', 1, 0, 58_000],
    ['longest', 1, 1, 68_000],
    ['nothing', 0, 0.5, 3000],
  ] as const) {
    random = jitter;
    await cache.read(name, () => slow(value));
    await settled();
    expect(lives.at(-1)).toBe(life);
  }
});

test('what is over is not shown, even if it is there still', async () => {
  const cache = start();
  await cache.read('key', load);
  await settled();
  clock += 64_999;
  expect(await cache.read('key', load)).toEqual({ value: 1, servedBy: 'cache' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  values.clear();
  await cache.read('key', load);
  await settled();
  loads = 10;
  clock += 65_001;
  expect(await cache.read('key', load)).toEqual({ value: 11, servedBy: 'postgres' });
});

test('near the end one reader refreshes, and nobody waits for it', async () => {
  const caches = [start(), start()];
  await caches[0]!.read('hot', load);
  await settled();
  clock += 64_990;
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, at) => caches[at % 2]!.read('hot', load)),
  );
  for (const answer of answers) expect(answer).toEqual({ value: 1, servedBy: 'cache' });
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(loads).toBe(2);
  expect(caches[0]!.counts.earlyRefreshes + caches[1]!.counts.earlyRefreshes).toBe(1);
  clock += 100;
  expect(await caches[1]!.read('hot', load)).toEqual({ value: 2, servedBy: 'cache' });
});

test('Redis is asked for a hot value ten times a second, and what is over is not shown in between', async () => {
  const cache = start();
  await cache.read('hot', load);
  await settled();
  asked = 0;
  const read = async () => (await cache.read('hot', load)).value;
  for (let reader = 0; reader < 100; reader += 1) expect(await read()).toBe(1);
  expect(asked).toBe(1);
  values.set('cache:{search}:1:hot', JSON.stringify({ version: 1, until: clock + 150, took: 1, value: 7 }));
  clock += 99;
  expect(await read()).toBe(1);
  clock += 1;
  expect(await read()).toBe(7);
  clock += 50;
  values.clear();
  expect(await read()).toBe(2);
});

test('a lock that nobody gives back holds a reader up within the limit, not longer', async () => {
  const cache = start();
  locked.add('cache:{search}:lock:1:held');
  const began = performance.now();
  expect(await cache.read('held', load)).toEqual({ value: 1, servedBy: 'postgres' });
  expect(performance.now() - began).toBeGreaterThanOrEqual(limits.lockWaitMs);
  expect(cache.counts).toMatchObject({ lockWaits: 1, lockTimeouts: 1 });
  await settled();
  expect(await cache.read('held', load)).toEqual({ value: 1, servedBy: 'cache' });
});

test('while Redis is away every reader is answered, and it is left alone for a second', async () => {
  const cache = start();
  fails = true;
  for (let reader = 1; reader <= 3; reader += 1)
    expect(await cache.read('key', load)).toEqual({ value: reader, servedBy: 'postgres' });
  expect(cache.counts).toMatchObject({ failures: 1, lockWaits: 0 });
});

test('a query that fails is told to all who wait for it, and the next reader asks again', async () => {
  const cache = start();
  const failing = async () => {
    loads += 1;
    await settled();
    throw new Error('PostgreSQL is away');
  };
  const outcomes = await Promise.allSettled([cache.read('key', failing), cache.read('key', failing)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(loads).toBe(1);
  await settled();
  expect(await cache.read('key', load)).toEqual({ value: 2, servedBy: 'postgres' });
});
