-- What waits on the durable lane. $1 the lane's name, $2 how many jobs are counted one by one, oldest first
-- waiting: about how many events no worker has taken; beyond $2 jobs by those and by pg-boss's own count, seconds old
-- oldestSeconds: the age of the oldest job that is not completed, waiting or taken; null when there is none
with counted as materialized (
  select split_part(singleton_key, '.', 2)::int as events, created_on
  from pgboss.job where name = $1 and state < 'active' and not blocked
  order by priority desc, created_on limit $2::int
), waits as (
  select count(*) as jobs, coalesce(avg(events), 0) as mean, min(created_on) as oldest from counted
), taken as (
  select min(created_on) as oldest from pgboss.job where name = $1 and state = 'active'
), told as (
  select coalesce(max(queued_count), 0) as jobs from pgboss.queue where name = $1
)
select (waits.mean * greatest(waits.jobs, case when waits.jobs = $2::int then told.jobs end))::bigint as waiting,
  extract(epoch from now() - least(waits.oldest, taken.oldest))::float8 as "oldestSeconds"
from waits, taken, told
