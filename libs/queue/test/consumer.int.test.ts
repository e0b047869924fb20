import { randomUUID } from 'node:crypto';
import { createBoss } from '../src/boss.ts';
import {
  durableLaneName,
  readDurableLane,
  readFastLane,
  startDurableLaneConsumer,
  startFastLaneConsumer,
} from '../src/index.ts';
import { consumerContract } from './support/consumer-contract.ts';
import { openTestDurableLane, queryTimeoutMs } from './support/test-durable-lane.ts';
import { openTestLane } from './support/test-lane.ts';

const onError = () => {};

consumerContract('fast', async () => {
  const { lane, redis, close } = await openTestLane({ appendfsync: 'everysec' });
  return {
    lane,
    close,
    contents: () => readFastLane(redis),
    consume: (handlers, jobsHeldMax, held) =>
      startFastLaneConsumer({ ...handlers, redis, jobsHeldMax, held, onError }),
    putRaw: async (jobId, payload, ageMs) =>
      void (await lane.queue.add('raw', payload, { jobId, timestamp: Date.now() - ageMs })),
    clear: () => lane.queue.obliterate({ force: true }),
  };
});

consumerContract('durable', async () => {
  const { lane, pool, close } = await openTestDurableLane();
  const boss = createBoss({ pool, queryTimeoutMs, onError });
  return {
    lane,
    contents: () => readDurableLane(pool),
    consume: (handlers, jobsHeldMax, held) =>
      startDurableLaneConsumer({ ...handlers, pool, queryTimeoutMs, jobsHeldMax, held, onError }),
    async putRaw(singletonKey, data, ageMs) {
      const id = randomUUID();
      await (await boss.started()).insert(durableLaneName, [{ id, data: data as object, singletonKey }]);
      const created = "update pgboss.job set created_on = created_on - $2 * interval '1 ms' where id = $1";
      await pool.query(created, [id, ageMs]);
    },
    clear: () => pool.query('delete from pgboss.job'),
    async close() {
      await boss.stop();
      await close();
    },
  };
});
