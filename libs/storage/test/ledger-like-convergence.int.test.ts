import type { TrackedEvent } from '@event-tracker/domain';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aBatch, aLike, anUnlike } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger();
});
afterAll(() => store.close());

const userId = 3;
const start = Date.now() - 3_600_000;
/** Two of the four happen in the same millisecond: there the id decides. */
const times = [start, start + 60_000, start + 60_000, start + 120_000];

interface Case {
  postId: number;
  /** The four events as they arrive. */
  arriving: TrackedEvent[];
  /** How many of them each of the commits holds. */
  split: number[];
  /** Whether the one with the latest stamp is a like. */
  standing: boolean;
}

/** Every pattern of likes and unlikes, in every order of arrival, in every split into commits, each on its own post. */
function allCases(): Case[] {
  const cases: Case[] = [];
  for (let pattern = 0; pattern < 16; pattern += 1) {
    for (const order of permutations([0, 1, 2, 3])) {
      for (const split of splits(4)) {
        const postId = cases.length + 1;
        const arriving = order.map((index) => {
          const eventId = `0000000${index}-0000-4000-8000-${String(postId).padStart(12, '0')}`;
          const make = pattern & (1 << index) ? aLike : anUnlike;
          return make(userId, postId, { eventId, occurredAt: times[index]! });
        });
        cases.push({ postId, arriving, split, standing: (pattern & 8) !== 0 });
      }
    }
  }
  return cases;
}

test('likes and unlikes end in the state of the latest stamp in every order and split of arrival', async () => {
  const cases = allCases();
  for (let part = 0; part < 4; part += 1) {
    await store.commitAndFold([aBatch(cases.flatMap((one) => partOf(one, part)))]);
  }
  const standing = cases.filter((one) => one.standing).map((one) => one.postId);

  const likes = await store.rows<{ post_id: number }>('select post_id from post_like order by post_id');
  expect(likes.map((row) => row.post_id)).toEqual(standing);
  const net = await store.rows<{ post_id: number }>(
    `select post_id from statistic group by 1
     having sum(case event_type when 'LIKE' then count else -count end) <> 0 order by post_id`,
  );
  expect(net.map((row) => row.post_id)).toEqual(standing);
  const stamps = await store.rows(
    `select distinct liked, (extract(epoch from occurred_at) * 1000)::float8 as at, left(event_id::text, 8) as id
     from like_state order by liked`,
  );
  expect(stamps).toEqual([
    { liked: false, at: times[3], id: '00000003' },
    { liked: true, at: times[3], id: '00000003' },
  ]);
});

test('of a like and an unlike in the same millisecond the greater id stands, whichever comes first', async () => {
  const at = { occurredAt: start };
  const [less, greater] = ['9fffffff-ffff-4fff-bfff-ffffffffffff', 'a0000000-0000-4000-8000-000000000000'];
  const likeWins = (post: number) => [
    aLike(1, post, { ...at, eventId: greater }),
    anUnlike(1, post, { ...at, eventId: less }),
  ];
  const unlikeWins = (post: number) => [
    aLike(1, post, { ...at, eventId: less }),
    anUnlike(1, post, { ...at, eventId: greater }),
  ];
  const pairs = [likeWins(9001), likeWins(9002).reverse(), unlikeWins(9003), unlikeWins(9004).reverse()];
  await store.commitAndFold([aBatch(pairs.map((pair) => pair[0]!))]);
  await store.commitAndFold([aBatch(pairs.map((pair) => pair[1]!))]);
  expect(await store.rows('select post_id from post_like where user_id = 1 order by post_id')).toEqual([
    { post_id: 9001 },
    { post_id: 9002 },
  ]);
});

function partOf({ arriving, split }: Case, part: number): TrackedEvent[] {
  const from = split.slice(0, part).reduce((sum, size) => sum + size, 0);
  return arriving.slice(from, from + (split[part] ?? 0));
}

function permutations<T>(items: T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((others) => [item, ...others]),
  );
}

/** All ways to cut a sequence of `length` into runs. */
function splits(length: number): number[][] {
  if (length === 0) return [[]];
  return Array.from({ length }, (_, index) => index + 1).flatMap((first) =>
    splits(length - first).map((others) => [first, ...others]),
  );
}
