import { readFileSync } from 'node:fs';
import { type PopularWindow, popularSince, popularWindows } from '@event-tracker/domain';
import { createPool, createPosts, type Pool, type Posts } from '@event-tracker/storage';
import type { Bench, Part } from '../kit/part.ts';
import { withClient } from '../kit/postgres-client.ts';
import { quantile } from '../kit/rounds.ts';
import { startStores } from '../kit/stores.ts';
import { figure, table } from '../kit/table.ts';

export const posts: Part = {
  name: 'posts',
  about:
    'Popular posts and search in PostgreSQL itself, uncached, with 1,000,000 posts and 10,000,000 likes of the last 30 days; a tenth of the posts have one hot hashtag.',
  run,
};

const size = { full: 1_000_000, quick: 20_000 };
const likesPerPost = 10;
const limit = 10;

async function run(bench: Bench): Promise<string[]> {
  const stores = await startStores(bench);
  const database = await stores.createDatabase();
  await fill(database.url, bench.quick ? size.quick : size.full, bench.say);

  const pool = createPool({
    url: database.url,
    applicationName: 'bench',
    max: 1,
    connectTimeoutMs: 5000,
    queryTimeoutMs: 60_000,
    onError: () => {},
  });
  bench.closers.add('pool', () => pool.end());
  const popularIn =
    (window: PopularWindow, most = limit) =>
    (posts: Posts) =>
      posts.popular(popularSince(window, Date.now()), most);
  const questions: Record<string, (posts: Posts) => Promise<unknown>> = {
    ...Object.fromEntries(popularWindows.map((window) => [`popular, ${window}`, popularIn(window)])),
    'popular, 24h, a hundred': popularIn('24h', 100),
    'search, a hashtag of 100 posts': (posts) => posts.search('tag 7', limit),
    'search, a hashtag of a tenth of the posts': (posts) => posts.search('hot', limit),
  };
  const read = createPosts(pool);
  const rows: { name: string; times: number[] }[] = [];
  for (const [name, ask] of Object.entries(questions)) {
    const times: number[] = [];
    for (let round = 0; round < 2 * bench.rounds; round += 1) {
      const began = performance.now();
      await ask(read);
      times.push(performance.now() - began);
    }
    bench.say(`  ${name.padEnd(42)} ${figure(quantile(times, 0.5))} ms`);
    rows.push({ name, times });
  }
  return [
    stores.about,
    table(
      [
        { head: 'question', cell: (row) => row.name },
        { head: 'median, ms', cell: (row) => figure(quantile(row.times, 0.5)) },
        { head: 'slowest, ms', cell: (row) => figure(Math.max(...row.times)) },
      ],
      rows,
    ),
    'Sought: 200 ms at most for 24h and all. Their plans, without what was never executed:',
    ...(await Promise.all(
      (['24h', 'all'] as const).map(
        async (window) => `\`\`\`\npopular, ${window}\n${await planOf(pool, popularIn(window))}\n\`\`\``,
      ),
    )),
  ];
}

/** How PostgreSQL goes about a question, as text. */
async function planOf(pool: Pool, ask: (posts: Posts) => Promise<unknown>): Promise<string> {
  let lines: string[] = [];
  const explain = async ({ text, values }: { text: string; values: unknown[] }) => {
    const { rows } = await pool.query<{ 'QUERY PLAN': string }>({
      text: `explain (analyze, costs off, buffers off, summary off) ${text}`,
      values,
    });
    lines = rows.map((row) => row['QUERY PLAN']);
    return { rows: [] };
  };
  await ask(createPosts({ query: explain } as unknown as Pool));
  const noise = /never executed|^ *(Storage|Index Searches|Batches|Heap Fetches|InitPlan|CTE Scan)/;
  return lines
    .filter((line) => !noise.test(line))
    .join('\n')
    .replaceAll(/ loops=1\)/g, ')')
    .replace(/'\{1,2,3,4,[\d,]+\}'::bigint\[\]/g, "'{…}'");
}

function fill(url: string, count: number, say: Bench['say']): Promise<void> {
  const sql = (name: string) => readFileSync(new URL(`../sql/posts-${name}.sql`, import.meta.url), 'utf8');
  return withClient(url, async (client) => {
    await client.query(sql('posts'), [count]);
    say(`  ${count} posts`);
    const withoutIndexes = async (names: string[], work: () => Promise<unknown>) => {
      const { rows } = await client.query<{ ddl: string }>(sql('indexes'), [names]);
      for (const name of names) {
        const constraint = `alter table like_state drop constraint ${name}`;
        await client.query(name.endsWith('_pkey') ? constraint : `drop index ${name}`);
      }
      await work();
      for (const { ddl } of rows) await client.query(ddl);
    };
    // Row by row into indexes of this size takes many minutes.
    await withoutIndexes(['like_state_pkey', 'like_state_liked_at', 'like_state_of_post'], () =>
      client.query(sql('likes'), [count, likesPerPost, new Date()]),
    );
    say(`  ${count * likesPerPost} likes`);
    await withoutIndexes(['like_count_rank'], () => client.query(sql('like-counts')));
    await client.query('vacuum (analyze)');
  });
}
