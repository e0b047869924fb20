import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from './http.ts';

/** Between two looks; what is found lies in the middle of it, on average. */
const lookEveryMs = 3;
const visibleLimitMs = 10_000;

/** Far from the components of the scenario, so that nobody else counts there. */
let nextComponent = 1_000_000;

/** Milliseconds until the answer that counted an event: from when it was sent, and from its 202. */
export interface Visible {
  sinceSent: number;
  sinceAcknowledged: number;
}

/**
 * Measures again and again how long an event takes until `GET /api/statistics` counts it: sends one click, looks until the
 * count has it, sends the next, until `until` (performance.now).
 */
export async function probeVisibility(url: string, until: number): Promise<Visible[]> {
  const client = createClient(url);
  nextComponent += 1;
  const componentId = nextComponent;
  const sessionId = randomUUID();
  const path = `/api/statistics?eventType=CLICK&componentId=${componentId}&window=15m`;
  const seen: Visible[] = [];
  try {
    while (performance.now() < until) {
      const sentAt = performance.now();
      const sent = await client.post('/api/events', {
        eventType: 'CLICK',
        sessionId,
        metadata: { componentId },
      });
      if (sent.status !== 202) throw new Error(`a probe was answered with ${sent.status}: ${sent.body}`);
      const acknowledgedAt = performance.now();
      for (;;) {
        const answer = await client.get(path);
        const now = performance.now();
        if (answer.status === 200 && (JSON.parse(answer.body) as { count: number }).count > seen.length) {
          seen.push({ sinceSent: now - sentAt, sinceAcknowledged: now - acknowledgedAt });
          break;
        }
        if (now - acknowledgedAt > visibleLimitMs)
          throw new Error(
            `an event was not visible after ${visibleLimitMs} ms: ${answer.status} ${answer.body}`,
          );
        await pause(lookEveryMs);
      }
    }
  } finally {
    client.close();
  }
  return seen;
}
