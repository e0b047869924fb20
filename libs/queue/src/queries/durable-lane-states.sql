-- Batches of the durable lane that are not completed, by their state. $1 the lane's name
select
  count(*) filter (where state = 'created')::int as waiting,
  count(*) filter (where state = 'active')::int as held,
  count(*) filter (where state in ('retry', 'failed', 'cancelled'))::int as failed
from pgboss.job where name = $1 and state <> 'completed'
