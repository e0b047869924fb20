-- The books, in events, all as of one moment: what the commits entered, the rows that stand for it, and what of the
-- jobs on the lanes is not committed.
-- $1 batch ids on the lanes, $2 their numbers of events; $3 producers, $4 what they had acknowledged before the lanes
-- were read. A producer that was folded into the totals since owes nothing, nor do the totals (the nil UUID).
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
),
today as materialized (
  select date_trunc('day', now(), 'UTC') as begins, (date_trunc('day', now(), 'UTC') at time zone 'UTC')::date as day
),
-- The days before today that `event` has partitions of, and no count is kept of. Their bounds are made here, once.
open_day as materialized (
  select day::timestamp at time zone 'UTC' as begins, (day + 1)::timestamp at time zone 'UTC' as ends
  from (
    select partition_day(partition.relname::text) as day
    from pg_inherits
    join pg_class as partition on partition.oid = inhrelid
    where inhparent = 'event'::regclass
    except
    select day from event_day where rows is not null
  ) as uncounted
  where day < (select day from today)
),
counted as (
  select coalesce(sum(rows), 0)::bigint as rows
  from (
    select rows from event_day where rows is not null and day < (select day from today)
    union all
    -- Stored once, and dropped with their partition since.
    select sum(dropped) from event_day
    union all
    select of_day.rows
    from open_day
    -- One partition a day is opened: the bounds prune the others.
    cross join lateral (
      select count(*) as rows from event where occurred_at >= open_day.begins and occurred_at < open_day.ends
    ) as of_day
    union all
    select (select count(*) from event where occurred_at >= (select begins from today))
  ) as days
)
select received, stored, duplicate, dead, uncommitted, in_flight as "inFlight", rows
from books, owed, on_lanes, counted
