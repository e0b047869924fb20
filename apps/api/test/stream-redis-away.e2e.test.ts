import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { click, post } from './requests.ts';
import { openStream, type StreamReader, sumOf } from './stream-reader.ts';
import { startTracker, type Tracker } from './tracker.ts';

let tracker: Tracker;
let reader: StreamReader;

beforeAll(async () => {
  tracker = await startTracker({ apart: true, worker: true });
  reader = await openStream(`${tracker.url}/api/stream?window=5m`);
  await until(() => reader.frames.at(-1)?.source === 'redis');
}, 270_000);

afterAll(async () => {
  await reader?.close();
  await tracker?.stop();
}, 180_000);

const last = () => reader.frames.at(-1)!;
const sendClicks = async (count: number) => {
  for (let at = 0; at < count; at += 1)
    await until(async () => (await post(`${tracker.url}/api/events`, click())).status === 202);
};

/** All that was sent is in a frame. */
async function untilQuiet(): Promise<void> {
  const seen = reader.frames.length;
  await until(() => reader.frames.slice(seen).filter(({ perSecond }) => perSecond.CLICK === 0).length >= 2);
}

async function expectClicks(count: number): Promise<void> {
  await untilQuiet();
  const before = sumOf(reader.frames, 'CLICK');
  await sendClicks(count);
  await until(() => sumOf(reader.frames, 'CLICK') === before + count, { what: `${count} clicks` });
}

const untilAllIsBack = () =>
  until(() => last().source === 'redis' && last().breakers.fast === 'closed' && last().workers === 1, {
    what: 'frames from Redis',
    limitMs: 90_000,
  });

type Away = [how: string, begin: () => unknown, end: () => unknown];
const misfortunes = (store: () => Tracker['redis']): Away[] => [
  ['killed', () => store().kill(), () => store().start()],
  ['hung', () => store().pause(), () => store().resume()],
];

describe.each(misfortunes(() => tracker.viewsRedis))("with the views' Redis %s", (_name, begin, end) => {
  test('frames come from PostgreSQL, workers are heard through it, and the fast lane stays open', async () => {
    await begin();
    // What is committed before the API listens in PostgreSQL may not be heard.
    await until(
      async () => {
        await sendClicks(1);
        return last().source === 'postgres' && last().workers === 1 && last().perSecond.CLICK! > 0;
      },
      { everyMs: 250, what: 'frames from PostgreSQL', limitMs: 60_000 },
    );
    await expectClicks(10);
    expect(last()).toMatchObject({ source: 'postgres', breakers: { fast: 'closed', durable: 'closed' } });
    expect(last().lanes[0]).toMatchObject({ name: 'fast', waiting: 0 });
    await end();
    await untilAllIsBack();
    await expectClicks(10);
  }, 270_000);
});

describe.each(misfortunes(() => tracker.redis))("with the fast lane's Redis %s", (_name, begin, end) => {
  test('frames come from the views, and show what the durable lane takes', async () => {
    await begin();
    await sendClicks(3);
    await until(() => last().breakers.fast === 'open', { what: 'a lane that is away' });
    const seen = reader.frames.length;
    await expectClicks(10);
    expect(new Set(reader.frames.slice(seen).map(({ source }) => source))).toEqual(new Set(['redis']));
    expect(last().workers).toBe(1);
    await end();
    await untilAllIsBack();
    await expectClicks(10);
  }, 270_000);
});
