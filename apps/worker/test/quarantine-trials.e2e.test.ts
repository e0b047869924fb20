import {
  startTestPostgres,
  startTestRedis,
  type TestProcess,
  type TestStore,
  until,
} from '@event-tracker/testing';
import { afterAll, expect, test } from '@jest/globals';
import { openTestQuarantine, type TestQuarantine, trialOf } from './support/test-quarantine.ts';
import { aBatch, eachOnce, openTestSystem, type TestSystem } from './support/test-system.ts';

/** A lost worker's job is found, waits for the length of a trial, and is tried again. */
const settledLimitMs = 60_000;
const trialLimitMs = 5000;
const events = 7;

const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

interface Trial {
  system: TestSystem;
  quarantine: TestQuarantine;
  postgres: TestStore;
  redis: TestStore;
  worker: TestProcess;
  batch: ReturnType<typeof aBatch>;
  /** Lets its commit end. */
  release(): Promise<void>;
}

/** A worker whose trial of a batch waits in its commit. */
async function openTrial(): Promise<Trial> {
  const [postgres, redis] = await Promise.all([startTestPostgres(), startTestRedis()]);
  closers.push(
    () => postgres.stop(),
    () => redis.stop(),
  );
  const system = await openTestSystem({ databaseUrl: postgres.url, redisUrl: redis.url });
  closers.push(() => system.close());
  const quarantine = openTestQuarantine(system.redis);
  closers.push(() => quarantine.close());

  const release = await system.lock('batch');
  const batch = aBatch(events);
  await quarantine.put(batch);
  const worker = await system.startWorker();
  await until(async () => (await system.trialsWaiting()) > 0, { what: 'the commit of a trial' });
  return { system, quarantine, postgres, redis, worker, batch, release };
}

async function deathsOnceSettled({ system, quarantine, batch }: Trial): Promise<number | undefined> {
  await until(async () => (await quarantine.job(batch)).state === 'completed', {
    limitMs: settledLimitMs,
    what: 'the end of the last trial',
  });
  const { record } = await quarantine.job(batch);
  expect(await system.outcomeAtRest()).toEqual(eachOnce(events));
  return record.deaths;
}

test.concurrent('a trial that a lost worker left open counts as a death after the length of a trial, and the job is tried again', async () => {
  const trial = await openTrial();
  const { system, quarantine, worker, batch } = trial;
  expect((await quarantine.job(batch)).record).toMatchObject({ deaths: 0, open: { suspected: false } });
  worker.signal('SIGKILL');
  await worker.ended;
  await trial.release();

  await system.startWorker({ TRIAL_TIMEOUT_MS: `${trialLimitMs}` });
  const suspect = async () => (await quarantine.job(batch)).record.open?.suspected === true;
  await until(suspect, { limitMs: settledLimitMs, what: 'the suspicion' });
  const since = performance.now();
  expect((await quarantine.job(batch)).record.deaths).toBe(0);
  expect((await system.outcome()).stored).toBe(0);
  expect(await deathsOnceSettled(trial)).toBe(1);
  expect(performance.now() - since).toBeGreaterThan(trialLimitMs / 2);
}, 150_000);

test.concurrent.each(['redis', 'postgres'] as const)(
  'a process that is lost over its trial while %s restarts does not count against the job',
  async (store) => {
    const trial = await openTrial();
    // It must not tell of the store's end before it is lost itself.
    const pid = await trialOf(trial.worker);
    process.kill(pid, 'SIGSTOP');
    await trial[store].kill();
    process.kill(pid, 'SIGKILL');
    await trial[store].start();
    await trial.release();
    expect(await deathsOnceSettled(trial)).toBe(0);
  },
  150_000,
);

test.concurrent('a trial that a lost worker left open does not count when a store was started anew since', async () => {
  const trial = await openTrial();
  trial.worker.signal('SIGKILL');
  await trial.worker.ended;
  await trial.redis.kill();
  await trial.redis.start();
  await trial.release();
  await trial.system.startWorker();
  expect(await deathsOnceSettled(trial)).toBe(0);
}, 150_000);
