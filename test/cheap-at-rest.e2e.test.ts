import {
  poll,
  startApi,
  startTestPostgres,
  startTestRedis,
  startWorker,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, beforeAll, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';

/** An API, a worker and both stores together. */
const transactionsPerSecondMax = 5;
const commandsPerSecondMax = 60;
/** PostgreSQL's sessions report what they did after 10 s at the latest. */
const windowMs = 20_000;

const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

let read: () => Promise<{ transactions: number; commands: number }>;

beforeAll(async () => {
  const [postgres, redis] = await Promise.all([startTestPostgres(), startTestRedis()]);
  closers.push(postgres.stop, redis.stop);
  const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url };
  const processes = await Promise.all([startApi(env), startWorker(env)]);
  closers.push(...processes.map(({ stop }) => stop));
  await Promise.all(processes.map(untilReady));
  const client = new pg.Client(postgres.url);
  await client.connect();
  closers.push(() => client.end());
  const asked = new Redis(redis.url);
  closers.push(() => asked.disconnect());
  read = async () => {
    const { rows } = await client.query<{ transactions: number }>(
      'select sum(xact_commit + xact_rollback)::integer as transactions from pg_stat_database',
    );
    const info = await asked.info('stats');
    return {
      transactions: rows[0]!.transactions,
      commands: Number(/total_commands_processed:(\d+)/.exec(info)![1]),
    };
  };
});

test('while nothing comes the processes ask next to nothing of the stores', async () => {
  let before = await read();
  let since = performance.now();
  // The first windows hold what is done at a start, and one in three what is done once a minute.
  const seen: unknown[] = [];
  await poll(
    async () => {
      const seconds = (performance.now() - since) / 1000;
      if (seconds * 1000 < windowMs) return undefined;
      const after = await read();
      const found = {
        transactions: (after.transactions - before.transactions) / seconds,
        commands: (after.commands - before.commands) / seconds,
      };
      before = after;
      since = performance.now();
      seen.push(found);
      const isCheap = found.transactions <= transactionsPerSecondMax && found.commands < commandsPerSecondMax;
      return isCheap ? found : undefined;
    },
    { limitMs: 8 * windowMs },
  ).catch((cause: unknown) => {
    throw new Error(`each window was dearer: ${JSON.stringify(seen)}`, { cause });
  });
}, 240_000);
