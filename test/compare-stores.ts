import type { Redis } from 'ioredis';
import type pg from 'pg';

/**
 * Differences between the levels of the ledger, and between the ledger and the views; none when all is well. Each is a
 * line for people. `since` (ms since the epoch): the views hold nothing older.
 */
export async function differences(database: pg.Client, redis: Redis, since: number): Promise<string[]> {
  const found: string[] = [];
  for (const [title, query] of Object.entries(ledgerQueries)) {
    const { rows } = await database.query(query);
    for (const row of rows) found.push(`${title}: ${JSON.stringify(row)}`);
  }
  const shown = await readViews(redis);
  const { rows } = await database.query<{ key: string; subject: string; count: string }>(viewQuery, [since]);
  for (const { key, subject, count } of rows) {
    const inView = shown.get(`${key} ${subject}`);
    if (inView !== Number(count)) found.push(`view ${key} ${subject}: ${inView} instead of ${count}`);
    shown.delete(`${key} ${subject}`);
  }
  for (const [member, count] of shown) found.push(`view ${member}: ${count} of nothing in the ledger`);
  return found;
}

const ledgerQueries = {
  'statistic is not the count of the events': `
    select coalesce(s.key, e.key) as key, s.count as statistic, e.count as events
    from (
      select concat_ws(' ', minute, event_type, component_id, keyword, post_id) as key, sum(count) as count
      from statistic where event_type not in ('LIKE', 'UNLIKE') group by 1
    ) s
    full join (
      select concat_ws(' ', date_trunc('minute', occurred_at), event_type, component_id, keyword, post_id) as key,
        count(*) as count
      from event where event_type not in ('LIKE', 'UNLIKE') group by 1
    ) e using (key)
    where s.count is distinct from e.count`,
  'the levels of the subject counts differ': `
    select * from (
      select event_type, subject, grain, sum(count) as count from subject_count group by 1, 2, 3
    ) levels
    where count <> (
      select sum(count) from subject_count m
      where m.grain = 'minute' and m.event_type = levels.event_type and m.subject = levels.subject
    )`,
  'the subject counts are not the statistic': `
    select * from (
      select event_type, minute, sum(count) as fine from statistic group by 1, 2
    ) f
    full join (
      select event_type, bucket as minute, sum(count) as coarse from subject_count where grain = 'minute' group by 1, 2
    ) c using (event_type, minute)
    where fine is distinct from coarse`,
  'likes that took effect are not the likes that stand': `
    select * from (
      select post_id, sum(case event_type when 'LIKE' then count else -count end) as net
      from statistic where event_type in ('LIKE', 'UNLIKE') group by 1
    ) s
    full join (select post_id, count(*) as standing from post_like group by 1) l using (post_id)
    where coalesce(net, 0) <> coalesce(standing, 0)`,
  'like_count is not the likes that stand': `
    select * from (select post_id, likes from like_count where likes <> 0) c
    full join (select post_id, count(*) as standing from post_like group by 1) l using (post_id)
    where coalesce(likes, 0) <> coalesce(standing, 0)`,
  'an event is stored twice': `select event_id, count(*) from event group by 1 having count(*) > 1`,
};

const viewQuery = `
  select format('%s:%s:%s', event_type, grain, to_char(bucket at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI')) as key,
    subject, count
  from subject_count
  where grain <> 'day' and bucket >= to_timestamp($1::float8 / 1000)`;

async function readViews(redis: Redis): Promise<Map<string, number>> {
  const shown = new Map<string, number>();
  for (const key of await redis.keys('view:*')) {
    const [, name] = /^view:\{\w+\}:(\w+:(?:minute|hour):.*)$/.exec(key) ?? [];
    if (name === undefined) continue;
    const members = await redis.zrange(key, 0, '-1', 'WITHSCORES');
    for (let at = 0; at < members.length; at += 2)
      shown.set(`${name} ${members[at]}`, Number(members[at + 1]));
  }
  return shown;
}
