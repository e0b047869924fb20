-- The days, as dates, of the counts that wait in a shard. $1 shard
select distinct to_char(to_timestamp(minute * 60::float8) at time zone 'UTC', 'YYYY-MM-DD') as day
from pending_change
cross join lateral (
  select unnest(count_minutes) as minute
  union all
  select (at / 60000)::integer from unnest(like_times) as at
) as minutes
where shard = $1
order by day
