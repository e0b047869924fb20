-- The books without the rows that stand for them, which take long to count: for those who ask again and again.
-- $1 batch ids on the lanes, $2 their numbers of events; $3 producers, $4 what they had acknowledged before the lanes
-- were read, as in books.sql
with books as (
  select
    coalesce(sum(received), 0)::bigint as received,
    coalesce(sum(stored), 0)::bigint as stored,
    coalesce(sum(duplicate), 0)::bigint as duplicate,
    coalesce(sum(dead), 0)::bigint as dead
  from producer
),
owed as (
  select coalesce(sum(greatest(said.acknowledged - producer.received, 0)), 0)::bigint as uncommitted
  from unnest($3::uuid[], $4::bigint[]) as said (producer_id, acknowledged)
  join producer on producer.producer_id = said.producer_id
  where said.producer_id <> '00000000-0000-0000-0000-000000000000'
),
on_lanes as (
  select coalesce(sum(event_count), 0)::bigint as in_flight
  from unnest($1::uuid[], $2::bigint[]) as job (batch_id, event_count)
  where not exists (select from batch where batch.batch_id = job.batch_id)
)
select received, stored, duplicate, dead, uncommitted, in_flight as "inFlight" from books, owed, on_lanes
