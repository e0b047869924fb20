-- Adds producers that were not heard of for $1 milliseconds, of which everything acknowledged was received, and nothing
-- waits to be entered, to one row of totals, that of the nil UUID. $2 producers at most
with gone as (
  delete from producer
  where producer_id in (
    select producer_id
    from producer
    where producer_id <> '00000000-0000-0000-0000-000000000000'
      and seen_at < now() - $1::float8 * interval '1 millisecond'
      and received >= acknowledged
      and not exists (select from pending_entry where pending_entry.producer_id = producer.producer_id)
    order by producer_id
    limit $2
    for update skip locked
  )
  returning acknowledged, received, stored, duplicate, dead
)
insert into producer (producer_id, acknowledged, received, stored, duplicate, dead)
select
  '00000000-0000-0000-0000-000000000000', sum(acknowledged), sum(received), sum(stored), sum(duplicate), sum(dead)
from gone
having count(*) > 0
on conflict (producer_id) do update set
  acknowledged = producer.acknowledged + excluded.acknowledged,
  received = producer.received + excluded.received,
  stored = producer.stored + excluded.stored,
  duplicate = producer.duplicate + excluded.duplicate,
  dead = producer.dead + excluded.dead,
  seen_at = now()
