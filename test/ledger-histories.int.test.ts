import { randomUUID } from 'node:crypto';
import { type Batch, eventTypes, idSubject, type TrackedEvent } from '@event-tracker/domain';
import {
  createBooksReader,
  createFolds,
  createLedger,
  createPool,
  type Folds,
  keepPartitions,
  type Ledger,
  type Pool,
} from '@event-tracker/storage';
import { createTestDatabase, type TestDatabase } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { modelOf, type SentEvent } from './model.ts';

const applicationName = 'histories';
const shards = [0, 1, 2, 3, 4, 5, 6, 7];
let database: TestDatabase;
let pool: Pool;
let ledger: Ledger;
let folds: Folds;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({
    url: database.url,
    applicationName,
    max: 6,
    connectTimeoutMs: 5000,
    queryTimeoutMs: 15_000,
    onError: () => {},
  });
  ledger = createLedger({ pool, now: Date.now });
  folds = createFolds(pool);
  admin = new pg.Client(database.url);
  await admin.connect();
  await keepPartitions(pool, Date.now());
});
afterAll(async () => {
  await admin.end();
  await pool.end();
  await database.drop();
});

/** Few users, posts, moments and ids, so that everything collides with everything. */
const anyEvent = fc.record({
  eventType: fc.constantFrom(...eventTypes),
  user: fc.integer({ min: 1, max: 2 }),
  post: fc.integer({ min: 1, max: 3 }),
  keyword: fc.constantFrom('cat', '고양이'),
  secondsAgo: fc.integer({ min: 0, max: 6 }).map((step) => step * 40),
  /** Of a client: the same id comes again with whatever content. Without one the server makes it. */
  clientId: fc.option(fc.integer({ min: 1, max: 9 })),
});

/** What happens to batches, by their index: each may come alone or with others, twice, beside others, and die on its way. */
const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 4 });
const afterMs = fc.integer({ min: 0, max: 12 });
/** What is asked of a fold: some shards or all, and few rows, so that much is left to the next. */
const anyFold = fc.record({
  shards: fc.oneof(fc.constant(shards), fc.subarray(shards, { minLength: 1 })),
  rowsMax: fc.integer({ min: 1, max: 4 }),
});
type AnyFold = typeof anyFold extends fc.Arbitrary<infer T> ? T : never;
const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ commit: picks }) },
  { weight: 2, arbitrary: fc.record({ beside: fc.tuple(picks, picks) }) },
  { weight: 2, arbitrary: fc.record({ crash: picks, afterMs }) },
  { weight: 1, arbitrary: fc.record({ rolledBack: picks }) },
  {
    weight: 3,
    arbitrary: fc.record({ folds: fc.array(anyFold, { minLength: 1, maxLength: 3 }), meanwhile: picks }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ crashFolds: fc.array(anyFold, { minLength: 1, maxLength: 3 }), afterMs }),
  },
  // Of the books: so many rows, the views reached before or not.
  { weight: 2, arbitrary: fc.record({ enter: fc.integer({ min: 1, max: 3 }), shown: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ crashEnter: fc.integer({ min: 1, max: 3 }), afterMs }) },
);

const history = fc.record({
  batches: fc.array(fc.array(anyEvent, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
  steps: fc.array(anyStep, { maxLength: 12 }),
  /** The order in which whatever is on a lane still comes in the end. */
  rest: fc.infiniteStream(fc.nat()).map((numbers) => [...numbers.take(6)]),
});

function trackedEvent(
  now: number,
  {
    eventType,
    user,
    post,
    keyword,
    secondsAgo,
    clientId,
  }: typeof anyEvent extends fc.Arbitrary<infer T> ? T : never,
): TrackedEvent {
  const isLike = eventType === 'LIKE' || eventType === 'UNLIKE';
  return {
    eventId: clientId === null ? randomUUID() : `00000000-0000-4000-8000-00000000000${clientId}`,
    clientId: clientId !== null,
    eventType,
    userId: user,
    sessionId: randomUUID(),
    componentId: 1000 + post,
    ...(isLike && { postId: post }),
    ...(eventType === 'SEARCH' && { keyword }),
    occurredAt: now - secondsAgo * 1000,
    receivedAt: now,
  };
}

/** As far as the model looks at an event. */
const asSent = ({ componentId, postId, keyword, ...event }: TrackedEvent): SentEvent => ({
  eventId: event.eventId,
  eventType: event.eventType,
  userId: event.userId!,
  sessionId: event.sessionId,
  occurredAt: new Date(event.occurredAt).toISOString(),
  metadata: { componentId, ...(postId && { postId }), ...(keyword && { keyword }) },
});

/** The worker's connections end in the middle of what it does; what became of it nobody knows. */
async function crash(work: Promise<unknown>[], afterMs: number): Promise<void> {
  const settled = Promise.allSettled(work);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await admin.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()',
    [applicationName],
  );
  await settled;
}

/** A worker tries again what was rolled back, until it is done. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (cause) {
      if (tries === 20) throw cause;
    }
  }
}
const commit = (batches: Batch[]) => again(() => ledger.commit(batches));
const fold = ({ shards: of, rowsMax }: AnyFold) =>
  folds.fold({ shards: of, rowsMax, changesMax: 1000, everyMs: 0 });

/** Enters in the books what was added up; what the views owe was merged before, or is left. */
async function enter(rowsMax: number, shown: boolean) {
  const debts = shown ? await rows<{ id: string }>('select debt_id as id from view_debt') : [];
  return folds.enter(
    rowsMax,
    debts.map(({ id }) => Number(id)),
  );
}

async function foldWhatIsLeft(): Promise<void> {
  for (let left = true; left; ) {
    const { more, held } = await again(() => fold({ shards, rowsMax: 1000 }));
    const entered = await again(() => enter(1000, true));
    left = more || held || entered.left;
  }
  expect(await rows('select from pending_change union all select from pending_entry')).toEqual([]);
}

/** As of any moment. */
async function expectBalanced(): Promise<void> {
  const reader = createBooksReader(pool);
  const books = await again(async () => reader.read(await reader.acknowledged(), new Map()));
  const { stored, duplicate, waiting } = books;
  expect(books).toMatchObject({ received: stored + duplicate + waiting, rows: stored, uncommitted: 0 });
}

const rows = async <Row extends object>(query: string): Promise<Row[]> =>
  (await admin.query<Row>(query)).rows;

async function expectAsTheModel(batches: Batch[]): Promise<void> {
  const sent = new Map(batches.flatMap(({ events }) => events).map((event) => [event.sessionId, event]));
  const ids = new Set([...sent.values()].map(({ eventId }) => eventId));
  const storedRows = await rows<{ event_id: string; session_id: string }>(
    'select event_id, session_id from event',
  );
  // Each id once, with a content that was sent under it.
  expect(storedRows.map((row) => row.event_id).sort()).toEqual([...ids].sort());
  expect(storedRows.map((row) => sent.get(row.session_id)?.eventId)).toEqual(
    storedRows.map((row) => row.event_id),
  );
  const model = modelOf(storedRows.map((row) => asSent(sent.get(row.session_id)!)));

  const likes = await rows<{ pair: string; at: number }>(
    "select user_id || ' ' || post_id as pair, (extract(epoch from liked_at) * 1000)::float8 as at from post_like",
  );
  expect(new Map(likes.map(({ pair, at }) => [pair, at]))).toEqual(model.likes);
  const net = await rows<{ post: number; net: number }>(
    `select post_id::int as post, sum(case event_type when 'LIKE' then count else -count end)::int as net
     from statistic where post_id is not null group by 1 having sum(case event_type when 'LIKE' then count else -count end) <> 0`,
  );
  const standing = Object.groupBy(model.likes.keys(), (pair) => pair.split(' ')[1]!);
  expect(new Map(net.map(({ post, net: likesLeft }) => [`${post}`, likesLeft]))).toEqual(
    new Map(Object.entries(standing).map(([post, pairs]) => [post, pairs!.length])),
  );

  const counts = await rows<{ key: string; count: number }>(
    `select concat_ws(' ', event_type, subject, (extract(epoch from bucket) / 60)::bigint) as key, count::int
     from subject_count where grain = 'minute' and event_type not in ('LIKE', 'UNLIKE')`,
  );
  const padded = [...model.counts].map(([key, count]) => {
    const [type, subject, minute] = key.split(' ') as [string, string, string];
    return [`${type} ${type === 'SEARCH' ? subject : idSubject(Number(subject))} ${minute}`, count] as const;
  });
  expect(new Map(counts.map(({ key, count }) => [key, count]))).toEqual(new Map(padded));

  const [books] = await rows(
    'select sum(received)::int as received, sum(stored)::int as stored, sum(duplicate)::int as duplicate from producer',
  );
  expect(books).toEqual({ received: sent.size, stored: ids.size, duplicate: sent.size - ids.size });
}

test('whatever is repeated, reordered, delivered twice, rolled back, cut off or folded meanwhile, the ledger ends as the model', async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ batches: contents, steps, rest }) => {
      await admin.query(
        `truncate event, event_key, statistic, subject_count, like_state, like_count, batch, producer, event_hour,
           view_debt, pending_change, pending_entry`,
      );
      const now = Date.now();
      const batches = contents.map(
        (events): Batch => ({
          id: randomUUID(),
          producer: randomUUID(),
          acknowledged: events.length,
          events: events.map((event) => trackedEvent(now, event)),
        }),
      );
      const pick = (numbers: readonly number[]) => numbers.map((number) => batches[number % batches.length]!);
      for (const step of steps) {
        if ('commit' in step) await commit(pick(step.commit));
        else if ('beside' in step) await Promise.all(step.beside.map((numbers) => commit(pick(numbers))));
        else if ('crash' in step) await crash([ledger.commit(pick(step.crash))], step.afterMs);
        else if ('folds' in step)
          await Promise.all([commit(pick(step.meanwhile)), ...step.folds.map((of) => again(() => fold(of)))]);
        else if ('crashFolds' in step) await crash(step.crashFolds.map(fold), step.afterMs);
        else if ('enter' in step) await again(() => enter(step.enter, step.shown));
        else if ('crashEnter' in step) await crash([folds.enter(step.crashEnter, [])], step.afterMs);
        else await ledger.probe(pick(step.rolledBack)).catch(() => {});
        await expectBalanced();
      }
      // Whatever was not committed is on a lane still.
      const order = batches.map((batch, at) => ({ batch, at: rest[at]! })).sort((a, b) => a.at - b.at);
      for (const { batch } of order) await commit([batch]);
      await foldWhatIsLeft();
      await expectAsTheModel(batches);
    }),
    { numRuns: 40 },
  );
}, 180_000);
