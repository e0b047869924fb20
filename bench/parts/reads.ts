import { startApi, startWorker, until, untilReady } from '@event-tracker/testing';
import { startBaseline } from '../kit/baseline.ts';
import { createClient } from '../kit/http.ts';
import type { Bench, Part } from '../kit/part.ts';
import { watchUsage } from '../kit/process-usage.ts';
import { inTurn, median, ratios, sum } from '../kit/rounds.ts';
import { createScenario } from '../kit/scenario.ts';
import { startStores } from '../kit/stores.ts';
import { environment } from '../kit/system.ts';
import { figure, spread, table } from '../kit/table.ts';
import { type Answers, runWrk } from '../kit/wrk.ts';

export const reads: Part = {
  name: 'reads',
  about:
    'Reads that Redis or a cache answers, one API, against an Express route that answers the very same body as a constant. The worker keeps the views fresh beside them.',
  run,
};

const hashtag = '고양이';
const posts = 100;

/** What is asked, and who is to answer it. */
const asked: Readonly<Record<string, { path: string; servedBy: string }>> = {
  'a count, 1 h': {
    path: '/api/statistics?eventType=PAGE_VIEW&componentId=1000&window=1h',
    servedBy: 'redis',
  },
  'top keywords, 24 h': { path: '/api/statistics/keywords/top?window=24h&limit=10', servedBy: 'redis' },
  'a search': { path: `/api/search?userId=1&keyword=${encodeURIComponent(hashtag)}`, servedBy: 'cache' },
  'popular posts, 24 h': { path: '/api/posts/popular?window=24h', servedBy: 'cache' },
};

const backgroundEvents = 20_000;
const batchEvents = 1000;
const soughtRatio = 0.6;
const soughtP99Ms = 20;

interface Figures extends Answers {
  cores: number;
}

async function run(bench: Bench): Promise<string[]> {
  const { closers, connections, rounds, seconds, signal, say } = bench;
  const stores = await startStores(bench);
  const database = await stores.createDatabase();
  const env = environment(database.url, stores);
  const api = await startApi(env);
  closers.add('API', () => api.stop());
  const worker = await startWorker(env);
  closers.add('worker', () => worker.stop());
  await Promise.all([untilReady(api), untilReady(worker)]);
  await fill(api.url, bench.quick ? batchEvents : backgroundEvents);
  const bodies = await Promise.all(
    Object.values(asked).map(({ path, servedBy }) => untilServedBy(api.url, path, servedBy)),
  );
  const constant = await startBaseline('constant-express.ts', {
    BODIES: JSON.stringify(bodies),
    NODE_ENV: 'production',
  });
  closers.add('constant', () => constant.stop());

  async function load(server: { url: string; pid: number }, path: string, rate?: number): Promise<Figures> {
    const usage = watchUsage({ server: server.pid });
    const url = server.url + path;
    const answers = await runWrk({ url, connections, seconds, signal, ...(rate && { rate }) });
    return { ...answers, cores: usage().server.cores };
  }

  const rows: { name: string; ours: Figures[]; theirs: Figures[]; half: Figures[] }[] = [];
  for (const [index, [name, { path }]] of Object.entries(asked).entries()) {
    // Compiled code first: the first seconds of a process say nothing about the rest of its life.
    for (const [server, of] of [[api, path] as const, [constant, `/${index}`] as const])
      await load(server, of);
    const measured = await inTurn({
      sides: { 'Event Tracker': () => load(api, path), constant: () => load(constant, `/${index}`) },
      rounds,
      onMeasured: (round, side, { perSecond, p99Ms }) =>
        say(`  ${round}  ${name}, ${side}: ${figure(perSecond)}/s, p99 ${figure(p99Ms)} ms`),
    });
    const ours = measured['Event Tracker'];
    const rate = median(ours.map(({ perSecond }) => perSecond)) / 2;
    const half: Figures[] = [];
    for (let round = 1; round <= rounds; round += 1) half.push(await load(api, path, rate));
    say(`  –  ${name} at half load: p99 ${spread(half.map(({ p99Ms }) => p99Ms))} ms`);
    rows.push({ name, ours, theirs: measured.constant, half });
  }
  const rates = (figures: readonly Figures[]) => figures.map(({ perSecond }) => perSecond);
  return [
    `${stores.about} ${connections} connections, ${rounds} rounds of ${seconds} s. Sought: ${soughtRatio} of the constant; at half of the rate a p99 of ${soughtP99Ms} ms.`,
    table(
      [
        { head: 'read', cell: ({ name }) => name },
        { head: 'requests/s', cell: ({ ours }) => spread(rates(ours)) },
        { head: 'constant/s', cell: ({ theirs }) => spread(rates(theirs)) },
        { head: 'ratio', cell: ({ ours, theirs }) => spread(ratios(rates(ours), rates(theirs))) },
        { head: 'p99 ms', cell: ({ ours }) => spread(ours.map(({ p99Ms }) => p99Ms)) },
        { head: 'p99 at half, ms', cell: ({ half }) => spread(half.map(({ p99Ms }) => p99Ms)) },
        { head: 'CPU, cores', cell: ({ ours }) => spread(ours.map(({ cores }) => cores)) },
        { head: 'errors', cell: ({ ours, half }) => sum([...ours, ...half].map(({ errors }) => errors)) },
      ],
      rows,
    ),
  ];
}

/** Posts, and events of the last twenty-three hours, so that a day's ranking has all its buckets. */
async function fill(url: string, events: number): Promise<void> {
  const next = createScenario({ scenario: 'ten' });
  const client = createClient(url);
  const spreadMs = 23 * 3_600_000;
  try {
    for (let post = 1; post <= posts; post += 1) {
      const body = {
        userId: post,
        content: `Post ${post} of the benchmark`,
        hashtags: [hashtag, `tag ${post}`],
      };
      const answer = await client.post('/api/posts', body);
      if (answer.status !== 201) throw new Error(`a post was answered with ${answer.status}: ${answer.body}`);
    }
    for (let sent = 0; sent < events; sent += batchEvents) {
      const batch = Array.from({ length: batchEvents }, (_, at) => {
        const ago = (spreadMs * (events - sent - at)) / events;
        return { ...next(), occurredAt: new Date(Date.now() - ago).toISOString() };
      });
      const answer = await client.post('/api/events/batch', batch);
      if (answer.status !== 202)
        throw new Error(`a batch was answered with ${answer.status}: ${answer.body}`);
    }
    const stored = async () => {
      const { body } = await client.get('/admin/ledger');
      return (JSON.parse(body) as { stored: number }).stored >= events;
    };
    await until(stored, { what: 'the events', limitMs: 60_000 });
  } finally {
    client.close();
  }
}

async function untilServedBy(url: string, path: string, source: string): Promise<unknown> {
  const client = createClient(url);
  try {
    let body = '';
    await until(
      async () => {
        const answer = await client.get(path);
        body = answer.body;
        return answer.status === 200 && answer.servedBy === source;
      },
      { what: `${path} from ${source}`, limitMs: 60_000 },
    );
    return JSON.parse(body);
  } finally {
    client.close();
  }
}
