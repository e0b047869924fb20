-- A producer's heartbeat. $1 producer_id, $2 how many events it has acknowledged
insert into producer (producer_id, acknowledged, received, stored, duplicate, dead)
values ($1, $2, 0, 0, 0, 0)
on conflict (producer_id) do update set
  acknowledged = greatest(producer.acknowledged, excluded.acknowledged),
  seen_at = now()
