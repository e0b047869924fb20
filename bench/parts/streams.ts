import { once } from 'node:events';
import { type Agent, get, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { startApi, untilReady } from '@event-tracker/testing';
import type { Bench, Part } from '../kit/part.ts';
import { watchUsage } from '../kit/process-usage.ts';
import { inTurn, ratios, sum } from '../kit/rounds.ts';
import { startStores } from '../kit/stores.ts';
import { environment } from '../kit/system.ts';
import { figure, spread, table } from '../kit/table.ts';
import { runWrk, singleEvents, writeBodies } from '../kit/wrk.ts';

const streamCount = 1000;
const withStreams = `${streamCount} streams`;

export const streams: Part = {
  name: 'streams',
  about: `POST /api/events, one event a request, one API, no worker: alone, and while ${streamCount} streams (GET /api/stream) are open. Their readers run on the same cores.`,
  run,
};

async function run(bench: Bench): Promise<string[]> {
  const { closers, connections, seconds, signal, say } = bench;
  const stores = await startStores(bench);
  const database = await stores.createDatabase();
  const api = await startApi(environment(database.url, stores));
  closers.add('API', () => api.stop());
  await untilReady(api);
  const bodies = join(stores.folder, 'bodies');
  writeBodies(bodies, singleEvents({ scenario: 'ten' }));

  const load = async (forSeconds: number) => {
    await stores.settle();
    const usage = watchUsage({ server: api.pid });
    const answers = await runWrk({
      url: `${api.url}/api/events`,
      bodies,
      connections,
      seconds: forSeconds,
      signal,
    });
    return { ...answers, ...usage() };
  };
  const alone = async () => ({ ...(await load(seconds)), frames: 0 });
  const watched = async () => {
    const readers = await openStreams(`${api.url}/api/stream`, streamCount);
    try {
      const before = readers.chunks();
      const figures = await load(seconds);
      return { ...figures, frames: readers.chunks() - before };
    } finally {
      readers.close();
    }
  };
  // Compiled code first: the first seconds of a process say nothing about the rest of its life.
  await load(Math.min(3, seconds));

  const measured = await inTurn({
    sides: { 'no stream': alone, [withStreams]: watched },
    rounds: bench.rounds,
    onMeasured: (round, name, { perSecond, p50Ms, p99Ms, frames }) =>
      say(
        `  ${round}  ${name.padEnd(13)} ${figure(perSecond)}/s, p50 ${figure(p50Ms)} ms, p99 ${figure(p99Ms)} ms, ${frames} frames read`,
      ),
  });

  const rates = (name: keyof typeof measured) => measured[name].map(({ perSecond }) => perSecond);
  return [
    `${stores.about} ${connections} connections, ${bench.rounds} rounds of ${seconds} s.`,
    table(
      [
        { head: '', cell: ([name]) => name },
        { head: 'requests/s', cell: ([, rounds]) => spread(rounds.map((one) => one.perSecond)) },
        { head: 'p50 ms', cell: ([, rounds]) => spread(rounds.map((one) => one.p50Ms)) },
        { head: 'p99 ms', cell: ([, rounds]) => spread(rounds.map((one) => one.p99Ms)) },
        { head: 'errors', cell: ([, rounds]) => sum(rounds.map((one) => one.errors)) },
        {
          head: 'frames read a second',
          cell: ([, rounds]) => spread(rounds.map((one) => one.frames / seconds)),
        },
        { head: 'API, cores', cell: ([, rounds]) => spread(rounds.map((one) => one.server.cores)) },
        { head: 'RSS MB', cell: ([, rounds]) => spread(rounds.map((one) => one.server.megabytes)) },
      ],
      Object.entries(measured),
    ),
    `- with ${streamCount} streams over without: ${spread(ratios(rates(withStreams), rates('no stream')))}`,
  ];
}

/** Readers that take what comes and look no further: their own work is to be small. */
async function openStreams(url: string, count: number): Promise<{ chunks(): number; close(): void }> {
  let chunks = 0;
  const agent: Agent = new HttpAgent({ maxSockets: count });
  const answers: IncomingMessage[] = [];
  const open = async () => {
    const [answer] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
    if (answer.statusCode !== 200) throw new Error(`a stream was refused: ${answer.statusCode}`);
    answer.on('error', () => {});
    answer.on('data', () => {
      chunks += 1;
    });
    answers.push(answer);
  };
  for (let opened = 0; opened < count; opened += 50)
    await Promise.all(Array.from({ length: Math.min(50, count - opened) }, open));
  return {
    chunks: () => chunks,
    close() {
      for (const answer of answers) answer.destroy();
      agent.destroy();
    },
  };
}
