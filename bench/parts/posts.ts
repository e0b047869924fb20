import { readFileSync } from 'node:fs';
import { popularSince, popularWindows } from '@event-tracker/domain';
import { createPool, createPosts } from '@event-tracker/storage';
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
  const read = createPosts(pool);
  const questions = new Map<string, () => Promise<unknown>>([
    ...popularWindows.map((window): [string, () => Promise<unknown>] => [
      `popular, ${window}`,
      () => read.popular(popularSince(window, Date.now()), limit),
    ]),
    ['search, a hashtag of 100 posts', () => read.search('tag 7', limit)],
    ['search, a hashtag of a tenth of the posts', () => read.search('hot', limit)],
  ]);
  const rows: { name: string; times: number[] }[] = [];
  for (const [name, ask] of questions) {
    const times: number[] = [];
    for (let round = 0; round < 2 * bench.rounds; round += 1) {
      const began = performance.now();
      await ask();
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
    'Sought: 200 ms at most for 24h and all.',
  ];
}

function fill(url: string, count: number, say: Bench['say']): Promise<void> {
  const sql = (name: string) => readFileSync(new URL(`../sql/posts-${name}.sql`, import.meta.url), 'utf8');
  return withClient(url, async (client) => {
    await client.query(sql('posts'), [count]);
    say(`  ${count} posts`);
    // Row by row into indexes of this size takes many minutes.
    const indexes = await client.query<{ ddl: string }>(sql('indexes'));
    await client.query('alter table like_state drop constraint like_state_pkey');
    await client.query('drop index like_state_liked_at');
    await client.query(sql('likes'), [count, likesPerPost, new Date()]);
    for (const { ddl } of indexes.rows) await client.query(ddl);
    say(`  ${count * likesPerPost} likes`);
    await client.query(sql('like-counts'));
    await client.query('vacuum (analyze)');
  });
}
