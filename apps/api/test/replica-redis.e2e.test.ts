import { poll, startTestRedis, type TestProcess, type TestStore, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { click, expectStatus, get, post } from './requests.ts';
import { startTracker, type Tracker } from './tracker.ts';

interface Readiness {
  status: string;
  dependencies: Record<string, string>;
  reasons: string[];
}

let tracker: Tracker;
let worker: TestProcess;
let primary: TestStore;
let redis: Redis<'legacy'>;

beforeAll(async () => {
  [tracker, primary] = await Promise.all([startTracker(), startTestRedis()]);
  worker = await tracker.addWorker();
  redis = new Redis<'legacy'>(tracker.redis.url);
});

afterAll(async () => {
  redis.disconnect();
  await tracker.stop();
  await primary.stop();
});

const readiness = (url: string) => expectStatus<Readiness>(fetch(`${url}/readyz`), 200);
const linesOf = (text: string) =>
  worker
    .output()
    .split('\n')
    .filter((line) => line.includes(text));

const inFlight = async () => (await get<{ inFlight: number }>(`${tracker.url}/admin/ledger`)).body.inFlight;

test('a Redis that a failover made a replica is away, each process says why, and events are taken and stored', async () => {
  const { port, password } = new URL(primary.url);
  await redis.config('SET', 'masterauth', decodeURIComponent(password));
  await redis.replicaof('127.0.0.1', Number(port));
  const why = `is a replica of 127.0.0.1:${port}, and takes no writes (READONLY)`;

  const [ofApi, ofWorker] = await Promise.all(
    [tracker.url, worker.url].map((url) =>
      poll(async () => {
        const ready = await readiness(url);
        return ready.reasons.some((reason) => reason.includes(why)) ? ready : undefined;
      }),
    ),
  );
  expect(ofApi).toMatchObject({ status: 'degraded', dependencies: { redis: 'down', postgres: 'up' } });
  expect(ofWorker).toMatchObject({ status: 'degraded', dependencies: { lane: 'down', postgres: 'up' } });

  for (let event = 0; event < 5; event += 1)
    await expectStatus(post(`${tracker.url}/api/events`, click()), 202);
  // The consumers' calls are refused, and made again.
  await until(async () => (await refused()) >= 8);
  await redis.replicaof('NO', 'ONE');
  await until(async () => (await readiness(tracker.url)).status === 'ready');
  await until(async () => (await readiness(worker.url)).status === 'ready');
  await until(async () => (await inFlight()) === 0);
  await until(() => linesOf('Redis is back').length > 0);

  expect(linesOf('Redis is away')).toHaveLength(1);
  // Who else writes there says it once, too; a consumer says it for no call.
  const complaints = linesOf('READONLY').map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(complaints).toEqual([...new Set(complaints)]);
  expect(complaints.filter((what) => ['fast lane', 'quarantine'].includes(what))).toEqual([]);
});

/** Commands that Redis refused as a replica. */
async function refused(): Promise<number> {
  const info = await redis.info('errorstats');
  return Number(/^errorstat_READONLY:count=(\d+)/m.exec(info)?.[1] ?? 0);
}
