import { type Batch, type EventLane, eventsBytes } from '@event-tracker/domain';
import { until } from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type BuriedJob,
  type Consumer,
  createHeldJobs,
  encodeBatch,
  type HeldJobs,
  type JobHandlers,
  type LaneContents,
  NeedsTrial,
} from '../../src/index.ts';
import { aBatch } from './a-batch.ts';

/** A lane with the consumer that belongs to it. */
export interface ConsumerUnderTest {
  lane: EventLane;
  contents(): Promise<LaneContents>;
  consume(handlers: JobHandlers, jobsHeldMax: number, held: HeldJobs): Consumer;
  /** Puts a job on the lane whose payload is not today's, by its key; made so many milliseconds ago. */
  putRaw(key: string, payload: unknown, ageMs: number): Promise<void>;
  clear(): Promise<unknown>;
  close(): Promise<void>;
}

/** Limits that no test reaches. */
export const heldAtWill = () => createHeldJobs({ eventsMax: 100_000, bytesMax: 100_000_000 });

/** What every lane's consumer owes to those who handle its batches. */
export function consumerContract(adapter: string, open: () => Promise<ConsumerUnderTest>): void {
  describe(`the consumer of the ${adapter} lane`, () => {
    let stand: ConsumerUnderTest;
    let consumers: Consumer[] = [];
    let buried: BuriedJob[] = [];

    beforeAll(async () => {
      stand = await open();
      await until(() => stand.lane.health().then(() => true));
    });
    beforeEach(() => stand.clear());
    afterEach(async () => {
      await Promise.all(consumers.map((consumer) => consumer.close(5000)));
      consumers = [];
      buried = [];
    });
    afterAll(() => stand.close());

    function consume(
      process: (batch: Batch) => Promise<void>,
      jobsHeldMax = 4,
      quarantine: JobHandlers['quarantine'] = () => Promise.reject(new Error('nothing here has stalled')),
      held = heldAtWill(),
    ): Consumer {
      const handlers: JobHandlers = {
        process,
        bury: async (job) => void buried.push(job),
        quarantine,
      };
      const consumer = stand.consume(handlers, jobsHeldMax, held);
      consumers.push(consumer);
      return consumer;
    }
    const left = async () => (await stand.contents()).size;
    async function put(batches: number): Promise<void> {
      for (let put = 0; put < batches; put += 1) await stand.lane.submit(aBatch());
    }

    test('delivers each batch once, as it was put on the lane, and lets it go', async () => {
      const batches = [aBatch(5, { acknowledged: 3 }), aBatch(), aBatch(2)];
      const delivered: Batch[] = [];
      consume(async (batch) => void delivered.push(batch));
      for (const batch of batches) await stand.lane.submit(batch);
      await until(async () => (await left()) === 0);
      const byId = (a: Batch, b: Batch) => (a.id < b.id ? -1 : 1);
      expect(delivered.toSorted(byId)).toEqual(batches.toSorted(byId));
    });

    test('delivers a batch that is rejected again, until it is taken', async () => {
      await put(1);
      let deliveries = 0;
      consume(async () => {
        deliveries += 1;
        if (deliveries < 3) throw new Error('PostgreSQL is away');
      });
      await until(async () => (await left()) === 0);
      expect(deliveries).toBe(3);
    });

    test('buries a payload that is no batch with what its envelope tells, and it keeps nothing else back', async () => {
      const { id, producer } = aBatch();
      const payload = { version: 1, id, producer, acknowledged: 7, count: 2, events: 'none' };
      await stand.putRaw(`${id}.2`, payload, 0);
      await put(1);
      const processed: Batch[] = [];
      consume(async (batch) => void processed.push(batch));
      await until(async () => (await left()) === 0);
      expect(processed).toHaveLength(1);
      expect(buried).toEqual([
        expect.objectContaining({
          batchId: id,
          producer,
          acknowledged: 7,
          count: 2,
          code: 'undecodable',
          attempts: 1,
        }),
      ]);
      expect(JSON.parse(buried[0]!.payload)).toEqual(payload);
    });

    test('lets a batch of a later version wait for a newer worker, for an hour', async () => {
      const [young, old] = [aBatch().id, aBatch().id];
      const payload = (id: string) => ({ version: 99, id, producer: id, acknowledged: 0, count: 1 });
      await stand.putRaw(`${young}.1`, payload(young), 0);
      await stand.putRaw(`${old}.1`, payload(old), 3_601_000);
      consume(async () => {});
      await until(async () => (await left()) === 1);
      expect([...(await stand.contents()).keys()]).toEqual([young]);
      expect(buried).toMatchObject([{ batchId: old, code: 'unknown-version' }]);
    });

    test('lets a batch with an event of a later type wait for a newer worker, for an hour', async () => {
      const [young, old] = [aBatch(2), aBatch(2)];
      const later = (batch: Batch) => {
        const encoded = encodeBatch(batch);
        const [first, second] = encoded.events;
        return { ...encoded, events: [first, { ...second, eventType: 'SCROLL_TO' }] };
      };
      await stand.putRaw(`${young.id}.2`, later(young), 0);
      await stand.putRaw(`${old.id}.2`, later(old), 3_601_000);
      consume(async () => {});
      await until(async () => (await left()) === 1);
      expect([...(await stand.contents()).keys()]).toEqual([young.id]);
      expect(buried).toMatchObject([{ batchId: old.id, count: 2, code: 'unknown-type' }]);
    });

    test('moves a batch that needs a trial to the quarantine, and lets it go when it is there', async () => {
      await put(2);
      let first: string | undefined;
      let refusals = 0;
      const set: { key: string; why: string }[] = [];
      consume(
        async ({ id }) => {
          first ??= id;
          if (id === first) throw new NeedsTrial('too slow');
        },
        4,
        async ({ key }, why) => {
          refusals += 1;
          if (refusals === 1) throw new Error('the quarantine can not be reached');
          set.push({ key, why });
        },
      );
      await until(async () => (await left()) === 0);
      expect(set).toEqual([{ key: `${first}.1`, why: 'too slow' }]);
      expect(buried).toEqual([]);
    });

    test('holds no more batches at a time than it may', async () => {
      await put(10);
      let held = 0;
      let heldMost = 0;
      const release = Promise.withResolvers<void>();
      consume(async () => {
        held += 1;
        heldMost = Math.max(heldMost, held);
        await release.promise;
        held -= 1;
      }, 3);
      await until(() => held === 3);
      release.resolve();
      await until(async () => (await left()) === 0);
      expect(heldMost).toBe(3);
    });

    test.each([
      { what: 'events', eventsMax: 20, bytesMax: 1_000_000 },
      { what: 'bytes', eventsMax: 1000, bytesMax: 10 * eventsBytes(aBatch(2).events) },
    ])('holds no more $what at a time than it may, whatever the number of batches', async (limits) => {
      for (let batches = 0; batches < 40; batches += 1) await stand.lane.submit(aBatch(2));
      const held = createHeldJobs({ eventsMax: limits.eventsMax, bytesMax: limits.bytesMax });
      let most = 0;
      let delivered = 0;
      const release = Promise.withResolvers<void>();
      const process = async () => {
        delivered += 1;
        await release.promise;
        most = Math.max(most, held.events());
      };
      consume(process, 100, undefined, held);
      await until(() => delivered > 5);
      release.resolve();
      await until(async () => (await left()) === 0);
      expect(delivered).toBe(40);
      expect(most).toBeLessThanOrEqual(20);
      await until(() => held.events() === 0 && held.bytes() === 0);
    });

    test('holds a batch that is beyond the limits by itself, alone', async () => {
      await put(3);
      const held = createHeldJobs({ eventsMax: 1, bytesMax: 1 });
      // From then on a job is known to be as heavy as that.
      held.hold(encodeBatch(aBatch()))();
      const delivered: number[] = [];
      consume(async () => void delivered.push(held.events()), 100, undefined, held);
      await until(async () => (await left()) === 0);
      expect(delivered).toEqual([1, 1, 1]);
    });

    test('settles what it holds when it closes, and takes nothing more', async () => {
      await put(10);
      let held = 0;
      const release = Promise.withResolvers<void>();
      const consumer = consume(async () => {
        held += 1;
        await release.promise;
      }, 3);
      await until(() => held === 3);
      const closed = consumer.close(10_000);
      release.resolve();
      await closed;
      expect(held).toBe(3);
      expect(await left()).toBe(7);
    });

    test('does not wait longer than the limit for a batch that hangs', async () => {
      await put(1);
      const release = Promise.withResolvers<void>();
      let held = 0;
      const consumer = consume(async () => {
        held += 1;
        await release.promise;
      });
      await until(() => held === 1);
      const since = performance.now();
      await consumer.close(300);
      expect(performance.now() - since).toBeLessThan(2000);
      expect(await left()).toBe(1);
      release.resolve();
    });
  });
}
