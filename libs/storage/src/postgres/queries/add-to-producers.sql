-- The books of the processes that made these batches.
-- $1 producer_id, $2 acknowledged (absolute), $3 received, $4 stored, $5 duplicate, $6 dead (added)
insert into producer (producer_id, acknowledged, received, stored, duplicate, dead)
select producer_id, acknowledged, received, stored, duplicate, dead
from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
  as new (producer_id, acknowledged, received, stored, duplicate, dead)
order by producer_id
on conflict (producer_id) do update set
  acknowledged = greatest(producer.acknowledged, excluded.acknowledged),
  received = producer.received + excluded.received,
  stored = producer.stored + excluded.stored,
  duplicate = producer.duplicate + excluded.duplicate,
  dead = producer.dead + excluded.dead,
  seen_at = now()
