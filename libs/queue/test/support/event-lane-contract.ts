import { type EventLane, LaneUnavailable } from '@event-tracker/domain';
import { until } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LaneContents } from '../../src/index.ts';
import { aBatch } from './a-batch.ts';

/** A lane, what it holds, and the misfortunes that can befall what it stands on. */
export interface LaneUnderTest {
  lane: EventLane;
  contents(): Promise<LaneContents>;
  /** As a crash would. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** It hangs until `resume`. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/** The longest that a client may wait for a refusal, in milliseconds. */
const refusalLimitMs = 1500;

/** What every lane owes to those who put batches on it. */
export function eventLaneContract(adapter: string, open: () => Promise<LaneUnderTest>): void {
  describe(`the ${adapter} lane`, () => {
    let stand: LaneUnderTest;
    const isHealthy = () =>
      stand.lane.health().then(
        () => true,
        () => false,
      );

    beforeAll(async () => {
      stand = await open();
      await until(isHealthy);
    });
    afterAll(() => stand.close());

    async function expectRefusal(): Promise<void> {
      const since = performance.now();
      await expect(stand.lane.submit(aBatch())).rejects.toThrow(LaneUnavailable);
      expect(performance.now() - since).toBeLessThan(refusalLimitMs);
    }

    test('holds a batch that it took', async () => {
      const batch = aBatch(3);
      await stand.lane.submit(batch);
      expect((await stand.contents()).get(batch.id)).toBe(3);
    });

    test('holds a batch once, however often and at whatever time it is put on it', async () => {
      const before = (await stand.contents()).size;
      const batch = aBatch(2);
      await Promise.all([stand.lane.submit(batch), stand.lane.submit(batch)]);
      await stand.lane.submit(batch);
      const contents = await stand.contents();
      expect(contents.size).toBe(before + 1);
      expect(contents.get(batch.id)).toBe(2);
    });

    test('refuses soon while its store is away, takes batches when it is back, and still has what it took', async () => {
      const before = aBatch();
      await stand.lane.submit(before);
      await stand.kill();
      await expectRefusal();
      await expectRefusal();
      expect(await isHealthy()).toBe(false);
      await stand.start();
      await until(isHealthy);
      const after = aBatch();
      // A breaker may take another moment to find out.
      await until(() => stand.lane.submit(after).then(() => true));
      const contents = await stand.contents();
      expect([contents.has(before.id), contents.has(after.id)]).toEqual([true, true]);
    });

    test('refuses soon while its store hangs, and takes the same batch when it goes on, once', async () => {
      const before = (await stand.contents()).size;
      const batch = aBatch();
      stand.pause();
      try {
        const since = performance.now();
        await expect(stand.lane.submit(batch)).rejects.toThrow(LaneUnavailable);
        expect(performance.now() - since).toBeLessThan(refusalLimitMs);
        await expectRefusal();
      } finally {
        stand.resume();
      }
      await until(isHealthy);
      await until(() => stand.lane.submit(batch).then(() => true));
      const contents = await stand.contents();
      expect(contents.get(batch.id)).toBe(1);
      // The second one was refused, and may have landed all the same.
      expect(contents.size - before).toBeLessThanOrEqual(2);
    });
  });
}
