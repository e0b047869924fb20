import { join } from 'node:path';
import { startApi, startWorker, untilReady } from '@event-tracker/testing';
import { untilLaneIsEmpty } from '../kit/backlog.ts';
import { type BacklogTrend, watchBacklog } from '../kit/backlog-watch.ts';
import { compareSystems } from '../kit/compare-systems.ts';
import type { Bench, Part } from '../kit/part.ts';
import { probeVisibility } from '../kit/probe.ts';
import { type Load, watchUsage } from '../kit/process-usage.ts';
import { inTurn, quantile, sum } from '../kit/rounds.ts';
import { measureScaled } from '../kit/scaled.ts';
import { type Stores, startStores } from '../kit/stores.ts';
import { environment, type System } from '../kit/system.ts';
import { figure, spread, table } from '../kit/table.ts';
import { type Answers, runWrk, singleEvents, writeBodies } from '../kit/wrk.ts';

export const live: Part = {
  name: 'live',
  about:
    'One API and one worker together, single events: the highest rate without a growing backlog, and from 202 to visible in GET /api/statistics at a tenth, a half and nine tenths of it.',
  takes: { scenario: true, versus: true },
  run,
};

const probesAtATime = 2;

/** A backlog that grows by less than this share of the rate stands still, as far as a few seconds can tell. */
const growthShareMax = 0.02;

/** So many seconds' worth of events may wait, whatever they were before: a moment's pause of the worker. */
const waitingSecondsMax = 0.1;

/** The generator fell behind by less: the API kept up. */
const keptUpShare = 0.97;

interface Run extends Answers, BacklogTrend {
  api: Load;
  worker: Load;
  visibleMs: number[];
}

async function run(bench: Bench): Promise<string[]> {
  const stores = await startStores(bench);
  const bodies = join(stores.folder, 'bodies');
  writeBodies(bodies, singleEvents(bench));
  const about = `${stores.about} ${bench.connections} connections, ${bench.rounds} rounds of ${bench.seconds} s`;
  return bench.versus
    ? [`${about}.`, await againstOther(stores, bench, bodies)]
    : [`${about}, each from an empty lane.`, ...(await atShares(stores, bench, bodies))];
}

/** As fast as the API answers, and until all of it is added up: a highest rate would have to be sought for each anew. */
async function againstOther(stores: Stores, bench: Bench, bodies: string): Promise<string> {
  const measure = async (system: System) => {
    const database = await stores.createDatabase(system);
    const measured = await measureScaled(1, { stores, databaseUrl: database.url, bodies, bench, system });
    await database.drop();
    return measured;
  };
  return compareSystems(bench, {
    cases: { 'as fast as it answers': measure },
    figures: {
      'through/s': (one) => one.throughPerSecond,
      'accepted/s': (one) => one.acceptedPerSecond,
      '202, p99 ms': (one) => one.p99Ms,
      errors: (one) => one.errors,
    },
  });
}

async function atShares(stores: Stores, bench: Bench, bodies: string): Promise<string[]> {
  const { closers, connections, seconds, signal, say } = bench;
  const database = await stores.createDatabase();
  const env = environment(database.url, stores);
  const worker = await startWorker(env);
  closers.add('worker', () => worker.stop());
  const api = await startApi(env);
  closers.add('API', () => api.stop());
  await Promise.all([untilReady(api), untilReady(worker)]);

  async function load(rate: number | undefined, forSeconds: number): Promise<Run> {
    await untilLaneIsEmpty(stores.redis);
    const usage = watchUsage({ api: api.pid, worker: worker.pid });
    const backlog = watchBacklog(stores.redis);
    // The last probe is to be answered while the load still lasts.
    const until = performance.now() + forSeconds * 1000 - 200;
    const [answers, ...probed] = await Promise.all([
      runWrk({
        url: `${api.url}/api/events`,
        bodies,
        connections,
        seconds: forSeconds,
        ...(rate !== undefined && { rate }),
        signal,
      }),
      ...Array.from({ length: probesAtATime }, () => probeVisibility(api.url, until)),
    ]);
    return {
      ...answers,
      ...(await backlog()),
      ...usage(),
      visibleMs: probed.flat().map((one) => one.sinceAcknowledged),
    };
  }

  await load(undefined, Math.min(3, seconds));
  const highest = await findHighestRate((rate) => load(rate, seconds), bench.quick ? 2 : 6, say);
  const at = (share: number) => () => load(highest * share, seconds);
  const measured = await inTurn({
    sides: { 'a tenth': at(0.1), 'a half': at(0.5), 'nine tenths': at(0.9), highest: at(1) },
    rounds: bench.rounds,
    onMeasured: (round, name, { perSecond, growthPerSecond, visibleMs }) =>
      say(
        `  ${round}  ${name.padEnd(11)} ${figure(perSecond)}/s, backlog ${figure(growthPerSecond)}/s, visible after p50 ${figure(quantile(visibleMs, 0.5))} ms, p99 ${figure(quantile(visibleMs, 0.99))} ms`,
      ),
  });
  const stood = measured.highest.filter((one) => standsStill(one)).length;

  return [
    table(
      [
        { head: 'of the highest', cell: ([name]) => name },
        { head: 'events/s', cell: ([, rounds]) => spread(rounds.map((one) => one.perSecond)) },
        { head: '202, p50 ms', cell: ([, rounds]) => spread(rounds.map((one) => one.p50Ms)) },
        { head: '202, p99 ms', cell: ([, rounds]) => spread(rounds.map((one) => one.p99Ms)) },
        { head: 'errors', cell: ([, rounds]) => sum(rounds.map((one) => one.errors)) },
        {
          head: 'visible, p50 ms',
          cell: ([, rounds]) => spread(rounds.map((one) => quantile(one.visibleMs, 0.5))),
        },
        {
          head: 'visible, p99 ms',
          cell: ([, rounds]) => spread(rounds.map((one) => quantile(one.visibleMs, 0.99))),
        },
        { head: 'probes', cell: ([, rounds]) => figure(sum(rounds.map((one) => one.visibleMs.length))) },
        { head: 'events waiting', cell: ([, rounds]) => spread(rounds.map((one) => one.waiting)) },
        { head: 'API, cores', cell: ([, rounds]) => spread(rounds.map((one) => one.api.cores)) },
        { head: 'worker, cores', cell: ([, rounds]) => spread(rounds.map((one) => one.worker.cores)) },
      ],
      Object.entries(measured),
    ),
    [
      `- Highest rate without a growing backlog: ${spread(measured.highest.map((one) => one.perSecond))} events/s; sought: 8,000. The backlog stood still in ${stood} of ${bench.rounds} rounds, at ${figure(highest)} asked for`,
      '- Visible at a half, p99: sought 250 ms. From the 202 until the answer that showed it; looked for every 3 ms, which is part of it',
    ].join('\n'),
  ];
}

function standsStill({ perSecond, growthPerSecond, waitingInTheEnd, errors }: Run): boolean {
  const grows =
    growthPerSecond > growthShareMax * perSecond && waitingInTheEnd > waitingSecondsMax * perSecond;
  return errors === 0 && !grows;
}

/**
 * First as fast as the API answers; if the backlog grows then, the rate is halved in between until it is known to a few
 * percent. Answers the highest rate that was held.
 */
async function findHighestRate(
  load: (rate: number | undefined) => Promise<Run>,
  stepsMax: number,
  say: (line: string) => void,
): Promise<number> {
  const flatOut = await load(undefined);
  say(
    `  –  as fast as it answers: ${figure(flatOut.perSecond)}/s, backlog ${figure(flatOut.growthPerSecond)}/s`,
  );
  if (standsStill(flatOut)) return flatOut.perSecond;
  let held = 0;
  let tooHigh = flatOut.perSecond;
  let rate = flatOut.perSecond - Math.max(0, flatOut.growthPerSecond);
  for (let step = 1; step <= stepsMax || held === 0; step += 1) {
    const tried = await load(rate);
    const isHeld = standsStill(tried) && tried.perSecond >= keptUpShare * rate;
    say(
      `  –  ${figure(rate)}/s: ${isHeld ? 'held' : 'not held'}, backlog ${figure(tried.growthPerSecond)}/s`,
    );
    if (isHeld) held = rate;
    else tooHigh = rate;
    if (tooHigh - held < 0.03 * tooHigh) break;
    rate = held === 0 ? tooHigh * 0.8 : (held + tooHigh) / 2;
    if (rate < 100) throw new Error('the worker does not keep up at any rate');
  }
  return held;
}
