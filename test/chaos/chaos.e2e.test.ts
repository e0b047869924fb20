import { expect, test } from '@jest/globals';
import { runChaos } from './chaos.ts';

test('half a minute of kills and hangs loses nothing and doubles nothing', async () => {
  const result = await runChaos({ seed: 20_261_123, runMs: 30_000, eventsPerSecond: 200, say: () => {} });
  expect(result.wrong).toEqual([]);
  expect(result.faults.injected.length).toBeGreaterThan(5);
  expect(result.fates.client.acknowledged + result.fates.server.acknowledged).toBeGreaterThan(500);
}, 900_000);
