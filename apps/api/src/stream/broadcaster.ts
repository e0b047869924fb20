import type { ServerResponse } from 'node:http';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';

/** Server-sent events to however many readers, each of whom watches one topic. */
export interface Broadcaster<Topic> {
  /** False when there are as many readers as there may be, or none is taken any more. */
  add(topic: Topic, response: ServerResponse): boolean;
  readers(): number;
  /** Ends every stream. */
  close(): Promise<void>;
}

const everyMs = 1000;
/** Written in one turn of the event loop: a thousand readers must not hold up those who send events. */
const readersPerTurn = 50;
/** So many frames in a row that a reader could not take, and it is taken to be gone. */
const skippedMax = 30;
/** What a reader gets to take the end of its stream in. */
const goodbyeMs = 500;

/**
 * Frames are made once a second, and each is one buffer that all its readers are written. A reader that still has some
 * of an earlier frame to take is skipped: nothing is kept for it. With no reader nothing is made.
 */
export function createBroadcaster<Topic>(deps: {
  makeFrames(topics: ReadonlySet<Topic>): Promise<ReadonlyMap<Topic, string>>;
  readersMax: number;
  onError(cause: unknown): void;
}): Broadcaster<Topic> {
  const { makeFrames, readersMax, onError } = deps;
  const readers = new Map<ServerResponse, { topic: Topic; skipped: number }>();
  let frames = new Map<Topic, Buffer>();
  let running: Promise<void> | undefined;
  const ending = new AbortController();

  function write(response: ServerResponse, data: Buffer): void {
    const reader = readers.get(response);
    if (!reader) return;
    if (response.writableLength === 0) {
      reader.skipped = 0;
      response.write(data);
      return;
    }
    reader.skipped += 1;
    if (reader.skipped > skippedMax) response.destroy();
  }

  async function round(): Promise<void> {
    const topics = new Set([...readers.values()].map(({ topic }) => topic));
    try {
      const made = await makeFrames(topics);
      frames = new Map([...made].map(([topic, json]) => [topic, Buffer.from(`data: ${json}\n\n`)]));
    } catch (cause) {
      frames = new Map();
      onError(cause);
    }
    let written = 0;
    for (const [response, { topic }] of [...readers]) {
      write(response, frames.get(topic) ?? heartbeat);
      written += 1;
      if (written % readersPerTurn === 0) await turn();
    }
  }

  async function run(): Promise<void> {
    while (readers.size > 0 && !ending.signal.aborted) {
      const startedAt = performance.now();
      await round();
      const restMs = everyMs - (performance.now() - startedAt);
      await pause(Math.max(restMs, 0), undefined, { signal: ending.signal }).catch(() => {});
    }
    frames = new Map();
    running = undefined;
  }

  return {
    add(topic, response) {
      if (readers.size >= readersMax || ending.signal.aborted) return false;
      readers.set(response, { topic, skipped: 0 });
      response.write(opening);
      response.once('close', () => readers.delete(response));
      const latest = frames.get(topic);
      if (latest) write(response, latest);
      running ??= run();
      return true;
    },
    readers: () => readers.size,
    async close() {
      ending.abort();
      await running;
      const open = [...readers.keys()];
      for (const response of open) response.end();
      const gone = Promise.all(
        open
          .filter((response) => !response.closed)
          .map((response) => new Promise((resolve) => response.once('close', resolve))),
      );
      await Promise.race([gone, pause(goodbyeMs, undefined, { ref: false })]);
      for (const response of readers.keys()) response.destroy();
    },
  };
}

/** How long a browser waits before it connects again, in milliseconds. */
const opening = Buffer.from('retry: 2000\n\n');

/** A comment: it keeps a connection open that nothing else can be said on. */
const heartbeat = Buffer.from(': still here\n\n');
