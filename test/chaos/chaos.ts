import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClosers } from '@event-tracker/runtime';
import { startTestPostgres, startTestRedis, startTestViewsRedis } from '@event-tracker/testing';
import { Redis } from 'ioredis';
import pg from 'pg';
import { untilAtRest, wrongAtRest } from '../at-rest.ts';
import { seededRandom } from '../random-events.ts';
import { runClient } from './client.ts';
import { compareJournal, type Fates } from './compare-journal.ts';
import { apiNames, faultSchedule, workerNames } from './fault-schedule.ts';
import { createFleet } from './fleet.ts';
import { createJournal, type Maker } from './journal.ts';
import { runReader } from './reader.ts';
import { type FaultRun, runFaults } from './run-faults.ts';
import { createTally, type Tally } from './tally.ts';

export interface ChaosOptions {
  seed: number;
  /** How long clients send and faults happen. */
  runMs: number;
  /** What the clients aim at together, while nothing holds them up. */
  eventsPerSecond: number;
  say(line: string): void;
  /** Breaks the run off: everything is ended, and the signal's reason is thrown. */
  signal?: AbortSignal;
}

export interface ChaosResult {
  fates: Record<Maker, Fates>;
  faults: FaultRun;
  tally: Tally;
  /** From the end of the load until the lanes were empty and the views showed it. */
  catchUpMs: number;
  /** Empty: all went well. */
  wrong: string[];
  /** The processes' logs, when something is wrong. */
  logFolder: string;
}

const clientCount = 24;
const restLimitMs = 180_000;
const dayMs = 24 * 3_600_000;
/** As shipped: what is killed here comes back with what it had promised. */
const durable = { synchronous_commit: 'on', full_page_writes: 'on' };

/** Disturbs a system of two APIs, two workers and three stores under load, and compares what is left with what was sent. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, runMs, say, signal } = options;
  const logFolder = mkdtempSync(join(tmpdir(), 'event-tracker-chaos-'));
  const wrong: string[] = [];
  const closers = createClosers((what, cause) => wrong.push(`${what} did not close: ${cause}`));
  try {
    return await run();
  } finally {
    await closers.closeAll().catch(() => {});
    if (wrong.length === 0 || signal?.aborted) rmSync(logFolder, { recursive: true, force: true });
  }

  async function run(): Promise<ChaosResult> {
    const system = await startSystem();
    const { fleet, stores } = system;
    const beganAt = Date.now();
    const journal = createJournal();
    const tally = createTally(() => performance.now());
    const load = new AbortController();
    signal?.throwIfAborted();
    const traffic = startTraffic(load.signal);

    const began = performance.now();
    const sleepUntil = (atMs: number) =>
      pause(Math.max(0, began + atMs - performance.now()), undefined, { signal });
    const faults = runFaults(faultSchedule(seed, runMs), {
      fleet,
      stores,
      signal: load.signal,
      sleepUntil,
      say,
      onWrong: (what) => void wrong.push(what),
    });
    // Ended early when the run is broken off: a store that is about to start again can't be stopped yet.
    closers.add('faults', () => {
      load.abort();
      return faults.settled();
    });
    await faults.over;
    await sleepUntil(runMs);
    await faults.settled();
    load.abort();
    const loadEndedAt = performance.now();
    say(`${(runMs / 1000).toFixed(1).padStart(7)} s  the load ends`);
    await traffic;
    tally.endSilence();

    const { database, redis, viewsRedis } = await connect(system);
    let catchUpMs = Number.NaN;
    const ledger = await untilAtRest({ urls: fleet.urls, database, redis, limitMs: restLimitMs }).catch(
      (cause) => void wrong.push(`no rest: ${cause.cause?.message ?? cause}`),
    );
    if (ledger) catchUpMs = performance.now() - loadEndedAt;
    const compared = await compareJournal(database, journal);
    wrong.push(...compared.wrong);
    const { client, server } = compared.fates;
    const acknowledged = client.acknowledged + server.acknowledged;
    if (ledger) {
      const since = beganAt - dayMs;
      wrong.push(...(await wrongAtRest({ ledger, acknowledged, database, redis: viewsRedis, since })));
    }
    for (const [what, detail] of tally.unexpected) wrong.push(`${what}: ${detail}`);
    return { fates: compared.fates, faults, tally, catchUpMs, wrong, logFolder };

    function startTraffic(ended: AbortSignal): Promise<unknown> {
      const random = seededRandom(seed + 1);
      let numbers = 0;
      const takeNumbers = (count: number) => {
        numbers += count;
        return numbers - count;
      };
      const common = { random, urls: fleet.urls, tally, signal: ended };
      const eventsPerSecond = options.eventsPerSecond / clientCount;
      const clients = Array.from({ length: clientCount }, () =>
        runClient({ ...common, wasStopped: fleet.wasStopped, journal, takeNumbers, eventsPerSecond }),
      );
      return Promise.all([...clients, runReader(common)]);
    }
  }

  async function startSystem() {
    const [postgres, redis, viewsRedis] = await Promise.all([
      startTestPostgres(durable),
      startTestRedis(),
      startTestViewsRedis(),
    ]);
    const stores = { postgres, redis, viewsRedis };
    closers.add('stores', () => Promise.all(Object.values(stores).map((store) => store.stop())));
    const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url, VIEWS_REDIS_URL: viewsRedis.url };
    const fleet = createFleet({ env, logFolder, onWrong: (what) => void wrong.push(what) });
    closers.add('processes', () => fleet.close());
    await Promise.all([...apiNames, ...workerNames].map((name) => fleet.start(name)));
    return { fleet, stores };
  }

  async function connect({ stores }: Awaited<ReturnType<typeof startSystem>>) {
    const database = new pg.Client(stores.postgres.url);
    await database.connect();
    closers.add('database client', () => database.end());
    const [redis, viewsRedis] = [new Redis(stores.redis.url), new Redis(stores.viewsRedis.url)];
    for (const client of [redis, viewsRedis]) closers.add('Redis client', () => client.disconnect());
    return { database, redis, viewsRedis };
  }
}
