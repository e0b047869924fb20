import { startTestPostgres, type TestStore, until } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { click, expectStatus, post } from './requests.ts';
import { openStream, type StreamReader, sumOf } from './stream-reader.ts';
import { startTracker, type Tracker } from './tracker.ts';

let postgres: TestStore;
let tracker: Tracker;
let reader: StreamReader;

beforeAll(async () => {
  postgres = await startTestPostgres();
  tracker = await startTracker({ databaseUrl: postgres.url, worker: true });
  reader = await openStream(`${tracker.url}/api/stream?window=5m`);
  await until(() => reader.frames.at(-1)?.source === 'redis');
}, 270_000);

afterAll(async () => {
  await reader?.close();
  await tracker?.stop();
  await postgres?.stop();
}, 180_000);

const last = () => reader.frames.at(-1)!;
const sendClicks = async (count: number) => {
  for (let at = 0; at < count; at += 1)
    await until(async () => (await post(`${tracker.url}/api/events`, click())).status === 202);
};

/** All that was sent is told of. */
async function untilQuiet(): Promise<void> {
  const seen = reader.frames.length;
  await until(() => reader.frames.slice(seen).filter(({ perSecond }) => perSecond.CLICK === 0).length >= 2);
}

test('without Redis the stream goes on: what is committed and which workers live is heard through PostgreSQL', async () => {
  await tracker.redis.kill();
  // Told before anybody listens in PostgreSQL, the first ones may not be heard.
  await until(
    async () => {
      await sendClicks(1);
      return last().source === 'postgres' && last().breakers.fast === 'open' && last().perSecond.CLICK! > 0;
    },
    { everyMs: 250, what: 'frames from PostgreSQL' },
  );
  await untilQuiet();
  expect(last().lanes[0]).toEqual({ name: 'fast', waiting: null, oldestSeconds: null });
  const before = sumOf(reader.frames, 'CLICK');
  await sendClicks(10);
  await until(() => sumOf(reader.frames, 'CLICK') === before + 10, { what: 'ten clicks' });

  await tracker.redis.start();
  await until(() => last().source === 'redis' && last().breakers.fast === 'closed' && last().workers === 1, {
    what: 'frames from Redis',
    limitMs: 90_000,
  });
  await sendClicks(10);
  await until(() => sumOf(reader.frames, 'CLICK') === before + 20, { what: 'ten more clicks' });
}, 270_000);

test('a Redis that hangs holds up no frame for longer than its time limits', async () => {
  tracker.redis.pause();
  try {
    const seen = reader.frames.length;
    await until(() => reader.frames.length >= seen + 4, { limitMs: 36_000, what: 'four frames' });
    await until(() => last().source === 'postgres' && last().workers === 1, {
      what: 'a worker that is heard',
    });
  } finally {
    tracker.redis.resume();
  }
  await until(() => last().source === 'redis', { limitMs: 90_000, what: 'frames from Redis' });
}, 270_000);

test('without PostgreSQL the stream goes on from Redis, and shows what waits', async () => {
  await postgres.kill();
  await expectStatus(post(`${tracker.url}/api/events`, click()), 202);
  await until(() => last().lanes[1]!.waiting === null && last().source === 'redis' && last().workers === 1, {
    what: 'frames without PostgreSQL',
  });
  expect(last().lanes[0]!.oldestSeconds).toBeGreaterThan(0);
  const before = sumOf(reader.frames, 'CLICK');
  await postgres.start();
  await until(() => sumOf(reader.frames, 'CLICK') === before + 1, { limitMs: 90_000, what: 'the click' });
}, 270_000);
