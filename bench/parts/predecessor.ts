import { join } from 'node:path';
import { makePosts } from '../../locust/posts.ts';
import { compareSystems } from '../kit/compare-systems.ts';
import type { Bench, Part } from '../kit/part.ts';
import { inTurn, sum } from '../kit/rounds.ts';
import { measureScaled, type Scaled } from '../kit/scaled.ts';
import { createScenario } from '../kit/scenario.ts';
import { type Database, startStores } from '../kit/stores.ts';
import { type System, thisSystem } from '../kit/system.ts';
import { figure, spread, table } from '../kit/table.ts';
import { type WrkRequest, writeRequests } from '../kit/wrk.ts';

export const predecessor: Part = {
  name: 'predecessor',
  about:
    "The scenario of the system that this one succeeds (locust/), in a closed loop: of ten requests four are likes by their route, two searches by theirs, two clicks and two page views. One API and one worker; `through`: over the time until all of it is added up. Ids are the server's.",
  takes: { versus: true },
  run,
};

const requestCount = 5000;

async function run(bench: Bench): Promise<string[]> {
  const stores = await startStores(bench);
  const bodies = join(stores.folder, 'requests');
  writeRequests(bodies, requestsOf(requestCount));
  const databases = new Map<System, Database>();
  const measure = async (system: System): Promise<Scaled> => {
    const database = databases.get(system) ?? (await stores.createDatabase(system));
    databases.set(system, database);
    const prepare = async (url: string) => void (await makePosts(url, {}));
    return measureScaled(1, { stores, databaseUrl: database.url, bodies, bench, system, prepare });
  };
  const about = `${stores.about} ${bench.connections} connections, ${bench.rounds} rounds of ${bench.seconds} s.`;
  if (bench.versus) {
    const figures = {
      'requests/s': (one: Scaled) => one.acceptedPerSecond,
      'through/s': (one: Scaled) => one.throughPerSecond,
      'p99 ms': (one: Scaled) => one.p99Ms,
      errors: (one: Scaled) => one.errors,
    };
    return [about, await compareSystems(bench, { cases: { 'closed loop': measure }, figures })];
  }

  const { all } = await inTurn({
    sides: { all: () => measure(thisSystem) },
    rounds: bench.rounds,
    onMeasured: (round, _, one) =>
      bench.say(
        `  ${round}  ${figure(one.acceptedPerSecond)} requests/s, p50 ${figure(one.p50Ms)} ms, p99 ${figure(one.p99Ms)} ms`,
      ),
  });
  return [
    about,
    table(
      [
        { head: 'requests/s', cell: () => spread(all.map((one) => one.acceptedPerSecond)) },
        { head: 'through/s', cell: () => spread(all.map((one) => one.throughPerSecond)) },
        { head: 'p50 ms', cell: () => spread(all.map((one) => one.p50Ms)) },
        { head: 'p99 ms', cell: () => spread(all.map((one) => one.p99Ms)) },
        { head: 'errors', cell: () => sum(all.map((one) => one.errors)) },
        { head: 'API, cores', cell: () => spread(all.map((one) => one.api.cores)) },
        { head: 'worker, cores', cell: () => spread(all.map((one) => one.worker.cores)) },
        { head: 'PostgreSQL, cores', cell: () => spread(all.map((one) => one.postgres.cores)) },
        { head: 'Redis, cores', cell: () => spread(all.map((one) => one.redis.cores)) },
      ],
      [undefined],
    ),
  ];
}

function requestsOf(count: number): WrkRequest[] {
  const next = createScenario({ scenario: 'ten' });
  return Array.from({ length: count }, () => {
    const event = next();
    const { userId, metadata } = event;
    const post = (path: string, body: unknown) => ({
      method: 'POST',
      path,
      body: Buffer.from(JSON.stringify(body)),
    });
    switch (event.eventType) {
      case 'LIKE':
      case 'UNLIKE':
        return post('/api/posts/like', { userId, postId: metadata.postId });
      case 'SEARCH': {
        const query = new URLSearchParams({ userId: `${userId}`, keyword: metadata.keyword!, limit: '10' });
        return { method: 'GET', path: `/api/search?${query}` };
      }
      default:
        return post('/api/users/events', event);
    }
  });
}
