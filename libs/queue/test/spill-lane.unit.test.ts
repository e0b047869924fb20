import { LaneUnavailable } from '@event-tracker/domain';
import { until } from '@event-tracker/testing';
import { afterEach, expect, test } from '@jest/globals';
import { createSpillLane, type SpillLane } from '../src/index.ts';
import { aBatch } from './support/a-batch.ts';
import { createMemoryLane } from './support/memory-lane.ts';

const spills: SpillLane[] = [];
afterEach(() => Promise.all(spills.splice(0).map((spill) => spill.close())));

function open() {
  const [fast, durable] = [createMemoryLane('fast'), createMemoryLane('durable')];
  const told: string[] = [];
  const taken: string[] = [];
  const spill = createSpillLane({
    fast,
    durable,
    fastLimitMs: 50,
    durableLimitMs: 50,
    onTaken: (lane, batch) => taken.push(`${lane} ${batch.events.length}`),
    onChange: (lane, away) => told.push(`${lane} ${away ? 'away' : 'back'}`),
  });
  spills.push(spill);
  return { fast, durable, told, taken, spill };
}

test.each(['away', 'hung'] as const)(
  'what a fast lane that is %s does not take goes to the durable one as the same object',
  async (mood) => {
    const { fast, durable, told, taken, spill } = open();
    fast.mood = mood;
    const batches = [aBatch(), aBatch(2), aBatch(3)];
    for (const batch of batches) await spill.submit(batch);
    expect(durable.taken.map((batch, index) => batch === batches[index])).toEqual([true, true, true]);
    expect(fast.asked).toBe(1);
    expect(spill.counts).toEqual({ spilledBatches: 3, spilledEvents: 6, refusedBatches: 0 });
    fast.mood = 'up';
    await until(() => !spill.breakers.fast.isOpen());
    await spill.submit(aBatch(4));
    expect(fast.taken).toHaveLength(1);
    expect(taken).toEqual(['durable 1', 'durable 2', 'durable 3', 'fast 4']);
    expect(told).toEqual(['fast away', 'fast back']);
  },
);

test('while both lanes hang only the first batch waits, and all are refused', async () => {
  const { fast, durable, spill } = open();
  fast.mood = durable.mood = 'hung';
  await expect(spill.submit(aBatch())).rejects.toThrow(LaneUnavailable);
  const since = performance.now();
  for (let more = 0; more < 10; more += 1)
    await expect(spill.submit(aBatch())).rejects.toThrow(LaneUnavailable);
  expect(performance.now() - since).toBeLessThan(50);
  durable.mood = 'up';
  await until(() => !spill.breakers.durable.isOpen());
  await spill.submit(aBatch());
});

test('a batch that the fast lane refuses for itself goes to the durable one without closing the fast one', async () => {
  const { fast, durable, spill } = open();
  fast.mood = 'refuses';
  await spill.submit(aBatch());
  expect(durable.taken).toHaveLength(1);
  expect(spill.breakers.fast.opened()).toBe(0);
});
