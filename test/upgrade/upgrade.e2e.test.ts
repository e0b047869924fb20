import { asAdmin, poll, type TestProcess, until, whyCommitIsMissing } from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LedgerAnswer } from '../../apps/api/src/reads/ledger.ts';
import { untilAtRest, wrongAtRest } from '../at-rest.ts';
import { modelOf } from '../model.ts';
import { createTraffic, type Traffic } from './support/traffic.ts';
import { openTwoReleases, type TwoReleases } from './support/two-releases.ts';
import { watchBooks } from './support/watch-books.ts';

/** The last release whose commits add up themselves. */
const commitBefore = '2d07b6d4eb1d46b5f52a8a655dfbc5966bee6dab';
const seed = 20_261_127;
const workers = 2;
const backlog = 6000;
/** Days ago: the release before has counted it, and only new workers add late events to it. */
const dayOfNewAlone = 9;
const limitMs = 120_000;
/** Of old and new transactions together; each is retried. */
const deadlocksMax = 10;

const missing = whyCommitIsMissing(commitBefore);
if (missing !== undefined)
  console.warn(`The upgrade is not tested: there is no commit ${commitBefore}: ${missing}`);
// What tests every change has the history.
const testUpgrade = missing === undefined || process.env.HISTORY_REQUIRED ? test : test.skip;

const startedAt = Date.now();
let releases: TwoReleases;
let traffic: Traffic;

beforeAll(async () => {
  if (missing !== undefined) return;
  releases = await openTwoReleases(commitBefore);
  traffic = createTraffic(seed, startedAt);
});
afterAll(async () => {
  await traffic?.stop();
  await releases?.close();
});

const stopAll = (processes: TestProcess[]) => Promise.all(processes.map((process) => process.stop()));

const booksOf = async (api: TestProcess) =>
  (await (await fetch(`${api.url}/admin/ledger`, { headers: asAdmin })).json()) as LedgerAnswer;

async function count(query: string): Promise<number> {
  const { rows } = await releases.database.query<{ n: number }>(`select (${query})::int as n`);
  return rows[0]!.n;
}

/** The workers begin again at the same moment, each with as much as it can take. */
async function leaveBacklog(ofWorkers: TestProcess[]): Promise<void> {
  for (const worker of ofWorkers) worker.signal('SIGSTOP');
  await traffic.burst(backlog);
  expect(await releases.lane.llen('{lane}:events:wait')).toBeGreaterThan(0);
  for (const worker of ofWorkers) worker.signal('SIGCONT');
}

/** Everything that was acknowledged is there once, and each store says the same. */
async function expectAllCountedOnce(api: TestProcess): Promise<void> {
  const { database, lane, views } = releases;
  const ledger = await untilAtRest({ urls: () => [api.url], database, redis: lane, limitMs });
  const { events } = traffic;
  const acknowledged = traffic.sent() + traffic.routeEvents();
  expect(ledger).toMatchObject({
    received: acknowledged,
    duplicate: traffic.sent() - events.length,
    stored: events.length + traffic.routeEvents(),
  });
  const since = startedAt - 24 * 3_600_000;
  expect(await wrongAtRest({ ledger, acknowledged, database, redis: views, since })).toEqual([]);

  const { rows: stored } = await database.query<{ session: string }>(
    "select session_id as session from event where session_id like 'session %'",
  );
  expect(stored.map(({ session }) => session).sort()).toEqual(events.map((event) => event.sessionId).sort());
  const { rows: likes } = await database.query<{ pair: string; at: number; user: number }>(
    `select user_id || ' ' || post_id as pair, user_id as user, (extract(epoch from liked_at) * 1000)::float8 as at
    from post_like`,
  );
  const ofEvents = likes.filter(({ user }) => user < 1000);
  expect(new Map(ofEvents.map(({ pair, at }) => [pair, at]))).toEqual(modelOf(events).likes);
  const byRoute = likes.filter(({ user }) => user >= 1000).map(({ pair }) => pair);
  expect(byRoute.sort()).toEqual(traffic.routeLikes());
}

testUpgrade(
  'a release that adds up in folds takes over from the one before it under load, and gives back to it',
  async () => {
    if (missing !== undefined)
      throw new Error(`the history lacks the commit whose processes are needed: ${missing}`);
    const { old, new: next, viewsStore } = releases;

    // The release before: data, days that were counted and are late again, a backlog, and debts of the views.
    await old.run('migrate');
    const oldApi = await old.startApi();
    const firstWorkers = await old.startWorkers(1);
    await traffic.sendTo([oldApi.url]);
    await traffic.burst(1500, [2, 3, 6, dayOfNewAlone]);
    await until(async () => (await booksOf(oldApi)).inFlight === 0);
    await stopAll(firstWorkers);
    const oldWorkers = await old.startWorkers(workers);
    await until(async () => (await count('select count(*) from event_day where rows > 0')) >= 4, {
      what: 'counts of days',
    });
    await traffic.burst(500);
    await viewsStore.shutDown();
    traffic.start();
    await until(async () => (await count('select count(*) from view_debt')) > 0, { what: 'a view debt' });
    await leaveBacklog(oldWorkers);

    // Expand: the schema, then APIs, then workers beside the old ones.
    await next.run('migrate');
    expect(await count('select count(*) from view_debt where hours is null')).toBeGreaterThan(0);
    const api = await next.startApi();
    const looks = watchBooks(api.url);
    await traffic.sendTo([oldApi.url, api.url]);
    const newWorkers = await next.startWorkers(workers);
    await viewsStore.start();
    const folded = () => count('select sum(stored) from event_hour');
    const addedUp = await poll(async () => (await folded()) || undefined, { what: 'a fold' });
    await traffic.sendTo([api.url]);
    expect(await oldApi.stop()).toBe(0);
    await leaveBacklog([...oldWorkers, ...newWorkers]);
    await traffic.burst(backlog);
    await until(async () => (await folded()) > addedUp + 1000, { what: 'old workers and new ones at work' });
    await stopAll(oldWorkers);
    await traffic.burst(500, [dayOfNewAlone]);
    await until(async () => (await folded()) > addedUp + 2000, { what: 'new workers at work' });
    await traffic.stop();
    await expectAllCountedOnce(api);
    const { looks: times, wrong } = await looks.close();
    expect(wrong).toEqual([]);
    expect(times).toBeGreaterThan(20);

    // The way back: workers, what they left, then the old release as it was.
    traffic.start();
    await stopAll(newWorkers);
    await next.run('fold');
    expect(await count('(select count(*) from pending_change) + (select count(*) from pending_entry)')).toBe(
      0,
    );
    const oldApiAgain = await old.startApi();
    const looksBack = watchBooks(oldApiAgain.url);
    await traffic.sendTo([oldApiAgain.url]);
    expect(await api.stop()).toBe(0);
    const lastWorkers = await old.startWorkers(workers);
    const stored = await count('select count(*) from event');
    await until(async () => (await count('select count(*) from event')) > stored + 1000);
    await traffic.stop();
    await expectAllCountedOnce(oldApiAgain);
    expect((await looksBack.close()).wrong).toEqual([]);

    // And forward once more: what the old release stored meanwhile is in the new one's books.
    await stopAll(lastWorkers);
    await next.startWorkers(1);
    await expectAllCountedOnce(await next.startApi());

    const deadlocks = await count(
      'select deadlocks from pg_stat_database where datname = current_database()',
    );
    expect(deadlocks).toBeLessThanOrEqual(deadlocksMax);
    process.stdout.write(
      `upgrade: ${traffic.events.length} events, ${deadlocks} deadlocks, ${times} looks\n`,
    );
  },
  600_000,
);
