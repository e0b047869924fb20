import { once } from 'node:events';
import { createClosers, redisUrls, withTimeout } from '@event-tracker/runtime';
import {
  checkSchema,
  connectRedis,
  createPool,
  createViewDebts,
  createViewFreshness,
  createViewKeeper,
  createViews,
} from '@event-tracker/storage';
import { loadConfig } from './config.ts';

/** A store that does not answer for so long is away. */
const answerLimitMs = 5000;

/** Lines, not a counter that overwrites itself: the output may go to a log. */
const progressEveryMs = 1000;

const closers = createClosers();
try {
  const config = loadConfig(process.env);
  const now = Date.now;
  const pool = createPool({
    url: config.DATABASE_URL,
    applicationName: 'event-tracker-rebuild',
    max: 4,
    connectTimeoutMs: answerLimitMs,
    // A view of a whole day is read in one go.
    queryTimeoutMs: 600_000,
    onError: () => {},
  });
  closers.add('PostgreSQL', () => pool.end());
  await reach('PostgreSQL', checkSchema(pool));
  const redis = connectRedis({
    url: redisUrls(config).views,
    name: 'rebuild',
    mode: 'fail-fast',
    commandTimeoutMs: answerLimitMs,
    onError: () => {},
  });
  closers.add('Redis', () => redis.disconnect());
  await reach('Redis', once(redis, 'ready'));
  const views = createViews({ redis, now, membersMax: config.VIEW_MEMBERS_MAX });
  const freshness = createViewFreshness(redis);
  const keeper = createViewKeeper({ pool, views, debts: createViewDebts(pool), freshness, now });
  const startedAt = now();
  const secondsSoFar = () => Math.max((now() - startedAt) / 1000, 0.001);
  const rate = (counts: number) => `${Math.round(counts / secondsSoFar())} a second`;
  let toldAt = startedAt;
  const merged = await keeper.rebuild((counts) => {
    if (now() - toldAt < progressEveryMs) return;
    toldAt = now();
    console.log(`${counts} counts merged, ${rate(counts)}`);
  });
  const seconds = secondsSoFar().toFixed(1);
  console.log(`Made the views anew from PostgreSQL: ${merged} counts in ${seconds} s, ${rate(merged)}.`);
} catch (cause) {
  console.error(`The views could not be made anew: ${cause instanceof Error ? cause.message : cause}`);
  process.exitCode = 1;
} finally {
  await closers.closeAll();
}

async function reach(store: string, answer: Promise<unknown>): Promise<void> {
  try {
    await withTimeout(answer, answerLimitMs, 'an answer');
  } catch (cause) {
    throw new Error(`${store}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
