import { bucketStart, grains, type TrackedEvent } from '@event-tracker/domain';
import type { DurableLane } from '@event-tracker/queue';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createDeadLetters,
  createPendingRepair,
  type PendingRepair,
  readPendingWork,
  SoundEventsFail,
} from '../src/index.ts';
import { aBatch, aLike, anEvent, aSearch } from './support/builders.ts';
import { everything, openTestLedger, type TestLedger, totals } from './support/test-ledger.ts';

let store: TestLedger;
let repair: PendingRepair;
const enqueued: unknown[] = [];
const lane = {
  enqueue: async (_: unknown, batch: unknown) => void enqueued.push(batch),
} as unknown as Pick<DurableLane, 'enqueue'>;

beforeAll(async () => {
  store = await openTestLedger();
  repair = createPendingRepair(store.pool);
});
beforeEach(async () => {
  await store.empty();
  enqueued.length = 0;
});
afterAll(() => store.close());

const commit = (events: TrackedEvent[]) => store.ledger.commit([aBatch(events)]);
const pending = () =>
  store.rows<{ id: number; shard: number; size: number }>(
    'select change_id as id, shard, size from pending_change order by shard, xid, change_id',
  );
const foldOne = (shard: number) => store.folds.fold({ ...everything(0), shards: [shard], rowsMax: 1 });
const deadLetters = () => createDeadLetters({ pool: store.pool, lane, batchEventsMax: 500 });
const letters = async () => (await deadLetters().list({}, undefined, 10)).letters;
const replay = (ids: number[]) => deadLetters().replay({ ids }, false);

/** While `work` runs, rows of `table` that meet the condition are refused. */
async function refusing(table: string, condition: string, work: () => Promise<void>): Promise<void> {
  await store.rows(`
    create function refuse() returns trigger language plpgsql as $$
    begin raise exception 'poison' using errcode = '22000'; end $$;
    create trigger refuse before insert on ${table} for each row when (${condition}) execute function refuse();`);
  try {
    await work();
  } finally {
    await store.rows('drop function refuse cascade');
  }
}

describe('a row that is divided', () => {
  const mixed = () => {
    const search = (userId: number) => aSearch('cat', { userId });
    return [
      ...[1, 2, 3].flatMap((n) => [anEvent({ componentId: n }), search(n), aLike(n, 7), aLike(n, 8)]),
      aLike(9, 7, { tookEffect: true }),
    ];
  };

  test('becomes rows of one change each in its place, and adds up to the same', async () => {
    const events = mixed();
    const { counts } = await store.commitAndFold([aBatch(events)]);
    const contents = `
      select 'statistic' as of, to_jsonb(t) as row from statistic t union all
      select 'subject_count', to_jsonb(t) from subject_count t union all
      select 'like_state', to_jsonb(t) from like_state t union all
      select 'like_count', to_jsonb(t) from like_count t order by 1, 2`;
    const undivided = await store.rows(contents);
    await store.empty();
    await commit(events);
    const before = await pending();
    const order =
      'select xid::text, sum(size)::integer as size, min(appended_at) as at from pending_change group by xid';
    const commits = await store.rows(order);
    for (const { id } of before) await repair.divide(id);
    const after = await pending();
    expect(after.every(({ size }) => size === 1)).toBe(true);
    expect(after).toHaveLength(before.reduce((sum, { size }) => sum + size, 0));
    expect(await store.rows(order)).toEqual(commits);
    for (const { id } of before) await repair.divide(id);
    expect(await pending()).toEqual(after);
    const folded = await store.foldAll();
    expect(await store.rows(contents)).toEqual(undivided);
    const sorted = (all: typeof counts) => all.map((count) => JSON.stringify(count)).sort();
    expect(sorted(folded.counts)).toEqual(sorted(counts));
  });

  test('is found by a fold whose mark had passed it, for it keeps its place', async () => {
    await commit(mixed());
    for (const { id, size } of await pending()) if (size > 1) await repair.divide(id);
    await commit([anEvent()]);
    await store.foldAll();
    expect(await pending()).toEqual([]);
  });

  test('beside a fold that has taken it comes to nothing', async () => {
    await commit(mixed());
    const rows = await pending();
    await Promise.all([...rows.map(({ id }) => repair.divide(id)), store.foldAll(), store.foldAll()]);
    await store.foldAll();
    expect(await pending()).toEqual([]);
    expect(await totals(store.pool)).toMatchObject({ events: 13, counted: 13, perDay: 13 });
  });
});

describe('a change that can not be added up', () => {
  test('goes to the dead letters, its neighbours count, and replayed it counts, once', async () => {
    await refusing('statistic', "new.keyword = 'poison'", async () => {
      await commit([aSearch('poison', { componentId: 1 }), aSearch('poison', { componentId: 2 })]);
      const { shard, id } = (await pending())[0]!;
      await expect(foldOne(shard)).rejects.toMatchObject({ code: '22000' });
      await repair.divide(id);
      for (let left = 2; left > 0; left -= 1) {
        const oldest = (await repair.oldest(shard))!;
        expect(oldest.size).toBe(1);
        await expect(foldOne(shard)).rejects.toMatchObject({ code: '22000' });
        await repair.tryCanary(shard);
        const why = { code: '22000', reason: 'poison', attempts: 1 };
        await Promise.all([repair.deadLetter(oldest.id, why), repair.deadLetter(oldest.id, why)]);
      }
      expect(await repair.oldest(shard)).toBe(undefined);
    });
    expect(await totals(store.pool)).toMatchObject({ events: 2, counted: 0 });
    const listed = await letters();
    expect(listed).toHaveLength(2);
    expect(listed[0]).toMatchObject({
      kind: 'change',
      eventType: 'SEARCH',
      code: '22000',
      reason: 'poison',
      attempts: 1,
    });
    expect(JSON.parse(listed[0]!.payload)).toMatchObject({
      size: 1,
      count_keywords: ['poison'],
      count_values: [1],
    });
    await store.foldAll();

    const ids = listed.map(({ id }) => id);
    expect(await replay(ids)).toEqual({ matched: 2, replayed: 2 });
    expect(await replay(ids)).toEqual({ matched: 2, replayed: 0 });
    expect(enqueued).toEqual([]);
    await store.foldAll();
    expect(await totals(store.pool)).toMatchObject({
      received: 2,
      stored: 2,
      events: 2,
      counted: 2,
      perMinute: 2,
    });
  });

  test('of likes comes back whole, too, and is replayed beside events, in one call', async () => {
    const like = aLike(3, 7, { keyword: 'a "cat", {or} \\ two' });
    await commit([like]);
    const { id } = (await pending())[0]!;
    await repair.deadLetter(id, { code: '22000', reason: 'poison', attempts: 3 });
    await store.rows(
      `insert into dead_letter (batch_id, event_id, attempts, event_count, event_type, code, reason, payload)
       values (gen_random_uuid(), gen_random_uuid(), 1, 1, 'CLICK', '22000', 'bad', convert_to($1, 'UTF8'))`,
      [JSON.stringify(anEvent())],
    );
    expect((await letters()).map(({ kind }) => kind)).toEqual(['event', 'change']);
    expect(await replay((await letters()).map((letter) => letter.id))).toEqual({ matched: 2, replayed: 2 });
    expect(enqueued).toMatchObject([{ events: [{ eventType: 'CLICK' }] }]);
    await store.foldAll();
    expect(await store.rows('select user_id, post_id, event_id, liked from like_state')).toEqual([
      { user_id: 3, post_id: 7, event_id: like.eventId, liked: true },
    ]);
    expect(await store.rows('select keyword, count from statistic')).toEqual([
      { keyword: like.keyword, count: 1 },
    ]);
  });

  test('leaves the other shards alone', async () => {
    await refusing('statistic', "new.keyword = 'poison'", async () => {
      await commit([
        aSearch('poison'),
        ...Array.from({ length: 40 }, (_, n) => anEvent({ componentId: n + 1 })),
      ]);
      const shards = [...new Set((await pending()).map(({ shard }) => shard))];
      const outcomes = await Promise.allSettled(
        shards.map((shard) => store.folds.fold({ ...everything(0), shards: [shard] })),
      );
      expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    });
    // A work list of what is left: one shard, whose age grows, and the books of the commit.
    const work = await readPendingWork(store.pool);
    expect(work.map(({ shard, rows }) => [shard === null, rows])).toEqual([
      [false, 1],
      [true, 1],
    ]);
    await store.foldAll();
    expect(await totals(store.pool)).toMatchObject({ counted: 41 });
  });
});

describe('a sound change', () => {
  test.each([
    { name: 'a count', event: () => anEvent() },
    { name: 'a like', event: () => aLike(1, 1) },
    { name: 'a search', event: () => aSearch('cat', { userId: 5 }) },
  ])('like $name is added up and taken back', async ({ event }) => {
    await commit([event()]);
    const before = await pending();
    for (const { shard } of before) await repair.tryCanary(shard);
    expect(await pending()).toEqual(before);
    expect(await totals(store.pool)).toMatchObject({ counted: 0, perDay: 0 });
    expect(
      await store.rows(
        'select from like_state union all select from view_debt union all select from like_count',
      ),
    ).toEqual([]);
  });

  test('that fails as well says that the database is at fault', async () => {
    await commit([anEvent()]);
    const { shard } = (await pending())[0]!;
    await refusing('subject_count', 'true', async () => {
      await expect(repair.tryCanary(shard)).rejects.toThrow(SoundEventsFail);
    });
    await repair.tryCanary(shard);
  });

  test('waits for the fold that holds the shard', async () => {
    await commit([anEvent()]);
    const { shard } = (await pending())[0]!;
    await Promise.all([store.foldAll(), repair.tryCanary(shard), repair.tryCanary(shard), store.foldAll()]);
    // A fold that the canary held up has left the shard to a later one.
    await store.foldAll();
    expect(await totals(store.pool)).toMatchObject({ counted: 1 });
  });

  test('is not needed where nothing waits', () => repair.tryCanary(3));
});

test('the days of what waits are told, so that their partitions can be made', async () => {
  const days = [0, 3, 5].map((ago) => Date.now() - ago * grains.day);
  await commit(
    days.flatMap((occurredAt) => [anEvent({ occurredAt, componentId: 1 }), aLike(1, 7, { occurredAt })]),
  );
  const shards = [...new Set((await pending()).map(({ shard }) => shard))];
  const expected = days.map((at) => bucketStart(at, 'day')).sort((a, b) => a - b);
  for (const shard of shards) expect(await repair.daysOf(shard)).toEqual(expected);
});
