import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from './http.ts';

/** Between two looks; what is found lies in the middle of it, on average. */
const lookEveryMs = 3;
const visibleLimitMs = 10_000;

/** Far from the components of the scenario, so that nobody else counts there. */
let nextComponent = 1_000_000;

/**
 * Asks for a second or so at a time how long an event takes from its 202 until `GET /api/statistics` counts it: sends
 * one click, looks until the count has it, sends the next, until `until` (performance.now). Milliseconds.
 */
export async function probeVisibility(url: string, until: number): Promise<number[]> {
  const client = createClient(url);
  nextComponent += 1;
  const componentId = nextComponent;
  const sessionId = randomUUID();
  const path = `/api/statistics?eventType=CLICK&componentId=${componentId}&window=15m`;
  const times: number[] = [];
  try {
    while (performance.now() < until) {
      const sent = await client.post('/api/events', {
        eventType: 'CLICK',
        sessionId,
        metadata: { componentId },
      });
      if (sent.status !== 202) throw new Error(`a probe was answered with ${sent.status}: ${sent.body}`);
      const acknowledgedAt = performance.now();
      for (;;) {
        const seen = await client.get(path);
        const now = performance.now();
        if (seen.status === 200 && (JSON.parse(seen.body) as { count: number }).count > times.length) {
          times.push(now - acknowledgedAt);
          break;
        }
        if (now - acknowledgedAt > visibleLimitMs)
          throw new Error(`an event was not visible after ${visibleLimitMs} ms: ${seen.status} ${seen.body}`);
        await pause(lookEveryMs);
      }
    }
  } finally {
    client.close();
  }
  return times;
}
