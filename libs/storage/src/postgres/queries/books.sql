-- The books, in events, all as of one moment: what was added up of the commits, what waits to be, the rows of `event`, and
-- what of the jobs on the lanes is not committed.
-- $1 batch ids on the lanes, $2 their numbers of events; $3 producers, $4 what they had acknowledged before the lanes
-- were read. A producer that was added to the totals since owes nothing, nor do the totals (the nil UUID). $5 whether the
-- rows of the last two days are counted again, whatever was counted of them.
with books as (
  select
    coalesce(sum(received), 0)::bigint as received,
    coalesce(sum(stored), 0)::bigint as stored,
    coalesce(sum(duplicate), 0)::bigint as duplicate,
    coalesce(sum(dead), 0)::bigint as dead
  from producer
),
waiting as materialized (
  select producer_id, hour, received, stored from pending_entry
),
owed as (
  select coalesce(sum(greatest(
    said.acknowledged - producer.received - coalesce(waiting_of.received, 0), 0)), 0)::bigint as uncommitted
  from unnest($3::uuid[], $4::bigint[]) as said (producer_id, acknowledged)
  join producer on producer.producer_id = said.producer_id
  left join (
    select producer_id, sum(received) as received from waiting group by producer_id
  ) as waiting_of on waiting_of.producer_id = said.producer_id
  where said.producer_id <> '00000000-0000-0000-0000-000000000000'
),
on_lanes as (
  select coalesce(sum(event_count), 0)::bigint as events
  from unnest($1::uuid[], $2::bigint[]) as job (batch_id, event_count)
  where not exists (select from batch where batch.batch_id = job.batch_id)
),
-- What is counted now. Its bounds are made here, once.
span as materialized (
  select begins, ends, difference from open_span where not ($5 and day between (now() at time zone 'UTC')::date - 1 and (now() at time zone 'UTC')::date)
  union all
  select
    day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC', coalesce(event_check.difference, 0)
  from unnest(array[(now() at time zone 'UTC')::date - 1, (now() at time zone 'UTC')::date]) as day
  left join event_check using (day)
  where $5
),
counted as (
  select coalesce(sum(
    of_span.rows
    - (select coalesce(sum(stored), 0) from waiting where hour >= span.begins and hour < span.ends)
    - (select coalesce(sum(stored), 0) from event_hour where hour >= span.begins and hour < span.ends)
    - span.difference
  ), 0)::bigint as beyond
  from span
  -- One partition a span is opened: the bounds prune the others.
  cross join lateral (
    select count(*) as rows from event where occurred_at >= span.begins and occurred_at < span.ends
  ) as of_span
)
select
  books.received + waiting_received as received, stored, duplicate, dead, uncommitted,
  on_lanes.events as "onLanes", waiting_received as "waiting",
  (
    (select coalesce(sum(stored), 0) from event_hour) + (select coalesce(sum(difference), 0) from event_check) + beyond
  )::bigint as rows
from books, owed, on_lanes, counted,
  (select coalesce(sum(received), 0)::bigint as waiting_received from waiting) as all_waiting
