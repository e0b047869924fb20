import {
  bucketStart,
  type EventType,
  eventTypes,
  type Grain,
  grains,
  subjectOf,
  type TrackedEvent,
} from '@event-tracker/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aBatch, aLike, anEvent, aSearch } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger();
});
beforeEach(() => store.empty());
afterAll(() => store.close());

const midnight = bucketStart(Date.now(), 'day');

interface Counted {
  grain: Grain;
  bucket: number;
  eventType: EventType;
  subject: string;
  count: number;
}

const subjects = () =>
  store.rows<Counted>(
    `select grain, (extract(epoch from bucket) * 1000)::float8 as bucket, event_type as "eventType", subject, count
     from subject_count`,
  );
const fine = () =>
  store.rows<Record<string, unknown>>(
    `select (extract(epoch from minute) * 1000)::float8 as minute, event_type as "eventType",
       component_id as "componentId", keyword, post_id as "postId", count from statistic`,
  );

const keyOf = ({ grain, bucket, eventType, subject }: Omit<Counted, 'count'>) =>
  `${grain} ${new Date(bucket).toISOString()} ${eventType} ${subject}`;

/** Plain counting, by keys. */
function tally<T>(
  items: readonly T[],
  key: (item: T) => string,
  countOf: (item: T) => number = () => 1,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const item of items) sums.set(key(item), (sums.get(key(item)) ?? 0) + countOf(item));
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const ofGrain = (grain: Grain) => (event: TrackedEvent) =>
  keyOf({
    grain,
    bucket: bucketStart(event.occurredAt, grain),
    eventType: event.eventType,
    subject: subjectOf(event),
  });

test('one event adds one to its fine count, and to its subject by minute, hour and day', async () => {
  const event = anEvent({ postId: 7 });
  const { counts } = await store.commitAndFold([aBatch([event])]);
  expect(await fine()).toEqual([
    {
      minute: bucketStart(event.occurredAt, 'minute'),
      eventType: 'CLICK',
      componentId: 1002,
      keyword: null,
      postId: 7,
      count: 1,
    },
  ]);
  const added = (['minute', 'hour', 'day'] as const).map((grain) => ({
    grain,
    bucket: bucketStart(event.occurredAt, grain),
    eventType: 'CLICK' as const,
    subject: '0000000000001002',
    count: 1,
  }));
  const found = await subjects();
  expect(found).toHaveLength(3);
  expect(found).toEqual(expect.arrayContaining(added));
  // Days are in no view.
  expect(counts).toHaveLength(2);
  expect(counts).toEqual(expect.arrayContaining(added.slice(0, 2)));
});

test('a subject has one count where the fine ones are many', async () => {
  await store.commitAndFold([
    aBatch([
      aSearch('cat', { componentId: 1 }),
      aSearch('cat', { componentId: 2 }),
      aSearch('cat', { componentId: 2, postId: 7 }),
    ]),
  ]);
  expect(await fine()).toHaveLength(3);
  expect((await subjects()).filter(({ grain }) => grain === 'day')).toMatchObject([
    { subject: 'cat', count: 3 },
  ]);
});

test('an event counts when it occurred, not when it was received or added up', async () => {
  const late = anEvent({ occurredAt: midnight - 5 * grains.day });
  const { counts } = await store.commitAndFold([aBatch([late])]);
  expect(tally(await subjects(), keyOf)).toEqual(
    tally(
      (['minute', 'hour', 'day'] as const).map((grain) => ofGrain(grain)(late)),
      (key) => key,
    ),
  );
  // No view reaches so far back.
  expect(counts).toEqual([]);
});

test('latest searches come back as they were appended', async () => {
  const search = aSearch('a "cat", {or} \\ two', { userId: 42 });
  const { recentKeywords } = await store.commitAndFold([aBatch([search, anEvent()])]);
  expect(recentKeywords).toEqual([
    { userId: 42, keyword: 'a "cat", {or} \\ two', occurredAt: search.occurredAt },
  ]);
});

describe('for any events, commits and folds', () => {
  // Few minutes, at the edges of hours and a day, and few subjects.
  const events = fc.array(
    fc
      .record({
        eventType: fc.constantFrom(...eventTypes),
        userId: fc.constant(1),
        componentId: fc.integer({ min: 1, max: 2 }),
        keyword: fc.constantFrom('cat', 'cat food', '1'),
        postId: fc.constantFrom(1, 2 ** 53 - 1),
        occurredAt: fc
          .tuple(fc.constantFrom(-61, -60, -1, 0, 59, 60), fc.constantFrom(0, 59_999))
          .map(([minutes, rest]) => midnight + minutes * 60_000 + rest),
        tookEffect: fc.constant(true as const),
      })
      .map((change) => anEvent(change)),
    { maxLength: 60, size: 'max' },
  );
  const all = fc.array(fc.record({ events, folds: fc.boolean() }), { minLength: 1, maxLength: 4 });

  test('every level counts each event once, under its subject, and folds answer the counts that stand', async () => {
    await fc.assert(
      fc.asyncProperty(all, async (commits) => {
        await store.empty();
        const shown = new Map<string, number>();
        const fold = async () => {
          for (const count of (await store.foldAll()).counts) shown.set(keyOf(count), count.count);
        };
        for (const commit of commits) {
          await store.ledger.commit([aBatch(commit.events)]);
          if (commit.folds) await fold();
        }
        await fold();
        const counted = commits.flatMap((commit) => commit.events);
        const found = await subjects();
        for (const grain of ['minute', 'hour', 'day'] as const)
          expect(
            tally(
              found.filter((count) => count.grain === grain),
              keyOf,
              ({ count }) => count,
            ),
          ).toEqual(tally(counted, ofGrain(grain)));
        const inViews = found.filter((count) => count.grain !== 'day');
        expect(new Map([...shown].sort(([a], [b]) => (a < b ? -1 : 1)))).toEqual(
          tally(inViews, keyOf, ({ count }) => count),
        );
        const fineKey = ({ minute, eventType, componentId, keyword, postId }: Record<string, unknown>) =>
          JSON.stringify([minute, eventType, componentId, keyword, postId]);
        expect(tally(await fine(), fineKey, ({ count }) => count as number)).toEqual(
          tally(counted, (event) => fineKey({ ...event, minute: bucketStart(event.occurredAt, 'minute') })),
        );
      }),
      { numRuns: 25 },
    );
  });

  // Workers of the release before this one write the same rows beside folds, in this order: neither waits for a row while
  // it holds one that the other takes before it.
  test('rows are written in one order, whatever order they come in', async () => {
    await store.rows(`
      create table written (place bigint generated always as identity, of text, key text);
      create function note_written() returns trigger language plpgsql as $$
      begin
        insert into written (of, key) values (tg_argv[0], case tg_argv[0]
          when 'statistic' then concat_ws(' ', extract(epoch from new.minute) * 1000,
            array_position(array['CLICK', 'PAGE_VIEW', 'SEARCH', 'LIKE', 'UNLIKE'], new.event_type) - 1,
            new.component_id, coalesce(new.post_id::text, ''), coalesce(new.keyword, ''))
          end);
        return new;
      end $$;
      create function note_subject() returns trigger language plpgsql as $$
      begin
        insert into written (of, key) values ('subject_count', concat_ws(' ', new.grain, extract(epoch from new.bucket) * 1000,
          array_position(array['CLICK', 'PAGE_VIEW', 'SEARCH', 'LIKE', 'UNLIKE'], new.event_type) - 1, new.subject));
        return new;
      end $$;
      create function note_like_count() returns trigger language plpgsql as $$
      begin
        insert into written (of, key) values ('like_count', lpad(new.post_id::text, 16, '0'));
        return new;
      end $$;
      create trigger note before insert on statistic for each row execute function note_written('statistic');
      create trigger note before insert on subject_count for each row execute function note_subject();
      create trigger note before insert on like_count for each row execute function note_like_count();`);
    try {
      const some = fc.array(events, { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(some, async (batches) => {
          await store.empty();
          await store.rows('truncate written');
          const posts = [12, 5, 9, 100].map((postId) => aLike(1, postId));
          for (const batch of batches) await store.ledger.commit([aBatch([...batch, ...posts])]);
          await store.foldAll();
          const rows = await store.rows<{ of: string; key: string }>(
            'select of, key from written order by place',
          );
          expect([...new Set(rows.map((row) => row.of))]).toEqual([
            'statistic',
            'subject_count',
            'like_count',
          ]);
          for (const [, ofTable] of Map.groupBy(rows, (row) => row.of)) {
            const keys = ofTable.map((row) => row.key);
            expect(keys).toEqual(keys.toSorted());
            expect(new Set(keys).size).toBe(keys.length);
          }
        }),
        { numRuns: 15 },
      );
    } finally {
      await store.rows(`
        drop function note_written cascade; drop function note_subject cascade; drop function note_like_count cascade;
        drop table written`);
    }
  });
});
