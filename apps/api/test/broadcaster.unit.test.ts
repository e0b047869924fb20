import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { until } from '@event-tracker/testing';
import { afterEach, expect, test } from '@jest/globals';
import { type Broadcaster, createBroadcaster } from '../src/stream/broadcaster.ts';

let broadcaster: Broadcaster<string> | undefined;

afterEach(() => broadcaster?.close());

/** Takes what it is written, or, while it is slow, still has some of it to take. */
function fakeReader() {
  const written: string[] = [];
  const events = Object.assign(new EventEmitter(), {
    writableLength: 0,
    closed: false,
    destroyed: false,
    write: (data: Buffer) => written.push(String(data)),
    end() {
      events.closed = true;
      events.emit('close');
    },
    destroy() {
      events.destroyed = true;
      events.end();
    },
  });
  const frames = () => written.filter((text) => text.startsWith('data: '));
  return { response: events as unknown as ServerResponse, events, written, frames };
}

function start(options: Partial<Parameters<typeof createBroadcaster<string>>[0]> = {}) {
  const asked: string[][] = [];
  broadcaster = createBroadcaster<string>({
    async makeFrames(topics) {
      asked.push([...topics].sort());
      return new Map([...topics].map((topic) => [topic, `{"topic":"${topic}","round":${asked.length}}`]));
    },
    readersMax: 100,
    onError: () => {},
    ...options,
  });
  return { broadcaster, asked };
}

test('frames are made once a round for all readers, for the topics that somebody watches', async () => {
  const { broadcaster, asked } = start();
  const readers = ['1h', '5m', '1h'].map((topic) => ({ topic, ...fakeReader() }));
  for (const { topic, response } of readers) broadcaster.add(topic, response);
  await until(() => asked.length >= 3);
  await until(() => readers.every(({ frames }) => frames().length >= 3));
  expect(asked.at(-1)).toEqual(['1h', '5m']);
  for (const { topic, frames } of readers) expect(frames().at(-1)).toContain(`"topic":"${topic}"`);
});

test('with no reader nothing is made', async () => {
  const { broadcaster, asked } = start();
  const reader = fakeReader();
  broadcaster.add('1h', reader.response);
  await until(() => asked.length === 1);
  reader.events.end();
  const other = fakeReader();
  expect(broadcaster.readers()).toBe(0);
  await until(async () => {
    const before = asked.length;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    return asked.length === before;
  });
  broadcaster.add('1h', other.response);
  await until(() => other.frames().length > 0);
});

test('a reader that has not taken the last frame is skipped, and is sent nothing of it later', async () => {
  const { broadcaster, asked } = start();
  const slow = fakeReader();
  const quick = fakeReader();
  broadcaster.add('1h', slow.response);
  broadcaster.add('1h', quick.response);
  await until(() => slow.frames().length === 1);
  slow.events.writableLength = 1;
  await until(() => asked.length >= 3);
  slow.events.writableLength = 0;
  await until(() => slow.frames().length === 2);
  expect(slow.frames()[1]).toContain(`"round":${asked.length}`);
  await until(() => quick.frames().length === asked.length);
});

test('while frames cannot be made, readers get a heartbeat', async () => {
  const { broadcaster } = start({ makeFrames: () => Promise.reject(new Error('no')) });
  const reader = fakeReader();
  broadcaster.add('1h', reader.response);
  await until(() => reader.written.some((text) => text.startsWith(': ')));
  expect(reader.frames()).toEqual([]);
});

test('no more readers are taken than may be, and none once it is closed', async () => {
  const { broadcaster } = start({ readersMax: 1 });
  const first = fakeReader();
  expect(broadcaster.add('1h', first.response)).toBe(true);
  expect(broadcaster.add('1h', fakeReader().response)).toBe(false);
  first.events.end();
  expect(broadcaster.add('1h', fakeReader().response)).toBe(true);
  await broadcaster.close();
  expect(broadcaster.readers()).toBe(0);
  expect(broadcaster.add('1h', fakeReader().response)).toBe(false);
});
