import { createSpillLane, readDurableLane, readFastLane } from '../src/index.ts';
import { eventLaneContract } from './support/event-lane-contract.ts';
import { createMemoryLane } from './support/memory-lane.ts';
import { openTestDurableLane } from './support/test-durable-lane.ts';
import { openTestLane } from './support/test-lane.ts';

eventLaneContract('fast', async () => {
  const { lane, redis, store, close } = await openTestLane();
  return { ...store, lane, close, contents: () => readFastLane(redis) };
});

eventLaneContract('durable', async () => {
  const { lane, pool, store, close } = await openTestDurableLane({ synchronous_commit: 'on' });
  return { ...store, lane, close, contents: () => readDurableLane(pool) };
});

eventLaneContract('spill', async () => {
  const [fast, durable] = await Promise.all([openTestLane(), openTestDurableLane()]);
  const both = [fast, durable];
  const lane = createSpillLane({
    fast: fast.lane,
    durable: durable.lane,
    fastLimitMs: 300,
    durableLimitMs: 400,
    onChange: () => {},
  });
  return {
    lane,
    contents: async () =>
      new Map([...(await readFastLane(fast.redis)), ...(await readDurableLane(durable.pool))]),
    kill: async () => void (await Promise.all(both.map(({ store }) => store.kill()))),
    start: async () => void (await Promise.all(both.map(({ store }) => store.start()))),
    pause() {
      for (const { store } of both) store.pause();
    },
    resume() {
      for (const { store } of both) store.resume();
    },
    async close() {
      await lane.close();
      await Promise.all(both.map(({ close }) => close()));
    },
  };
});

// What tests of others stand on must keep the same promises.
eventLaneContract('in-memory', async () => {
  const lane = createMemoryLane('memory');
  const turn = (mood: 'up' | 'away' | 'hung') => () => {
    lane.mood = mood;
  };
  return {
    lane,
    contents: async () => new Map(lane.taken.map(({ id, events }) => [id, events.length])),
    kill: async () => turn('away')(),
    start: async () => turn('up')(),
    pause: turn('hung'),
    resume: turn('up'),
    close: () => lane.close(),
  };
});
