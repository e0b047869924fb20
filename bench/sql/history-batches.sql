-- The rows of batches of 500 events, with UUIDs of version 7 as the API makes them.
-- $1 start of five minutes, $2 number of events in it
insert into batch (batch_id, committed_at, event_count)
select
  (lpad(to_hex((extract(epoch from committed_at) * 1000)::bigint), 12, '0')
    || '7' || substr(noise, 1, 3) || '8' || substr(noise, 4, 15))::uuid,
  committed_at, 500
from (
  select
    $1::timestamptz + n * (interval '5 minutes' / ($2::integer / 500)) as committed_at,
    md5(random()::text) as noise
  from generate_series(0, $2::integer / 500 - 1) as n
) as made
