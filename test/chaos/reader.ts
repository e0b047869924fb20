import { setTimeout as pause } from 'node:timers/promises';
import type { Tally } from './tally.ts';

const paths = [
  '/api/statistics?eventType=CLICK&componentId=1001&window=1h',
  '/api/statistics?eventType=LIKE&postId=3&window=24h',
  '/api/statistics/keywords/top?window=1h',
  '/api/search/recent/7',
  '/readyz',
];

const everyMs = 250;
const answerLimitMs = 10_000;

/** Reads now and then until the load ends: an outage makes for a 503, nothing for a 500. */
export async function runReader(options: {
  urls: () => readonly string[];
  random: () => number;
  tally: Tally;
  signal: AbortSignal;
}): Promise<void> {
  const { urls, random, tally, signal } = options;
  const one = (items: readonly string[]): string => items[Math.floor(random() * items.length)]!;
  while (!signal.aborted) {
    const path = one(paths);
    const sentAt = performance.now();
    try {
      const response = await fetch(`${one(urls())}${path}`, { signal: AbortSignal.timeout(answerLimitMs) });
      const body = await response.text();
      tally.answered(`read: ${response.status}`, performance.now() - sentAt);
      if (response.status !== 200 && response.status !== 503)
        tally.wrong(`GET ${path} answered ${response.status}`, body.slice(0, 500));
    } catch {
      tally.answered('read: no answer', performance.now() - sentAt);
    }
    await pause(everyMs, undefined, { signal }).catch(() => {});
  }
}
