-- $1 first day, $2 last day: the daily partitions of both, and of all between them, in every partitioned table
-- One process at a time: each holds the parents from its first partition on, so two with other days would deadlock.
with alone as materialized (select pg_advisory_xact_lock(hashtext('event_tracker.partitions')))
select make_partition(parent, key, day::date)
from alone
cross join generate_series($1::date, $2::date, interval '1 day') as day
cross join (values ('event', 'occurred_at'), ('statistic', 'minute'), ('subject_count_minute', 'bucket'))
  as partitioned (parent, key)
