-- The books without the rows that stand for them, which take longer to count: for those who ask again and again.
-- $1 batch ids on the lanes, $2 their numbers of events; $3 producers, $4 what they had acknowledged before the lanes
-- were read. A producer that was added to the totals since owes nothing, nor do the totals (the nil UUID).
with books as (
  select
    coalesce(sum(received), 0)::bigint as received,
    coalesce(sum(stored), 0)::bigint as stored,
    coalesce(sum(duplicate), 0)::bigint as duplicate,
    coalesce(sum(dead), 0)::bigint as dead
  from producer
),
waiting as materialized (
  select producer_id, received from pending_entry
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
)
select
  books.received + waiting_received as received, stored, duplicate, dead, uncommitted,
  on_lanes.events as "onLanes", waiting_received as "waiting"
from books, owed, on_lanes,
  (select coalesce(sum(received), 0)::bigint as waiting_received from waiting) as all_waiting
