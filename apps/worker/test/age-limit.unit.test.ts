import { randomUUID } from 'node:crypto';
import type { Batch } from '@event-tracker/domain';
import { expect, test } from '@jest/globals';
import { withAgeLimit } from '../src/age-limit.ts';

const now = Date.UTC(2026, 10, 23);

function aBatch(ageMs: number): Batch {
  const fields = { sessionId: 's-1', componentId: 1002, occurredAt: 0, receivedAt: now - ageMs };
  const event = { eventId: randomUUID(), clientId: false, eventType: 'CLICK' as const, ...fields };
  return { id: randomUUID(), producer: randomUUID(), acknowledged: 0, events: [event] };
}

function start({ committed }: { committed: boolean }) {
  const processed: Batch[] = [];
  const process = withAgeLimit({
    process: async (batch) => void processed.push(batch),
    isCommitted: async () => committed,
    ageMaxMs: 1000,
    now: () => now,
  });
  return { processed, process };
}

test('a batch that is older than may be committed goes to the dead letters', async () => {
  const { processed, process } = start({ committed: false });
  await expect(process(aBatch(1001))).rejects.toMatchObject({ name: 'Unprocessable', code: 'too-old' });
  expect(processed).toEqual([]);
});

test('an old batch that is committed already is let go', async () => {
  const { processed, process } = start({ committed: true });
  const batch = aBatch(1001);
  await process(batch);
  expect(processed).toEqual([batch]);
});

test('a younger batch is processed', async () => {
  const { processed, process } = start({ committed: false });
  const batch = aBatch(1000);
  await process(batch);
  expect(processed).toEqual([batch]);
});
