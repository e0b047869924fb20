import { setTimeout as pause } from 'node:timers/promises';
import type { SentEvent } from './model.ts';

const retryMs = 200;

/** Sends as a careful client does: whatever is not acknowledged is sent again, with the same ids, until it is. */
export async function sendUntilAccepted(
  urls: readonly string[],
  events: readonly SentEvent[],
): Promise<void> {
  const [path, body] = events.length === 1 ? ['', events[0]] : ['/batch', { events }];
  for (let attempt = Math.floor(Math.random() * urls.length); ; attempt += 1) {
    try {
      const response = await fetch(`${urls[attempt % urls.length]}/api/events${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(30_000),
      });
      const answer = await response.text();
      if (response.status === 202) return;
      if (response.status < 500) throw new RangeError(`the events are not valid: ${answer}`);
    } catch (cause) {
      if (cause instanceof RangeError) throw cause;
    }
    await pause(retryMs);
  }
}

/**
 * Sends all events, singly and in batches, those with an id some of them again: in the order of a seeded shuffle, with `lanes`
 * requests under way at a time. `beforeEach` is awaited before each request, to slow it down or to stir things up.
 */
export async function sendShuffled(options: {
  urls: readonly string[];
  events: readonly SentEvent[];
  random: () => number;
  lanes: number;
  beforeEach?: () => Promise<void> | void;
}): Promise<{ requests: number; sent: number }> {
  const { urls, events, random, lanes, beforeEach = () => {} } = options;
  const repeats = events.filter((event) => event.eventId !== undefined && random() < 0.3);
  const queue = shuffled([...events, ...repeats, ...repeats.filter(() => random() < 0.3)], random);
  const sent = queue.length;
  const requests: SentEvent[][] = [];
  while (queue.length > 0)
    requests.push(queue.splice(0, random() < 0.5 ? 1 : 1 + Math.floor(random() * 120)));
  let next = 0;
  async function lane(): Promise<void> {
    while (next < requests.length) {
      const request = requests[next]!;
      next += 1;
      await beforeEach();
      await sendUntilAccepted(urls, request);
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  return { requests: requests.length, sent };
}

function shuffled<T>(items: T[], random: () => number): T[] {
  for (let at = items.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [items[at], items[other]] = [items[other]!, items[at]!];
  }
  return items;
}
