import { join } from 'node:path';
import { untilReady } from '@event-tracker/testing';
import { startBaseline } from '../kit/baseline.ts';
import type { Bench, Part } from '../kit/part.ts';
import { watchUsage } from '../kit/process-usage.ts';
import { inTurn, ratios, sum } from '../kit/rounds.ts';
import { startStores } from '../kit/stores.ts';
import { environment, type System, thisSystem } from '../kit/system.ts';
import { figure, spread, table } from '../kit/table.ts';
import { runWrk, singleEvents, writeBodies } from '../kit/wrk.ts';

export const accept: Part = {
  name: 'accept',
  about:
    'POST /api/events, one event a request, one process a side, no worker. The naive queue is Express, zod and one `queue.add` a request; bare node:http parses the JSON and answers 202.',
  takes: { versus: true },
  run,
};

async function run(bench: Bench): Promise<string[]> {
  const { closers, connections, seconds, signal, say, versus } = bench;
  const stores = await startStores(bench);
  const open = async (system: System) => {
    const { url } = await stores.createDatabase(system);
    const api = await system.startApi(environment(url, stores));
    closers.add('API', () => api.stop());
    await untilReady(api);
    return api;
  };
  const api = await open(thisSystem);
  const other = versus && (await open(versus));
  const env = { REDIS_URL: stores.redisUrl, NODE_ENV: 'production' };
  const naive = await startBaseline('naive-queue.ts', env);
  closers.add('naive queue', () => naive.stop());
  const bare = await startBaseline('bare-http.ts', env);
  closers.add('bare node:http', () => bare.stop());
  const bodies = join(stores.folder, 'bodies');
  writeBodies(bodies, singleEvents({ scenario: 'ten' }));

  const load = (server: { url: string }, forSeconds: number) =>
    runWrk({ url: `${server.url}/api/events`, bodies, connections, seconds: forSeconds, signal });
  const side = (server: { url: string; pid: number }) => async () => {
    await stores.settle();
    const usage = watchUsage({ server: server.pid, redis: stores.redisPids });
    const answers = await load(server, seconds);
    return { ...answers, ...usage() };
  };
  // Compiled code first: the first seconds of a process say nothing about the rest of its life.
  for (const server of [api, naive, bare, ...(other ? [other] : [])])
    await load(server, Math.min(3, seconds));

  const measured: Record<string, Awaited<ReturnType<ReturnType<typeof side>>>[]> = await inTurn({
    sides: {
      'Event Tracker': side(api),
      ...(other && { [versus!.name]: side(other) }),
      'naive queue': side(naive),
      'bare node:http': side(bare),
    },
    rounds: bench.rounds,
    onMeasured: (round, name, { perSecond, p50Ms, p99Ms }) =>
      say(
        `  ${round}  ${name.padEnd(15)} ${figure(perSecond)}/s, p50 ${figure(p50Ms)} ms, p99 ${figure(p99Ms)} ms`,
      ),
  });

  const rates = (name: string) => measured[name]!.map(({ perSecond }) => perSecond);
  const ours = rates('Event Tracker');
  return [
    `${stores.about} ${connections} connections, ${bench.rounds} rounds of ${seconds} s.`,
    table(
      [
        { head: '', cell: ([name]) => name },
        { head: 'requests/s', cell: ([, rounds]) => spread(rounds.map((one) => one.perSecond)) },
        { head: 'p50 ms', cell: ([, rounds]) => spread(rounds.map((one) => one.p50Ms)) },
        { head: 'p99 ms', cell: ([, rounds]) => spread(rounds.map((one) => one.p99Ms)) },
        { head: 'errors', cell: ([, rounds]) => sum(rounds.map((one) => one.errors)) },
        { head: 'CPU, cores', cell: ([, rounds]) => spread(rounds.map((one) => one.server.cores)) },
        {
          head: 'requests a CPU second',
          cell: ([, rounds]) => spread(rounds.map((one) => one.perSecond / one.server.cores)),
        },
        { head: 'Redis, cores', cell: ([, rounds]) => spread(rounds.map((one) => one.redis.cores)) },
        { head: 'RSS MB', cell: ([, rounds]) => spread(rounds.map((one) => one.server.megabytes)) },
      ],
      Object.entries(measured),
    ),
    [
      `- Event Tracker over bare node:http: ${spread(ratios(ours, rates('bare node:http')))}; sought: 0.75`,
      `- Event Tracker over the naive queue: ${spread(ratios(ours, rates('naive queue')))}; sought: 3.5`,
      ...(versus ? [`- Event Tracker over ${versus.name}: ${spread(ratios(ours, rates(versus.name)))}`] : []),
    ].join('\n'),
  ];
}
