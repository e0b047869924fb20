import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aBatch, aLike, anUnlike } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger({ connections: 16 });
});
afterAll(() => store.close());

const start = Date.now() - 3_600_000;
const users = [1, 2, 3];
const posts = [11, 12, 13, 14];
const pairs = users.flatMap((userId) => posts.map((postId) => ({ userId, postId })));

/** Likes and unlikes alternate by time, one of each pair a step: the last one, a like, is what must stand. */
const steps = 25;
const last = start + (steps - 1) * 7000;

test('commits that race on the same new pairs neither deadlock nor lose: the latest stamp stands', async () => {
  const racing = Array.from({ length: steps }, (_, step) => {
    const make = step % 2 === 0 ? aLike : anUnlike;
    const events = pairs.map(({ userId, postId }) =>
      make(userId, postId, { occurredAt: start + step * 7000 }),
    );
    return aBatch(step % 3 === 0 ? events.reverse() : events);
  });
  // Every connection is open before the race, so that its first commits truly meet.
  await Promise.all(racing.map(() => store.rows('select pg_sleep(0.05)')));

  await Promise.all(racing.map((batch) => store.commitAndFold([batch])));

  const states = await store.rows(
    `select user_id, post_id, (extract(epoch from liked_at) * 1000)::float8 as at
     from post_like order by user_id, post_id`,
  );
  expect(states).toEqual(pairs.map(({ userId, postId }) => ({ user_id: userId, post_id: postId, at: last })));
});

test('what took effect in a race adds up to the likes that stand', async () => {
  const net = await store.rows(
    `select post_id, sum(case event_type when 'LIKE' then count else -count end)::bigint as net
     from statistic group by post_id order by post_id`,
  );
  const standing = await store.rows(
    'select post_id, count(*) as net from post_like group by post_id order by post_id',
  );
  expect(net).toEqual(posts.map((post_id) => ({ post_id, net: users.length })));
  expect(net).toEqual(standing);
});
