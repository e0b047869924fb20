-- $1 first day, $2 last day: the daily partitions of both, and of all between them, in every partitioned table
select make_partition(parent, key, day::date)
from generate_series($1::date, $2::date, interval '1 day') as day
cross join (values ('event', 'occurred_at'), ('statistic', 'minute'), ('subject_count_minute', 'bucket'))
  as partitioned (parent, key)
