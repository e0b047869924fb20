-- About how many events wait on the durable lane: exact up to $2 jobs, beyond that by those and by pg-boss's own count
-- of jobs, which is seconds old. $1 the lane's name
select (coalesce(avg(events), 0) * greatest(count(*), case when count(*) = $2::int then max(queued) end))::bigint as events
from (
  select split_part(singleton_key, '.', 2)::int as events
  from pgboss.job where name = $1 and state < 'active' limit $2::int
) job, (select coalesce(max(queued_count), 0) as queued from pgboss.queue where name = $1) queue
