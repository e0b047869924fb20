import type { RecentKeyword } from '@event-tracker/domain';
import type { Pool } from './pool.ts';
import { statement } from './sql.ts';

const pageOfRecentKeywords = statement('page-of-recent-keywords');
const recentKeywordsOfUser = statement('recent-keywords-of-user');
const rowsPerPage = 10_000;

interface RecentKeywordRow {
  user_id: number;
  keyword: string;
  occurred_at: number;
}

/** The latest search of each user and keyword since `since` (ms since the epoch), by pages. */
export async function* recentSearches(pool: Pool, since: number): AsyncGenerator<RecentKeyword[]> {
  let user = 0;
  let limit = rowsPerPage;
  for (;;) {
    const { rows } = await pool.query<RecentKeywordRow>({
      ...pageOfRecentKeywords,
      values: [since, user, limit],
    });
    yield rows.map((row) => ({ userId: row.user_id, keyword: row.keyword, occurredAt: row.occurred_at }));
    if (rows.length < limit) return;
    const next = rows.at(-1)!.user_id;
    // A user with more keywords than a page holds would come again for ever.
    limit = next === user ? limit * 2 : rowsPerPage;
    user = next;
  }
}

/** A user's keywords since `since` (ms since the epoch), latest first. */
export async function readRecentKeywords(
  pool: Pool,
  userId: number,
  since: number,
  limit: number,
): Promise<string[]> {
  const { rows } = await pool.query<{ keyword: string }>({
    ...recentKeywordsOfUser,
    values: [userId, since, limit],
  });
  return rows.map((row) => row.keyword);
}
