-- The days that are over for longer than $1 milliseconds and have no count: first those that never had one, then the others in
-- any order, so that one which late events come to again and again does not keep the rest waiting.
select to_char(day, 'YYYY-MM-DD') as day
from (
  select partition_day(partition.relname::text) as day
  from pg_inherits
  join pg_class as partition on partition.oid = inhrelid
  where inhparent = 'event'::regclass
) as partition
where (day + 1)::timestamp at time zone 'UTC' < now() - $1::float8 * interval '1 millisecond'
  and not exists (select from event_day where event_day.day = partition.day and event_day.rows is not null)
order by exists (select from event_day where event_day.day = partition.day), random()
