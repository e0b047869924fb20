import { randomUUID } from 'node:crypto';
import type { Batch, TrackedEvent } from '@event-tracker/domain';
import { createFastLane, type FastLane } from '@event-tracker/queue';
import { connectRedis, createViewReader, type Redis, type ViewReader } from '@event-tracker/storage';
import { startWorker, type TestProcess, until } from '@event-tracker/testing';
import pg from 'pg';

export interface Stores {
  databaseUrl: string;
  redisUrl: string;
}

/** What is on the lane, in batches. */
export type LaneCounts = Record<'wait' | 'active' | 'delayed' | 'failed' | 'completed', number>;

/** What became of events, in events, but for `waiting` and `debts`. */
export interface Outcome {
  received: number;
  stored: number;
  rows: number;
  counted: number;
  /** Rows that commits appended and no fold has added up, or entered in the books. */
  waiting: number;
  /** Folds that the views may not show. */
  debts: number;
}

/**
 * Tables without which something can't go on: a commit its first step (`batch`) or its last (`pending_entry`), a fold
 * (`statistic`), the books (`producer`).
 */
export type LockedTable = 'batch' | 'pending_entry' | 'statistic' | 'producer';

/** A system without its API: stores, a lane that the test puts batches on, and workers. */
export interface TestSystem {
  env: { DATABASE_URL: string; REDIS_URL: string };
  redis: Redis;
  lane: FastLane;
  reader: ViewReader;
  startWorker(env?: Record<string, string>): Promise<TestProcess>;
  /** So many batches of so many clicks each. */
  putOnLane(batches: number, eventsEach: number): Promise<void>;
  laneCounts(): Promise<LaneCounts>;
  outcome(): Promise<Outcome>;
  /** Rows of `dead_letter`. */
  deadLetters(): Promise<number>;
  /** Waits until nothing is on the lane, nothing waits to be added up, and no debt stands; answers what became of the events. */
  outcomeAtRest(): Promise<Outcome>;
  /** Nobody can write to the table until the answer is called. */
  lock(table: LockedTable): Promise<() => Promise<void>>;
  /** Commits that wait for such a lock. */
  commitsWaiting(): Promise<number>;
  /** Such commits of a batch that is tried alone. */
  trialsWaiting(): Promise<number>;
  /** Ends the workers that still run and every connection. */
  close(): Promise<void>;
}

export async function openTestSystem({ databaseUrl, redisUrl }: Stores): Promise<TestSystem> {
  const env = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
  const redis = connectRedis({ url: redisUrl, name: 'test', mode: 'wait', onError: () => {} });
  const lane = createFastLane({ redis, completedJobsMax: 1000, queueEventsMax: 100, onError: () => {} });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const workers: TestProcess[] = [];
  const locks = new Set<() => Promise<void>>();

  /** Connections of such applications that wait for a lock. */
  async function waiting(applications: string): Promise<number> {
    const { rowCount } = await pool.query(
      `select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and application_name like $1`,
      [applications],
    );
    return rowCount ?? 0;
  }

  const system: TestSystem = {
    env,
    redis,
    lane,
    reader: createViewReader({ redis, now: Date.now }),
    async startWorker(more = {}) {
      const worker = await startWorker({ ...env, ...more });
      workers.push(worker);
      return worker;
    },
    async putOnLane(batches, eventsEach) {
      await until(() =>
        lane.health().then(
          () => true,
          () => false,
        ),
      );
      await Promise.all(Array.from({ length: batches }, () => lane.submit(aBatch(eventsEach))));
    },
    async laneCounts() {
      const counts = await lane.queue.getJobCounts('wait', 'active', 'delayed', 'failed', 'completed');
      return counts as LaneCounts;
    },
    async outcome() {
      const { rows } = await pool.query<Record<keyof Outcome, string>>(`
        select
          (select coalesce(sum(received), 0) from producer) as received,
          (select coalesce(sum(stored), 0) from producer) as stored,
          (select count(*) from event) as rows,
          (select coalesce(sum(count), 0) from statistic) as counted,
          (select count(*) from pending_change) + (select count(*) from pending_entry) as waiting,
          (select count(*) from view_debt) as debts`);
      return Object.fromEntries(
        Object.entries(rows[0]!).map(([name, value]) => [name, Number(value)]),
      ) as unknown as Outcome;
    },
    async deadLetters() {
      const { rowCount } = await pool.query('select from dead_letter');
      return rowCount ?? 0;
    },
    async outcomeAtRest() {
      await until(async () => {
        const { wait, active, delayed } = await system.laneCounts();
        const { waiting, debts } = await system.outcome();
        return wait + active + delayed + waiting + debts === 0;
      });
      return system.outcome();
    },
    async lock(table) {
      const client = await pool.connect();
      await client.query(`begin; lock table ${table} in exclusive mode`);
      const release = async () => {
        if (!locks.delete(release)) return;
        // It ends with its connection, if that is not gone already.
        await client.query('rollback').catch(() => {});
        client.release(true);
      };
      locks.add(release);
      return release;
    },
    commitsWaiting: () => waiting('%'),
    trialsWaiting: () => waiting('event-tracker-trial'),
    async close() {
      // Those of a test that failed.
      for (const release of locks) await release();
      await Promise.all(workers.map((worker) => worker.stop()));
      await lane.close();
      redis.disconnect();
      await pool.end();
    },
  };
  return system;
}

/** The value of a metric without labels, or with these, such as `{outcome="done"}`. */
export async function readMetric({ url }: TestProcess, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`event_tracker_${name}${labels} `));
  if (line === undefined) throw new Error(`there is no metric ${name}${labels}`);
  return Number(line.split(' ').at(-1));
}

/** The outcome of so many events of which each counted once. */
export function eachOnce(events: number): Outcome {
  return { received: events, stored: events, rows: events, counted: events, waiting: 0, debts: 0 };
}

export function aBatch(eventCount: number): Batch {
  const events = Array.from({ length: eventCount }, aClick);
  return { id: randomUUID(), producer: randomUUID(), acknowledged: 0, events };
}

function aClick(): TrackedEvent {
  const now = Date.now();
  return {
    eventId: randomUUID(),
    clientId: false,
    eventType: 'CLICK',
    sessionId: 's-1',
    componentId: 1002,
    occurredAt: now,
    receivedAt: now,
  };
}
