import { type Batch, shardOf } from '@event-tracker/domain';
import type { Pool } from 'pg';
import { aBatch } from './test-system.ts';

const shards = 8;

/** A batch of a search for each of these keywords. */
export function searchesFor(keywords: readonly string[]): Batch {
  const batch = aBatch(keywords.length);
  batch.events.forEach((event, at) => {
    Object.assign(event, { eventType: 'SEARCH', componentId: 1001, keyword: keywords[at] });
  });
  return batch;
}

export const shardOfKeyword = (keyword: string) => shardOf(`keyword:${keyword}`, shards);

/** So many keywords, of every shard as many, or of those that are given. */
export function keywordsOf(count: number, name: string, of?: (shard: number) => boolean): string[] {
  const keywords: string[] = [];
  for (let at = 0; keywords.length < count; at += 1) {
    const keyword = `${name} ${at}`;
    if (of === undefined ? shardOfKeyword(keyword) === keywords.length % shards : of(shardOfKeyword(keyword)))
      keywords.push(keyword);
  }
  return keywords;
}

/** How often each of the keywords was counted. */
export async function countsOf(pool: Pool, keywords: readonly string[]): Promise<number[]> {
  const { rows } = await pool.query<{ count: string }>(
    `select coalesce(sum(count), 0) as count
     from unnest($1::text[]) with ordinality as wanted (keyword, at)
     left join statistic using (keyword)
     group by at, keyword order by at`,
    [keywords],
  );
  return rows.map(({ count }) => Number(count));
}
