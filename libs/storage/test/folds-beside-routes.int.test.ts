import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batch } from '@event-tracker/domain';
import type { DurableLane } from '@event-tracker/queue';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createLikes } from '../src/index.ts';
import { aBatch, aLike, anUnlike } from './support/builders.ts';
import { expectLikesStand, foldAway, isDone, makeUnlockedFold, shards } from './support/fold-away.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 24 });
  await makeUnlockedFold(store);
});
beforeEach(() => store.empty());
afterAll(() => store.close());

test('likes by events, in any order, beside likes by route, end with the latest stamp and stand as they are counted', async () => {
  const batches: Batch[] = [];
  const lane = {
    enqueue: async (_: unknown, batch: Batch) => void batches.push(batch),
  } as unknown as Pick<DurableLane, 'enqueue'>;
  const likes = createLikes({ pool: store.pool, lane });
  const start = Date.now() - 60_000;
  let fulfilled = false;
  const oneOf = (count: number) => 1 + Math.floor(Math.random() * count);
  const byRoute = async () => {
    for (let wishes = 0; wishes < 25; wishes += 1) {
      const some = Array.from({ length: 3 }, () => ({
        userId: oneOf(3),
        postId: oneOf(3),
        wish: 'toggle' as const,
        receivedAt: Date.now(),
      }));
      await isDone(likes.fulfil(some, { id: randomUUID(), acknowledged: 0 }));
    }
  };
  const byEvents = async () => {
    for (let commits = 0; commits < 25; commits += 1) {
      const events = Array.from({ length: 6 }, () => {
        const make = Math.random() < 0.5 ? aLike : anUnlike;
        // Now and then ahead of the clock that a route reads.
        return make(oneOf(3), oneOf(3), { occurredAt: start + oneOf(90_000) });
      });
      await store.ledger.commit([aBatch(events)]);
    }
  };
  const deliver = async () => {
    for (const batch of batches.splice(0)) await store.ledger.commit([batch]);
  };
  const delivering = async () => {
    while (!fulfilled) {
      await deliver();
      await nextTurn();
    }
  };
  await Promise.all([
    Promise.all([byRoute(), byRoute(), byRoute(), byEvents(), byEvents()]).finally(() => (fulfilled = true)),
    delivering(),
    ...[1, 2, 3].map(() => foldAway(store, 'unlocked_fold', shards, () => fulfilled)),
  ]);
  await deliver();
  await store.foldAll();
  await expectLikesStand(store);
  // Every like that was ever stamped lies at or before the state of its pair.
  const overlooked = await store.rows(
    `select event.event_id
     from event join like_state s using (user_id, post_id)
     where (event.occurred_at, event.event_id) > (s.occurred_at, s.event_id)`,
  );
  expect(overlooked).toEqual([]);
  const standing = await store.rows<{ same: boolean }>(
    `select distinct s.liked = (event.event_type = 'LIKE') as same
     from like_state s join event on event.event_id = s.event_id`,
  );
  expect(standing).toEqual([{ same: true }]);
});
