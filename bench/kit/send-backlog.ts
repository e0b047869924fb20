import type { BacklogEvent } from './backlog-events.ts';
import { createClient } from './http.ts';

/**
 * Puts a backlog on the lane through an API, whatever its form is there. One request after the other, so that each
 * becomes one batch.
 */
export async function sendBacklog(url: string, backlog: readonly (readonly BacklogEvent[])[]): Promise<void> {
  const client = createClient(url);
  try {
    for (const events of backlog) {
      const body = events.map(({ at, ...event }) => ({ ...event, occurredAt: new Date(at).toISOString() }));
      const answer = await client.post('/api/events/batch', body);
      if (answer.status !== 202)
        throw new Error(`a batch was answered with ${answer.status}: ${answer.body}`);
    }
  } finally {
    client.close();
  }
}
