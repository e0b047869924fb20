-- Of these events, those that are stored, and those of a day without a partition: of them nobody can say it any more.
-- $1 event ids, $2 occurred_at in milliseconds since the epoch; arrays of equal length. An hour's span at a time is read,
-- which the index by time narrows down.
with asked as materialized (
  select event_id, to_timestamp(occurred_at / 1000.0::float8) as at
  from unnest($1::uuid[], $2::bigint[]) as given (event_id, occurred_at)
),
span as materialized (
  select min(at) as first, max(at) as last from asked group by date_trunc('hour', at)
),
kept_day as materialized (
  select partition_day(partition.relname::text) as day
  from pg_inherits
  join pg_class as partition on partition.oid = inhrelid
  where inhparent = 'event'::regclass
)
select asked.event_id as "eventId", true as stored
from span
cross join lateral (
  select event_id from event where occurred_at between span.first and span.last
) as found
join asked on asked.event_id = found.event_id
union all
select event_id, false
from asked
where (at at time zone 'UTC')::date not in (select day from kept_day where day is not null)
