import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startApi, untilReady } from '@event-tracker/testing';
import type { Bench, Part } from '../kit/part.ts';
import { watchUsage } from '../kit/process-usage.ts';
import { inTurn, sum } from '../kit/rounds.ts';
import { startStores } from '../kit/stores.ts';
import { environment } from '../kit/system.ts';
import { figure, spread, table } from '../kit/table.ts';
import { arraysOfEvents, runWrk, writeBodies } from '../kit/wrk.ts';

export const batch: Part = {
  name: 'batch',
  about: 'POST /api/events/batch, bare arrays of events, one API process, no worker.',
  run,
};

/** With 1,000 events a request, more would be beyond what the API lets wait (PENDING_EVENTS_MAX). */
const connectionsMax = 16;

/** Different events in the bodies of a side, all in all. */
const distinctEvents = 20_000;

async function run(bench: Bench): Promise<string[]> {
  const { closers, seconds, signal, say } = bench;
  const connections = Math.min(bench.connections, connectionsMax);
  const stores = await startStores(bench);
  const database = await stores.createDatabase();
  const api = await startApi(environment(database.url, stores));
  closers.add('API', () => api.stop());
  await untilReady(api);

  function prepare(length: number, encoding: 'identity' | 'gzip') {
    const plain = arraysOfEvents(distinctEvents / length, length);
    const sent = encoding === 'gzip' ? plain.map((body) => gzipSync(body)) : plain;
    const bodies = join(stores.folder, `bodies-${length}-${encoding}`);
    writeBodies(bodies, sent);
    const bytesPerEvent = sum(sent.map((body) => body.length)) / distinctEvents;
    const load = (forSeconds: number) =>
      runWrk({
        url: `${api.url}/api/events/batch`,
        bodies,
        encoding,
        connections,
        seconds: forSeconds,
        signal,
      });
    const measure = async () => {
      await stores.settle();
      const usage = watchUsage({ api: api.pid, redis: stores.redisPids });
      const answers = await load(seconds);
      return { ...answers, ...usage(), eventsPerSecond: answers.perSecond * length, bytesPerEvent };
    };
    return { load, measure };
  }
  const prepared = {
    '100, plain': prepare(100, 'identity'),
    '1,000, plain': prepare(1000, 'identity'),
    '100, gzip': prepare(100, 'gzip'),
    '1,000, gzip': prepare(1000, 'gzip'),
  };
  for (const { load } of Object.values(prepared)) await load(1);

  const measured = await inTurn({
    sides: {
      '100, plain': prepared['100, plain'].measure,
      '1,000, plain': prepared['1,000, plain'].measure,
      '100, gzip': prepared['100, gzip'].measure,
      '1,000, gzip': prepared['1,000, gzip'].measure,
    },
    rounds: bench.rounds,
    onMeasured: (round, name, { eventsPerSecond, p50Ms, p99Ms }) =>
      say(
        `  ${round}  ${name.padEnd(12)} ${figure(eventsPerSecond)} events/s, p50 ${figure(p50Ms)} ms, p99 ${figure(p99Ms)} ms`,
      ),
  });

  return [
    `${stores.about} ${connections} connections, ${bench.rounds} rounds of ${seconds} s.`,
    table(
      [
        { head: 'events an array', cell: ([name]) => name },
        { head: 'events/s', cell: ([, rounds]) => spread(rounds.map((one) => one.eventsPerSecond)) },
        { head: 'p50 ms', cell: ([, rounds]) => spread(rounds.map((one) => one.p50Ms)) },
        { head: 'p99 ms', cell: ([, rounds]) => spread(rounds.map((one) => one.p99Ms)) },
        { head: 'errors', cell: ([, rounds]) => sum(rounds.map((one) => one.errors)) },
        { head: 'CPU, cores', cell: ([, rounds]) => spread(rounds.map((one) => one.api.cores)) },
        { head: 'Redis, cores', cell: ([, rounds]) => spread(rounds.map((one) => one.redis.cores)) },
        { head: 'RSS MB', cell: ([, rounds]) => spread(rounds.map((one) => one.api.megabytes)) },
        { head: 'bytes sent an event', cell: ([, rounds]) => figure(rounds[0]!.bytesPerEvent) },
      ],
      Object.entries(measured),
    ),
  ];
}
